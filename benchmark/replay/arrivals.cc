#include "benchmark/replay/arrivals.h"

#include <cstddef>
#include <stdexcept>
#include <thread>

#include "benchmark/replay/world.h"

namespace ffdl::benchmarks {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 120s;

}  // namespace

void Arrivals::Note(const ReplayApi::Write& write) {
  const std::scoped_lock lock(mutex_);
  ++count_;
  const std::size_t at = write.body.find("job-");
  if (at == std::string::npos) return;
  const std::string name = write.body.substr(at, World::NameOf(0).size());
  const bool status = write.path.ends_with("/status");
  const bool ended = write.body.find("\"Completed\"") != std::string::npos;
  first_.try_emplace(name + (!status ? " child" : ended ? " end" : " status"), write.received);
}

std::optional<SteadyTime> Arrivals::First(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  const auto it = first_.find(key);
  if (it == first_.end()) return std::nullopt;
  return it->second;
}

SteadyTime Arrivals::Await(const std::string& key) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < until) {
    if (const auto at = First(key)) return *at;
    std::this_thread::sleep_for(1ms);
  }
  throw std::runtime_error("the operator did not write: " + key);
}

int Arrivals::count() {
  const std::scoped_lock lock(mutex_);
  return count_;
}

}  // namespace ffdl::benchmarks
