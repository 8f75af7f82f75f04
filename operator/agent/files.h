// Files, without streams and locales: these programs run in containers of any image and must stay
// small.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "operator/agent/result.h"

namespace ffdl::agent {

// Owns a file descriptor; closed on destruction.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { Close(); }
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      Close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  void Close();

 private:
  int fd_ = -1;
};

// 0, or the errno value of what went wrong; then a part may have been written.
[[nodiscard]] int WriteAll(int fd, std::string_view bytes);

// The folder and its parents; all well if they exist.
[[nodiscard]] Result<void> MakeDirectories(const std::string& path, mode_t mode);

// Whole or not at all, also when the machine fails: a temporary name, flushed, then renamed.
[[nodiscard]] Result<void> WriteFileDurably(const std::string& path, std::string_view content,
                                            mode_t mode);

// In place, because a termination log is a mount and cannot be replaced.
[[nodiscard]] Result<void> OverwriteFile(const std::string& path, std::string_view content);

// The first `bytes_max` bytes.
[[nodiscard]] Result<std::string> ReadFile(const std::string& path, std::size_t bytes_max);

// Symbolic links are followed; `to` appears whole or not at all, unless the machine fails: setup
// copies anew then, and a flush for each of many files takes minutes.
[[nodiscard]] Result<void> CopyFile(const std::string& from, const std::string& to, mode_t mode);

[[nodiscard]] bool Exists(const std::string& path);
// A directory in which files can be made.
[[nodiscard]] bool CanWriteIn(const std::string& path);

}  // namespace ffdl::agent
