#include "benchmark/replay/poison.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace ffdl::benchmarks {
namespace {

constexpr int kFirst = 800'000;  // beyond the numbers of other jobs

std::string Unreadable(const std::string& job) {
  nlohmann::json object = nlohmann::json::parse(job);
  object["spec"]["learners"] = "many";
  return object.dump();
}

}  // namespace

Poison::Poison(ReplayApi& api, const World& world) : api_(api) {
  api.RefuseNames(World::NameOf(kFirst).substr(0, World::NameOf(kFirst).find('0')));
  for (int i = 0; i < kPoisonJobs; ++i) {
    const std::string job = world.Job(kFirst + i, Stage::kNew);
    jobs_.push_back(i % 2 == 0 ? job : Unreadable(job));
    api.Put(fmt::format("/apis/ffdl.io/v1/namespaces/{}/trainingjobs/{}", kReplayNamespace,
                        World::NameOf(kFirst + i)),
            jobs_.back());
    api.Push("trainingjobs", EventLine("ADDED", WithVersion(jobs_.back(), api.NextVersion())));
  }
}

std::string Poison::Change(int number) const {
  const std::string& job = jobs_[static_cast<std::size_t>(number) % jobs_.size()];
  return EventLine("MODIFIED", WithVersion(job, api_.NextVersion()));
}

}  // namespace ffdl::benchmarks
