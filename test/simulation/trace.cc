#include "test/simulation/trace.h"

namespace ffdl::simulation {

void Trace::Add(std::string_view who, std::string_view what) {
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.Steady() - began_at_).count();
  lines_.push_back(fmt::format("{:02}:{:02}:{:02}.{:03}  {:<20} {}", ms / 3'600'000,
                               ms / 60'000 % 60, ms / 1000 % 60, ms % 1000, who, what));
}

}  // namespace ffdl::simulation
