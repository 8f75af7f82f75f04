#include "test/simulation/digest.h"

#include <fmt/format.h>

#include "crds/v1/names.h"
#include "test/simulation/actors/role.h"

namespace ffdl::simulation {
namespace {

std::string JobLine(const Stored& job, bool attempts) {
  const Json& status = job.object.at("status");
  const Json& metadata = job.object.at("metadata");
  std::string line =
      fmt::format("{} state={} current={} learners={}\n", job.key.name, status.value("state", ""),
                  status.value("observedGeneration", -1) == metadata.at("generation").get<int>(),
                  status.value("learners", Json::object()).dump());
  if (attempts) {
    line += fmt::format("  attempt={} restarts={} failure={}\n", status.value("attempt", 0),
                        status.value("restarts", 0),
                        status.value("failure", Json::object()).value("message", ""));
  }
  // The conditions of a finished job are never written again, whatever becomes of its spec.
  const bool finished = status.contains("completionTime");
  for (const Json& condition : status.value("conditions", Json::array())) {
    line += fmt::format(
        "  {}={} {} current={}\n", condition.at("type").get<std::string>(),
        condition.at("status").get<std::string>(), condition.at("reason").get<std::string>(),
        finished || condition.at("observedGeneration") == metadata.at("generation"));
  }
  return line;
}

std::string ChildLine(const Kind& kind, const Stored& child, bool attempts) {
  std::string line = fmt::format("{} {}", kind.name, child.key.name);
  if (&kind == &kStatefulSets) {
    line += fmt::format(" replicas={}", child.object.at("spec").at("replicas").get<int>());
  }
  if (&kind == &kPods && attempts) {
    line += " attempt=" +
            child.object.at("metadata").at("labels").value(std::string(v1::kAttemptLabel), "");
  }
  if (IsBeingDeleted(child.object)) line += " (being deleted)";
  return line + "\n";
}

}  // namespace

std::string DigestOf(const ObjectLog& log, bool attempts) {
  std::string digest;
  for (const auto& [key, job] : log.All(kTrainingJobs)) digest += JobLine(*job, attempts);
  for (const Kind* const kind : {&kServices, &kClaims, &kStatefulSets, &kPods}) {
    for (const auto& [key, child] : log.All(*kind)) digest += ChildLine(*kind, *child, attempts);
  }
  return digest;
}

}  // namespace ffdl::simulation
