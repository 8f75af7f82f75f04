#include "operator/controller/process_metrics.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string_view>

namespace ffdl::server {
namespace {

void Append(std::string& text, std::string_view name, std::string_view kind, std::string_view help,
            double value) {
  text += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n{0} {3}\n", name, kind, help, value);
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void AppendMemory(std::string& text) {
  std::ifstream statm("/proc/self/statm");
  long total = 0;
  long resident = 0;
  if (!(statm >> total >> resident)) return;
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  Append(text, "process_virtual_memory_bytes", "gauge", "Virtual memory.",
         static_cast<double>(total) * page);
  Append(text, "process_resident_memory_bytes", "gauge", "Resident memory.",
         static_cast<double>(resident) * page);
}

void AppendOpenFiles(std::string& text) {
  std::error_code failed;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator it("/proc/self/fd", failed), end; !failed && it != end;
       it.increment(failed)) {
    ++count;
  }
  if (!failed) {
    Append(text, "process_open_fds", "gauge", "Open file descriptors.", static_cast<double>(count));
  }
}

// Field 22 of /proc/self/stat, in clock ticks since the machine started (man 5 proc).
void AppendStartTime(std::string& text) {
  std::ifstream stat("/proc/self/stat");
  std::string line;
  std::getline(stat, line);
  const std::size_t name_end = line.rfind(')');
  std::ifstream uptime("/proc/stat");
  std::string key;
  double boot = 0;
  while (uptime >> key && key != "btime") uptime.ignore(4096, '\n');
  if (name_end == std::string::npos || !(uptime >> boot)) return;
  std::size_t at = name_end + 1;
  constexpr int kFieldsAfterName = 20;  // from field 3 up to field 22
  for (int field = 0; field < kFieldsAfterName && at != std::string::npos; ++field) {
    at = line.find(' ', at + 1);
  }
  if (at == std::string::npos) return;
  const double ticks = std::strtod(line.c_str() + at, nullptr);
  Append(text, "process_start_time_seconds", "gauge", "Start time, in seconds since 1970.",
         boot + ticks / static_cast<double>(sysconf(_SC_CLK_TCK)));
}

}  // namespace

std::string ProcessMetricsText() {
  std::string text;
  Append(text, "process_cpu_seconds_total", "counter", "User and system CPU time.", CpuSeconds());
  AppendMemory(text);
  AppendOpenFiles(text);
  AppendStartTime(text);
  text += "# HELP ffdl_build_info Version of the operator.\n# TYPE ffdl_build_info gauge\n";
  text += "ffdl_build_info{version=\"" FFDL_VERSION "\"} 1\n";
  return text;
}

}  // namespace ffdl::server
