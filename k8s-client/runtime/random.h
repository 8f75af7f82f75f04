#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace ffdl::k8s {

// Random numbers for spreading load, never for secrets. The same seed gives the same numbers, so
// that a simulated run can be repeated. Thread-safe.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t Next();

  // Evenly from [lowest, highest].
  std::chrono::milliseconds Between(std::chrono::milliseconds lowest,
                                    std::chrono::milliseconds highest);

 private:
  std::atomic<std::uint64_t> state_;
};

// A seed from the machine, different in every process.
[[nodiscard]] std::uint64_t SystemSeed();

}  // namespace ffdl::k8s
