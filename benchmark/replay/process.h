// The operator as a child process, and what the kernel knows of it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace ffdl::benchmarks {

class Process {
 public:
  // Starts it; its output goes to `log`. Throws std::runtime_error when it cannot be started.
  Process(const std::vector<std::string>& command, const std::string& log);
  // Ends it with SIGTERM, and with SIGKILL after ten seconds.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // User and system time so far.
  [[nodiscard]] double CpuMs() const;
  // One of the sizes of /proc/PID/status ("VmRSS", "RssAnon", "VmHWM"), in MiB; 0 when it has
  // ended.
  [[nodiscard]] double Mib(const std::string& size) const;

 private:
  pid_t pid_ = -1;
};

}  // namespace ffdl::benchmarks
