#include "test/simulation/sight.h"

#include <string>
#include <string_view>

#include "crds/v1/conditions.h"

namespace ffdl::simulation {
namespace {

using namespace nlohmann::literals;

bool IsRefused(const Json& status) {
  for (const Json& condition : status.value("conditions", Json::array())) {
    if (condition.at("type") != v1::condition::kReady) continue;
    const std::string reason = condition.at("reason");
    return reason == v1::reason::kRefused || reason == v1::reason::kNameTaken ||
           reason == v1::reason::kFrameworkUnknown;
  }
  return false;
}

// As many as the user has last asked for, as far as status knows of that.
bool AllRun(const Json& job) {
  const Json& status = job.at("status");
  return status.value("observedGeneration", -1) == job.at("metadata").at("generation") &&
         status.value("/learners/ready"_json_pointer, 0) == job.at("spec").at("learners");
}

std::string_view StateOf(Sight sight) {
  switch (sight) {
    case Sight::kProcessing:
      return "Processing";
    case Sight::kHalted:
      return "Halted";
    case Sight::kCompleted:
      return "Completed";
    case Sight::kNothing:
    case Sight::kAllRun:
    case Sight::kRefused:
    case Sight::kGone:
      break;
  }
  return "";
}

}  // namespace

bool Shows(const Json& job, Sight sight) {
  if (sight == Sight::kNothing) return true;
  if (sight == Sight::kGone) return job.is_null();
  if (job.is_null()) return false;
  const Json status = job.value("status", Json::object());
  if (sight == Sight::kRefused) return IsRefused(status);
  if (sight == Sight::kAllRun) return AllRun(job);
  const std::string state = status.value("state", "");
  // Whoever looks late sees only that it is over.
  return state == StateOf(sight) || state == "Completed";
}

}  // namespace ffdl::simulation
