#include "operator/object_store/file_body.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace ffdl::object_store {
namespace {

constexpr mode_t kFileMode = 0644;

tl::unexpected<Refusal> Local(std::string_view what, const std::string& path) {
  const char* const text = strerrordesc_np(errno);
  return tl::unexpected(Refusal{.kind = ErrorKind::kLocal,
                                .message = std::string(what) + " " + path + ": " +
                                           (text != nullptr ? text : "unknown error")});
}

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

FileBody::FileBody(const Download& download, Progress& progress)
    : download_(download), progress_(progress) {
  Expect(download.size.value_or(0));
}

FileBody::~FileBody() { Close(); }

void FileBody::Close() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

void FileBody::Expect(std::int64_t size) {
  progress_.total += size - std::exchange(expected_, size);
}

tl::expected<void, Refusal> FileBody::CheckSize(std::int64_t size, bool whole) const {
  const std::int64_t listed = download_.size.value_or(size);
  if (size > listed || (whole && size != listed)) {
    return tl::unexpected(
        Refusal{.kind = ErrorKind::kChanged,
                .message = "it has other bytes than the " + std::to_string(listed) + " listed"});
  }
  if (size > download_.bytes_max) {
    return tl::unexpected(
        Refusal{.kind = ErrorKind::kTooLarge,
                .message = "it has more than " + std::to_string(download_.bytes_max) + " bytes"});
  }
  return {};
}

tl::expected<void, Refusal> FileBody::Begin(std::optional<std::int64_t> length) {
  Close();
  progress_.bytes -= std::exchange(size_, 0);
  if (length) {
    if (auto right = CheckSize(*length, /*whole=*/true); !right) return right;
    Expect(*length);
  }
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg)
  fd_ = open(download_.part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode);
  if (fd_ < 0) return Local("create", download_.part);
  return {};
}

tl::expected<void, Refusal> FileBody::Take(std::string_view bytes) {
  const auto count = static_cast<std::int64_t>(bytes.size());
  size_ += count;
  progress_.bytes += count;
  if (auto right = CheckSize(size_, /*whole=*/false); !right) return right;
  if (!WriteAll(fd_, bytes)) return Local("write", download_.part);
  return {};
}

tl::expected<void, Refusal> FileBody::End() {
  Close();
  if (auto right = CheckSize(size_, /*whole=*/true); !right) return right;
  if (rename(download_.part.c_str(), download_.to.c_str()) != 0) {
    return Local("create", download_.to);
  }
  return {};
}

}  // namespace ffdl::object_store
