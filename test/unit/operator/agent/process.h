// Real processes for tests: a temporary folder, and a child whose output and end are seen.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace ffdl::agent::test {

// Gone, with all that is in it, on destruction.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] std::string Path(const std::string& name = "") const;
  // Returns the path.
  std::string Write(const std::string& name, const std::string& content) const;

 private:
  std::filesystem::path path_;
};

[[nodiscard]] std::string ReadText(const std::string& path);

struct ProcessOptions {
  std::vector<std::string> command;
  std::map<std::string, std::string> environment;  // besides PATH
};

// A child process. Killed on destruction, if it still runs.
class Process {
 public:
  explicit Process(const ProcessOptions& options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void Signal(int signal) const;
  // Reads standard output until `text` has been seen in it; fails the test if it ends before.
  void AwaitOutput(const std::string& text);
  void AwaitError(const std::string& text);
  // Reads all output to its end and waits. Exit code, or 1000 + the signal that ended the process.
  int Wait();

  [[nodiscard]] const std::string& output() const { return output_; }
  [[nodiscard]] const std::string& error() const { return error_; }
  void CloseOutput();

 private:
  // False at the end of both streams.
  bool ReadSome();

  pid_t pid_ = -1;
  int output_fd_ = -1;
  int error_fd_ = -1;
  std::string output_;
  std::string error_;
};

}  // namespace ffdl::agent::test
