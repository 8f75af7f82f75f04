#include "k8s-client/runtime/random.h"

#include <random>

namespace ffdl::k8s {

std::uint64_t Random::Next() {
  // SplitMix64 (Steele, Lea, Flood 2014): its state is a counter, so one atomic addition makes it
  // thread-safe.
  constexpr std::uint64_t kGamma = 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state_.fetch_add(kGamma, std::memory_order_relaxed) + kGamma;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

std::chrono::milliseconds Random::Between(std::chrono::milliseconds lowest,
                                          std::chrono::milliseconds highest) {
  if (highest <= lowest) return lowest;
  const auto span = static_cast<std::uint64_t>((highest - lowest).count()) + 1;
  return lowest + std::chrono::milliseconds(Next() % span);
}

std::uint64_t SystemSeed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace ffdl::k8s
