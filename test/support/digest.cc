#include "test/support/digest.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "crds/v1/conditions.h"
#include "crds/v1/names.h"

namespace ffdl::test {
namespace {

using Json = nlohmann::json;

// Whether learners may still have run, or begun to, when the job ended.
bool EndedBesideOthers(const Json& status) {
  if (status.value("state", "") == "Failed") return true;
  const Json conditions = status.value("conditions", Json::array());
  return std::ranges::any_of(conditions, [](const Json& condition) {
    return condition.at("reason") == v1::reason::kMasterSucceeded ||
           condition.at("reason") == v1::reason::kAnyLearnerSucceeded;
  });
}

std::string JobLine(const Json& job, bool attempts) {
  // A job that nobody has looked at has no status.
  const Json status = job.value("status", Json::object());
  const Json& metadata = job.at("metadata");
  Json learners = status.value("learners", Json::object());
  // Names and times of single pods, and what was told of each learner, which the counts sum up.
  for (const char* differs : {"podsDigest", "podsVersion", "podsOf", "podsCreated", "selector",
                              "toldTime", "phases", "details"}) {
    learners.erase(differs);
  }
  if (EndedBesideOthers(status)) {
    // Which of the others ran at that moment is chance, and some may never have.
    for (const char* differs : {"ready", "summary"}) learners.erase(differs);
  }
  std::string line =
      fmt::format("{} state={} current={} learners={}\n", metadata.at("name").get<std::string>(),
                  status.value("state", ""),
                  status.value("observedGeneration", -1) == metadata.at("generation").get<int>(),
                  learners.dump());
  if (attempts) {
    line += fmt::format("  attempt={} restarts={} failure={}\n", status.value("attempt", 0),
                        status.value("restarts", 0),
                        status.value("failure", Json::object()).value("message", ""));
    for (const Json& one : status.value("learnerRestarts", Json::array())) {
      line += fmt::format("  learner {} restarts={} {}\n", one.at("learner").get<int>(),
                          one.at("restarts").get<int>(), one.value("reason", ""));
    }
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

std::string ChildLine(std::string_view kind, const Json& child, const std::string& more) {
  const Json& metadata = child.at("metadata");
  return fmt::format("{} {}{}{}\n", kind, metadata.at("name").get<std::string>(), more,
                     metadata.contains("deletionTimestamp") ? " (being deleted)" : "");
}

std::string AttemptOf(const Json& pod) {
  return pod.at("metadata")
      .value("labels", Json::object())
      .value(std::string(v1::kAttemptLabel), "");
}

// Whether others have changed it since the operator last did. One without learners is left so until
// it gets some.
bool IsEdited(const Json& set) {
  const Json& metadata = set.at("metadata");
  const std::string ours = metadata.value("annotations", Json::object())
                               .value(std::string(v1::kGenerationAnnotation), "0");
  return set.at("spec").at("replicas") > 0 && metadata.at("generation") > std::stoi(ours);
}

}  // namespace

std::string DigestOf(const JobsAndChildren& end, bool attempts) {
  std::string digest;
  for (const Json& job : end.jobs) digest += JobLine(job, attempts);
  for (const Json& service : end.services) {
    const bool finds_all = service.at("spec").value("publishNotReadyAddresses", false);
    digest += ChildLine("Service", service, finds_all ? "" : " only of those that are ready");
  }
  for (const Json& claim : end.claims) digest += ChildLine("PersistentVolumeClaim", claim, "");
  for (const Json& policy : end.network_policies) {
    digest += ChildLine("NetworkPolicy", policy, " " + policy.at("spec").dump());
  }
  for (const Json& budget : end.disruption_budgets) {
    digest += ChildLine("PodDisruptionBudget", budget, " " + budget.at("spec").dump());
  }
  for (const Json& set : end.stateful_sets) {
    digest += ChildLine("StatefulSet", set,
                        fmt::format(" replicas={}{}", set.at("spec").at("replicas").get<int>(),
                                    IsEdited(set) ? " edited" : ""));
  }
  for (const Json& pod : end.pods) {
    digest += ChildLine("Pod", pod, attempts ? " attempt=" + AttemptOf(pod) : "");
  }
  return digest;
}

}  // namespace ffdl::test
