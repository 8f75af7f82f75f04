// Jobs that can come to nothing, for seeing what they cost the others.
#pragma once

#include <string>
#include <vector>

#include "benchmark/replay/api.h"
#include "benchmark/replay/world.h"

namespace ffdl::benchmarks {

inline constexpr int kPoisonJobs = 100;

// Half of them cannot be read; of the other half the server refuses every child.
class Poison {
 public:
  // Makes them known to `api`, which must outlive it.
  Poison(ReplayApi& api, const World& world);

  // The `number`th of endlessly many changes, each of one of them: an event line.
  [[nodiscard]] std::string Change(int number) const;

 private:
  ReplayApi& api_;
  std::vector<std::string> jobs_;
};

}  // namespace ffdl::benchmarks
