// When the operator's writes reached the replayed server.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "benchmark/replay/api.h"

namespace ffdl::benchmarks {

// When the first write of each kind arrived for each job, by "job what", where what is child,
// status or end: a status that says Completed. Thread-safe.
class Arrivals {
 public:
  void Note(const ReplayApi::Write& write);
  [[nodiscard]] std::optional<SteadyTime> First(const std::string& key);
  // Throws std::runtime_error when none comes within two minutes.
  [[nodiscard]] SteadyTime Await(const std::string& key);
  [[nodiscard]] int count();

 private:
  std::mutex mutex_;
  int count_ = 0;
  std::map<std::string, SteadyTime> first_;
};

}  // namespace ffdl::benchmarks
