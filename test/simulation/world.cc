#include "test/simulation/world.h"

#include <fmt/format.h>

#include <algorithm>

namespace ffdl::simulation {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kLag{8'000};  // of a server that lags behind

server::Options OptionsOf(const RunSpec& spec) {
  server::Options options{.agent_image = "ffdl:1", .workers = 0};
  options.frameworks = spec.scenario->has_catalogue ? kCatalogue : "";
  if (spec.short_lease) return options;
  // Few renewals, because most of what a quiet hour costs to play are they.
  options.lease_duration = 75s;
  options.renew_deadline = 40s;
  options.retry_period = 30s;
  return options;
}

}  // namespace

World::World(const RunSpec& spec, bool trace)
    : random_(spec.seed),
      trace_(time_, trace),
      faults_(spec.plan, time_, trace_),
      options_(OptionsOf(spec)),
      oracle_(std::make_unique<Oracle>(stage_, options_.lease_duration)),
      scheduler_(stage_, spec.scenario->capacity_missing),
      kubelet_(stage_, spec.scenario->fate,
               [this](const std::string& node) { scheduler_.NodeIsGone(node); }),
      quota_(api_, spec.scenario->quota_on),
      replicas_(spec.replicas) {
  frontends_.push_back(std::make_unique<Frontend>(api_, loop_, 0ms));
  kubelet_.OnStarted([this](const Stored& pod) { oracle_->OnStarted(pod); });
  Role somebody(stage_, "somebody");
  for (const std::string& claim : spec.scenario->claims) {
    somebody.Create(kClaims, {{"apiVersion", "v1"},
                              {"kind", "PersistentVolumeClaim"},
                              {"metadata", {{"name", claim}, {"namespace", kUsersNamespace}}}});
  }
  for (int i = 1; i <= spec.scenario->jobs; ++i) {
    users_.push_back(std::make_unique<User>(stage_, *spec.scenario, JobName(i), quota_));
  }
}

void World::Begin() {
  for (int i = 0; i < replicas_; ++i) StartOperator(*frontends_.front());
  for (const auto& user : users_) user->Begin();
}

void World::StartOperator(Frontend& frontend) {
  const std::string name = fmt::format("operator-{}", processes_.size() + 1);
  processes_.push_back(std::make_unique<Process>(network_, frontend, name, options_, random_.Next(),
                                                 [this](bool on_lagging) { Replace(on_lagging); }));
}

void World::Replace(bool on_lagging) {
  if (on_lagging) frontends_.push_back(std::make_unique<Frontend>(api_, loop_, kLag));
  Frontend& frontend = on_lagging ? *frontends_.back() : *frontends_.front();
  loop_.After(random_.Between(200ms, 3s), [this, &frontend] { StartOperator(frontend); });
}

bool World::UsersAreDone() const {
  return std::ranges::all_of(users_, [](const auto& user) { return user->done(); });
}

std::chrono::nanoseconds World::DisturbedAt() const {
  std::chrono::nanoseconds last = faults_.last_struck().value_or(0ns);
  for (const auto& user : users_) last = std::max(last, user->acted_at());
  return last;
}

}  // namespace ffdl::simulation
