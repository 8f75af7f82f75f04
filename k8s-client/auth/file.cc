#include "k8s-client/auth/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace ffdl::k8s {
namespace {

Error FromErrno(const std::string& path, int number) {
  const ErrorCode code = number == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable;
  return Error{.code = code, .message = path + ": " + std::generic_category().message(number)};
}

// Reads to the end of the file, one byte more than allowed at most.
int ReadAll(int fd, std::size_t bytes_max, std::string& text) {
  constexpr std::size_t kStep = 4096;
  while (text.size() <= bytes_max) {
    const std::size_t before = text.size();
    text.resize(before + kStep);
    const ssize_t got = read(fd, text.data() + before, kStep);
    text.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got == 0) return 0;
    if (got < 0 && errno != EINTR) return errno;
  }
  return 0;
}

}  // namespace

Result<std::string> ReadSmallFile(const std::string& path, std::size_t bytes_max) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return unexpected<Error>(FromErrno(path, errno));
  std::string text;
  const int failure = ReadAll(fd, bytes_max, text);
  close(fd);
  if (failure != 0) return unexpected<Error>(FromErrno(path, failure));
  if (text.size() > bytes_max) {
    return Fail(ErrorCode::kInvalid,
                path + ": larger than " + std::to_string(bytes_max) + " bytes");
  }
  return text;
}

}  // namespace ffdl::k8s
