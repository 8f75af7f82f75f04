#include "test/e2e/harness/command.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <sstream>
#include <string_view>

namespace ffdl::e2e {
namespace {

// A file without a name. A child can write any amount to it and never waits for a reader.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view content = {}) : fd_(memfd_create("command", MFD_CLOEXEC)) {
    while (!content.empty()) {
      const ssize_t written = write(fd_, content.data(), content.size());
      if (written <= 0) break;
      content.remove_prefix(static_cast<std::size_t>(written));
    }
    lseek(fd_, 0, SEEK_SET);
  }
  ~MemoryFile() { close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  [[nodiscard]] std::string Read() const {
    std::string text;
    std::array<char, 65536> buffer{};
    while (true) {
      const ssize_t got = pread(fd_, buffer.data(), buffer.size(), static_cast<off_t>(text.size()));
      if (got <= 0) return text;
      text.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

std::string Join(const Words& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
  return line;
}

}  // namespace

std::ostream& operator<<(std::ostream& stream, const CommandResult& result) {
  stream << "$ " << result.command << '\n';
  if (!result.out.empty()) stream << result.out << '\n';
  if (!result.err.empty()) stream << "standard error: " << result.err << '\n';
  if (result.exit_code == CommandResult::kTimedOut) return stream << "did not end in time\n";
  return stream << "exit code " << result.exit_code << '\n';
}

std::string Describe(const CommandResult& result) {
  std::ostringstream text;
  text << result;
  return text.str();
}

CommandResult RunCommand(const Words& words, const CommandOptions& options) {
  const MemoryFile in(options.input);
  const MemoryFile out;
  const MemoryFile err;
  int exit_code = CommandResult::kTimedOut;
  {
    ChildProcess child(
        words,
        {.in = in.fd(), .out = out.fd(), .err = err.fd(), .environment = options.environment});
    exit_code = child.WaitFor(options.limit).value_or(CommandResult::kTimedOut);
  }
  return {.command = Join(words), .exit_code = exit_code, .out = out.Read(), .err = err.Read()};
}

}  // namespace ffdl::e2e
