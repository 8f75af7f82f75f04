#include "reconcilers/training_job/losses.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include "crds/v1/conditions.h"
#include "crds/v1/learner_ids.h"
#include "k8s-client/meta/resource_version.h"
#include "reconcilers/training_job/departures.h"
#include "reconcilers/training_job/lone_restarts.h"

namespace ffdl::training_job {
namespace {

namespace reason = v1::reason;

// 64-bit FNV-1a (RFC 9923): the same on every machine and in every version, as what is kept in
// status must be.
class Fnv1a {
 public:
  void Add(std::string_view text) {
    for (const char c : text) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  [[nodiscard]] std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

// Whether nothing that becomes of this pod matters any more.
bool IsSettled(const Pass& pass, std::int32_t id, const k8s::Pod& pod) {
  return pass.has_lone_restarts &&
         (std::ranges::count(pass.succeeded_ids, id) > 0 || IsCounted(pass.job.status, pod));
}

std::vector<std::int32_t> ToldIds(const Pass& pass) {
  const v1::LearnersStatus& told = pass.job.status.learners;
  // Without a digest nobody is told of, and it is not that all are.
  if (!told.pods_of.empty() || told.pods_digest.empty()) return v1::ParseLearnerIds(told.pods_of);
  std::vector<std::int32_t> all(static_cast<std::size_t>(pass.roles.learners()));
  std::iota(all.begin(), all.end(), 1);  // told when no learner might start again alone
  return all;
}

// Learners whose pods are going although they have begun to train. One of an elastic job that
// status does not tell of goes because fewer were asked for, if only for a while.
std::vector<Learner> GoingLearners(const Pass& pass) {
  const bool elastic = pass.job.spec.elastic.has_value();
  const std::vector<std::int32_t> told = elastic ? ToldIds(pass) : std::vector<std::int32_t>();
  const auto was_let_go = [&](std::int32_t id) {
    return id > pass.roles.learners() || (elastic && !std::ranges::binary_search(told, id));
  };
  std::vector<Learner> going;
  for (const k8s::Pod& pod : pass.observed.pods) {
    if (!pod.meta.deletion_time || AttemptOf(pod.meta.labels) != pass.attempt) continue;
    const std::int32_t id = LearnerIdOf(pass.roles, pod);
    if (!HasStarted(pod) || id == 0 || IsSettled(pass, id, pod) || was_let_go(id)) continue;
    going.push_back(LostWith(pod, id));
  }
  return going;
}

Learner LostWithoutTrace(const Pass& pass, std::int32_t id) {
  if (std::optional<Learner> departed = Departed(pass, id)) return *std::move(departed);
  return Lost(id, nullptr,
              {.reason = std::string(reason::kLearnerDeleted),
               .message = LearnerSet(pass, pass.roles.Of(id)) == nullptr
                              ? "lost its pod, because the StatefulSet was deleted"
                              : "lost its pod, which was deleted"});
}

void AddLostWithoutTrace(const Pass& pass, std::vector<Learner>& lost) {
  std::vector<bool> known(static_cast<std::size_t>(pass.roles.learners()) + 1);
  const auto note = [&](const Learner& learner) {
    const auto id = static_cast<std::size_t>(learner.id);
    if (id < known.size()) known[id] = true;
  };
  std::ranges::for_each(pass.learners, note);
  std::ranges::for_each(lost, note);
  for (std::int32_t id = 1; id <= pass.roles.learners(); ++id) {
    if (!known[static_cast<std::size_t>(id)]) lost.push_back(LostWithoutTrace(pass, id));
  }
}

k8s::Time CreationOf(const Learner& learner) { return learner.pod->meta.creation_time; }

Learner Replaced(const Pass& pass, std::int32_t id) {
  if (std::optional<Learner> departed = Departed(pass, id)) return *std::move(departed);
  return Lost(id, nullptr,
              {.reason = std::string(reason::kLearnerDeleted),
               .message = "lost its pod, which was deleted and replaced"});
}

// All are there, but not the same: one that said why it went, or else the youngest, is the one that
// was put in another's place.
Learner YoungestReplaced(const Pass& pass, const std::vector<Learner>& learners) {
  for (const Learner& learner : learners) {
    if (std::optional<Learner> departed = Departed(pass, learner.id)) return *std::move(departed);
  }
  return Replaced(pass, std::ranges::max_element(learners, {}, &CreationOf)->id);
}

bool IsIn(const std::vector<Learner>& learners, std::int32_t id) {
  return std::ranges::count(learners, id, &Learner::id) > 0;
}

bool PodsAreTold(const Pass& pass) {
  const v1::LearnersStatus& told = pass.job.status.learners;
  return !told.pods_digest.empty() &&
         std::is_gteq(k8s::CompareResourceVersions(pass.observed.pods_version, told.pods_version));
}

void AddLostOfAll(const Pass& pass, std::vector<Learner>& lost) {
  if (!RunningSince(pass) || !PodsAreTold(pass)) return;
  if (PodsDigest(pass.learners) == pass.job.status.learners.pods_digest) return;
  AddLostWithoutTrace(pass, lost);
  if (lost.empty()) lost.push_back(YoungestReplaced(pass, pass.learners));
}

// The pods of this attempt by learner, up to this one, whether they go or stay; null where there is
// none.
std::vector<const k8s::Pod*> PodsById(const Pass& pass, std::int32_t last) {
  std::vector<const k8s::Pod*> pods(static_cast<std::size_t>(last) + 1);
  for (const k8s::Pod& pod : pass.observed.pods) {
    if (AttemptOf(pod.meta.labels) != pass.attempt) continue;
    const std::int32_t id = LearnerIdOf(pass.roles, pod);
    if (id > 0 && id <= last) pods[static_cast<std::size_t>(id)] = &pod;
  }
  return pods;
}

// Pods that were created after all that status tells of are others. The digest finds what times of
// whole seconds, maybe of several API servers, do not, as long as it can be compared: learners that
// nobody asks for any more may have gone.
void AddLostOfTold(const Pass& pass, std::vector<Learner>& lost) {
  if (!PodsAreTold(pass)) return;
  const v1::LearnersStatus& told = pass.job.status.learners;
  const std::vector<std::int32_t> ids = ToldIds(pass);
  if (ids.empty()) return;
  const std::vector<const k8s::Pod*> pods = PodsById(pass, ids.back());
  std::vector<Learner> others;
  std::vector<Learner> same;
  for (const std::int32_t id : ids) {
    const k8s::Pod* const pod = pods[static_cast<std::size_t>(id)];
    if (pod == nullptr) {
      others.push_back(LostWithoutTrace(pass, id));
    } else if (told.pods_created && pod->meta.creation_time > *told.pods_created) {
      others.push_back(Replaced(pass, id));
    } else {
      same.push_back({.id = id, .pod = pod});
    }
  }
  if (others.empty() && PodsDigest(same) != told.pods_digest) {
    others.push_back(YoungestReplaced(pass, same));
  }
  for (Learner& learner : others) {
    if (learner.id > pass.roles.learners() || IsIn(lost, learner.id)) continue;
    lost.push_back(std::move(learner));
  }
}

// Whether its StatefulSet, as seen, keeps this learner: pods that it lets go may still be seen.
bool IsKept(const Pass& pass, const Learner& learner) {
  if (!pass.job.spec.elastic) return true;
  const k8s::StatefulSet* const set = LearnerSet(pass, pass.roles.Of(learner.id));
  return set != nullptr && learner.id <= set->replicas;
}

// Those of which another pod in their place would be a loss.
std::vector<Learner> StartedLearners(const Pass& pass) {
  std::vector<Learner> started;
  for (const Learner& learner : pass.learners) {
    const bool runs =
        learner.phase == LearnerPhase::kRunning || learner.phase == LearnerPhase::kFailed;
    const bool restarts =
        std::ranges::any_of(pass.next.learner_restarts, [&](const v1::LearnerRestart& record) {
          return record.restarting && record.learner == learner.id;
        });
    if (runs && !restarts && IsKept(pass, learner))
      started.push_back({.id = learner.id, .pod = learner.pod});
  }
  return started;
}

// What was told stays until a pass has judged what became of it.
void TellStarted(const Pass& pass, v1::LearnersStatus& status) {
  if (pass.next.attempt > pass.attempt) return;
  const v1::LearnersStatus& told = pass.job.status.learners;
  status.succeeded_ids = v1::LearnerIdsText(pass.succeeded_ids);
  if (pass.next.completion_time) return;
  status.pods_digest = told.pods_digest;
  status.pods_version = told.pods_version;
  status.pods_of = told.pods_of;
  status.pods_created = told.pods_created;
  if (!pass.failures_judged) return;
  const std::vector<Learner> started = StartedLearners(pass);
  std::vector<std::int32_t> ids(started.size());
  std::ranges::transform(started, ids.begin(), &Learner::id);
  status.pods_of = v1::LearnerIdsText(ids);
  status.pods_digest = started.empty() ? "" : PodsDigest(started);
  status.pods_created.reset();
  if (!started.empty())
    status.pods_created = std::ranges::max(started, {}, &CreationOf).pod->meta.creation_time;
  const bool same = status.pods_digest == told.pods_digest && status.pods_of == told.pods_of &&
                    pass.next.learner_restarts == pass.job.status.learner_restarts;
  if (!same) status.pods_version = pass.observed.pods_version;
}

}  // namespace

std::string PodsDigest(const std::vector<Learner>& learners) {
  Fnv1a hash;
  for (const Learner& learner : learners) {
    hash.Add(std::to_string(learner.id));
    hash.Add("=");
    hash.Add(learner.pod->meta.uid);
    hash.Add(";");
  }
  return fmt::format("{:016x}", hash.value());
}

std::vector<Learner> LostLearners(const Pass& pass) {
  std::vector<Learner> lost = GoingLearners(pass);
  if (pass.has_lone_restarts) {
    AddLostOfTold(pass, lost);
  } else {
    AddLostOfAll(pass, lost);
  }
  std::ranges::sort(lost, {}, &Learner::id);
  return lost;
}

void TellPods(const Pass& pass, v1::LearnersStatus& status) {
  if (pass.has_lone_restarts) return TellStarted(pass, status);
  if (pass.report.reason != reason::kLearnersRunning) return;
  const v1::LearnersStatus& told = pass.job.status.learners;
  status.pods_digest = PodsDigest(pass.learners);
  status.pods_version =
      status.pods_digest == told.pods_digest ? told.pods_version : pass.observed.pods_version;
}

}  // namespace ffdl::training_job
