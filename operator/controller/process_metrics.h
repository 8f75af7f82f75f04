#pragma once

#include <string>

namespace ffdl::server {

// What dashboards expect of every process (process_cpu_seconds_total,
// process_resident_memory_bytes, process_open_fds, process_start_time_seconds), read from /proc,
// and ffdl_build_info; in the Prometheus text format. What cannot be read is left out.
[[nodiscard]] std::string ProcessMetricsText();

}  // namespace ffdl::server
