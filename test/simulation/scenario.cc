#include "test/simulation/scenario.h"

#include <algorithm>
#include <utility>

namespace ffdl::simulation {
namespace {

using namespace std::chrono_literals;
using Act = Step::Act;
using How = LearnerFate::How;

constexpr std::chrono::seconds kRunTime{20};

Json Spec(int learners, int max_restarts) {
  return {{"framework", {{"name", "custom"}, {"image", "train:1"}}},
          {"command", {"train"}},
          {"learners", learners},
          {"resources", {{"gpus", 1}}},
          {"storage",
           {{"shared", {{"size", "1Gi"}, {"accessModes", {"ReadWriteMany"}}}},
            {"perLearner", {{"size", "2Gi"}, {"accessModes", {"ReadWriteOnce"}}}}}},
          {"failurePolicy", {{"maxRestarts", max_restarts}}}};
}

// A server that is not waited for, and two workers, of which a launcher waits for them to run.
Json RolesSpec(int max_restarts) {
  Json spec = Spec(1, max_restarts);
  spec["roles"] = {{{"name", "ps"}, {"replicas", 1}, {"completionPolicy", "None"}},
                   {{"name", "worker"}, {"replicas", 2}},
                   {{"name", "chief"}, {"replicas", 1}, {"startAfter", "worker"}}};
  return spec;
}

Json With(const char* field, int value) {
  Json spec = Spec(2, 1);
  spec[field] = value;
  return spec;
}

// So that the pods of a node that does not answer need not be left to it.
Json WithoutClaimsForOneNode(Json spec) {
  spec["storage"].erase("perLearner");
  return spec;
}

Json WithoutClaimsAtTheEnd(Json spec) {
  for (const char* storage : {"shared", "perLearner"}) {
    spec["storage"][storage]["whenFinished"] = "Delete";
  }
  return spec;
}

Json WithLoneRestarts(Json spec) {
  spec["failurePolicy"]["restartScope"] = "Learner";
  return spec;
}

Json Elastic(Json spec) {
  spec["elastic"] = {{"minLearners", 1}, {"maxLearners", 4}};
  return spec;
}

Json Guarded(Json spec) {
  spec["networkPolicy"] = {{"ingress", "JobOnly"}, {"egress", "JobOnly"}};
  spec["disruptionBudget"] = {{"maxUnavailable", 0}};
  return spec;
}

// Neither an image nor what GPUs there are is known without a catalogue.
Json FromCatalogue(Json spec) {
  spec["framework"] = {{"name", "pytorch"}, {"version", "2.5"}};
  spec["resources"]["gpuType"] = "a100";
  return spec;
}

Json Catalogue(const char* image) {
  return {{"pytorch.2.5.gpu", image},
          {"pytorch.2.7.gpu", "pytorch:2.7"},
          {"env.pytorch", "NCCL_DEBUG=WARN"},
          {"gpu-type.a100", "resource: nvidia.com/gpu\nnodeSelector: gpu=a100"}};
}

Json Downloaded(Json spec) {
  spec["code"]["objectStore"] = {{"endpoint", "http://s3:9000"},
                                 {"bucket", "models"},
                                 {"key", "mnist.zip"},
                                 {"credentials", {{"secretName", "s3"}}}};
  return spec;
}

Json WithLauncher(Json spec) {
  spec["framework"]["name"] = "mpi";
  return spec;
}

Json Suspended(Json spec) {
  spec["suspend"] = true;
  return spec;
}

LearnerFate RunsOn(int, int) { return {.how = How::kRunsOn}; }
LearnerFate Succeeds(int, int) { return {.how = How::kExits, .after = kRunTime}; }

// In the first attempt learner 2 does what `first` says, and the others do not come to an end.
Kubelet::Fate AtFirst(LearnerFate first) {
  return [first](int attempt, int rank) {
    if (attempt != 1) return Succeeds(attempt, rank);
    return rank == 1 ? first : LearnerFate{.how = How::kRunsOn};
  };
}

// The same, but nobody may see what befell learner 2: then the first attempt succeeds.
Kubelet::Fate Befalls(How misfortune) {
  return [misfortune](int attempt, int rank) -> LearnerFate {
    if (attempt == 1 && rank == 1) return {.how = misfortune, .after = kRunTime, .code = 1};
    return {.how = How::kExits, .after = kRunTime * 3};
  };
}

LearnerFate RunsOnAtFirst(int attempt, int rank) {
  return attempt == 1 ? RunsOn(attempt, rank) : Succeeds(attempt, rank);
}

// Of RolesSpec: the server never ends.
LearnerFate RoleSucceeds(int attempt, int rank) {
  return rank == 0 ? RunsOn(attempt, rank) : Succeeds(attempt, rank);
}

LearnerFate WorkerFails(int attempt, int rank) {
  if (attempt != 1) return RoleSucceeds(attempt, rank);
  if (rank != 2) return RunsOn(attempt, rank);
  return {.how = How::kExits, .after = kRunTime, .code = 1};
}

LearnerFate RolesRunOnAtFirst(int attempt, int rank) {
  return attempt == 1 ? RunsOn(attempt, rank) : RoleSucceeds(attempt, rank);
}

// The launcher fails once; the others only serve it.
LearnerFate LauncherFails(int attempt, int rank) {
  if (rank != 0) return RunsOn(attempt, rank);
  return {.how = How::kExits, .after = kRunTime, .code = attempt == 1 ? 1 : 0};
}

// Both learners, as when one waits for the other.
Kubelet::Fate HangsFor(std::chrono::seconds time) {
  return [time](int, int) {
    return LearnerFate{.how = How::kHangs, .after = kRunTime * 3, .hangs = time};
  };
}

Json Watched(Json spec) {
  spec["progress"] = {{"timeoutSeconds", 30}};
  return spec;
}

Step Create(Json spec, Sight when = Sight::kNothing) {
  return {.when = when, .act = Act::kCreate, .body = std::move(spec)};
}
Step Edit(Sight when, Json patch) {
  return {.when = when, .act = Act::kEdit, .body = std::move(patch)};
}
Step Publish(Sight when, const char* image) {
  return {.when = when, .act = Act::kPublish, .body = Catalogue(image)};
}
Step Suspend(Sight when) { return Edit(when, {{"suspend", true}}); }
Step Scale(Sight when, int learners) { return Edit(when, {{"learners", learners}}); }
Step Resume(Sight when) { return Edit(when, {{"suspend", false}}); }

std::vector<Scenario> MakeScenarios() {
  const LearnerFate fails{.how = How::kExits, .after = kRunTime, .code = 1};
  return {
      {.name = "create", .fate = RunsOn, .steps = {Create(Spec(2, 0))}, .is_main = true},
      {.name = "complete", .fate = Succeeds, .steps = {Create(Spec(2, 0))}, .is_main = true},
      {.name = "restart", .fate = AtFirst(fails), .steps = {Create(Spec(2, 1))}, .is_main = true},
      {.name = "fail",
       .fate = [fails](int, int rank) { return rank == 1 ? fails : RunsOn(0, 0); },
       .steps = {Create(Spec(2, 1))},
       .is_main = true},
      {.name = "give-up-claims",
       .fate = Succeeds,
       .steps = {Create(WithoutClaimsAtTheEnd(Spec(2, 0)))},
       .is_main = true},
      {.name = "suspend",
       .fate = RunsOn,
       .steps = {Create(Spec(2, 0)), Suspend(Sight::kProcessing)},
       .is_main = true},
      {.name = "resume",
       .fate = RunsOnAtFirst,
       .steps = {Create(Spec(2, 0)), Suspend(Sight::kProcessing),
                 Edit(Sight::kHalted, {{"learners", 3}, {"command", {"train", "--more"}}}),
                 Resume(Sight::kHalted)},
       .is_main = true},
      {.name = "born-suspended",
       .fate = Succeeds,
       .steps = {Create(Suspended(Spec(2, 0))), Resume(Sight::kHalted)}},
      {.name = "hasty",
       .fate = Succeeds,
       .steps = {Create(Spec(2, 0)), Suspend(Sight::kNothing), Resume(Sight::kHalted)},
       .attempts_vary = true},
      {.name = "delete",
       .fate = RunsOn,
       .steps = {Create(Spec(2, 0)), {.when = Sight::kProcessing, .act = Act::kDelete}},
       .is_main = true},
      {.name = "recreate",
       .fate = Succeeds,
       .steps = {Create(Spec(2, 0)),
                 {.when = Sight::kProcessing, .act = Act::kDelete},
                 Create(Spec(3, 1), Sight::kGone)},
       .is_main = true},
      {.name = "recreate-finished",
       .fate = Succeeds,
       .steps = {Create(Spec(1, 0)),
                 {.when = Sight::kCompleted, .act = Act::kDelete},
                 Create(Spec(2, 0), Sight::kGone)}},
      {.name = "evict",
       .fate = Befalls(How::kEvicted),
       .steps = {Create(Spec(2, 3))},
       .attempts_vary = true},
      {.name = "drain",
       .fate = Befalls(How::kDrained),
       .steps = {Create(Spec(2, 0))},
       .attempts_vary = true},
      {.name = "lost-node",
       .fate = Befalls(How::kNodeGone),
       .steps = {Create(WithoutClaimsForOneNode(Spec(2, 0)))},
       .attempts_vary = true},
      {.name = "node-gone",
       .fate = Befalls(How::kNodeGone),
       .steps = {Create(Spec(2, 3))},
       .attempts_vary = true},
      {.name = "lone-restart",
       .fate = Befalls(How::kFailsOnce),
       .steps = {Create(WithLoneRestarts(Spec(2, 1)))},
       .is_main = true},
      {.name = "lone-evict",
       .fate = Befalls(How::kEvicted),
       .steps = {Create(WithLoneRestarts(Spec(2, 0)))},
       .attempts_vary = true},
      {.name = "lone-drain",
       .fate = Befalls(How::kDrained),
       .steps = {Create(WithLoneRestarts(Spec(2, 0)))},
       .attempts_vary = true},
      {.name = "lone-lost-node",
       .fate = Befalls(How::kNodeGone),
       .steps = {Create(WithLoneRestarts(WithoutClaimsForOneNode(Spec(2, 0))))},
       .attempts_vary = true},
      {.name = "hangs", .fate = HangsFor(300s), .steps = {Create(Watched(Spec(2, 0)))}},
      {.name = "hung", .fate = HangsFor(0s), .steps = {Create(Watched(Spec(2, 0)))}},
      {.name = "capacity",
       .fate = Succeeds,
       .steps = {Create(Spec(2, 0))},
       .capacity_missing = 30s},
      {.name = "quota",
       .fate = Succeeds,
       .steps = {Create(Spec(2, 0)), {.when = Sight::kRefused, .act = Act::kLiftQuota}},
       .quota_on = "persistentvolumeclaims"},
      {.name = "too-long", .fate = RunsOn, .steps = {Create(With("activeDeadlineSeconds", 60))}},
      {.name = "never-starts",
       .fate = Succeeds,
       .steps = {Create(With("pendingDeadlineSeconds", 60))},
       .capacity_missing = 10h,
       .attempts_vary = true},
      {.name = "time-to-live",
       .fate = Succeeds,
       .steps = {Create(With("ttlSecondsAfterFinished", 20))}},
      {.name = "foreign",
       .fate = Succeeds,
       .steps = {{.act = Act::kCreateForeign},
                 Create(Spec(2, 0)),
                 {.when = Sight::kRefused, .act = Act::kDeleteForeign}}},
      {.name = "edited-objects",
       .fate = RunsOn,
       .steps = {Create(Guarded(Spec(2, 0))),
                 {.when = Sight::kProcessing, .act = Act::kEditObjects}}},
      {.name = "guards",
       .fate = RunsOnAtFirst,
       .steps = {Create(Guarded(Spec(2, 0))), Suspend(Sight::kProcessing),
                 Edit(Sight::kHalted, {{"disruptionBudget", {{"maxUnavailable", 1}}}}),
                 Resume(Sight::kHalted)}},
      {.name = "roles", .fate = WorkerFails, .steps = {Create(RolesSpec(1))}, .is_main = true},
      {.name = "roles-resume",
       .fate = RolesRunOnAtFirst,
       .steps = {Create(RolesSpec(0)), Suspend(Sight::kProcessing), Resume(Sight::kHalted)}},
      {.name = "elastic",
       .fate = RunsOn,
       .steps = {Create(Elastic(Spec(2, 0))), Scale(Sight::kAllRun, 4), Scale(Sight::kAllRun, 1),
                 Scale(Sight::kAllRun, 3)},
       .is_main = true},
      {.name = "elastic-hasty",
       .fate = RunsOn,
       .steps = {Create(Elastic(Spec(4, 0))), Scale(Sight::kProcessing, 2),
                 Scale(Sight::kNothing, 3)}},
      {.name = "elastic-drain",
       .fate = Befalls(How::kDrained),
       .steps = {Create(Elastic(Spec(3, 0)))},
       .attempts_vary = true},
      {.name = "mpi", .fate = LauncherFails, .steps = {Create(WithLauncher(Spec(3, 1)))}},
      {.name = "download",
       .fate = AtFirst(fails),
       .steps = {Create(Downloaded(Spec(2, 1)))},
       .is_main = true},
      {.name = "catalogue",
       .fate = RunsOnAtFirst,
       .steps = {Create(FromCatalogue(Spec(2, 0))), Publish(Sight::kRefused, "pytorch:2.5"),
                 Publish(Sight::kProcessing, "pytorch:2.5.1"), Suspend(Sight::kProcessing),
                 Edit(Sight::kHalted, {{"framework", {{"version", "2.7"}}}}),
                 Resume(Sight::kHalted)},
       .has_catalogue = true},
      {.name = "three-jobs", .fate = Succeeds, .steps = {Create(Spec(1, 0))}, .jobs = 3},
  };
}

}  // namespace

std::string JobName(int number) {
  return number == 1 ? "mnist" : "mnist-" + std::to_string(number);
}

Json EditedTemplate() {
  const Json container = {{"name", "learner"}, {"image", "another:1"}};
  return {{"spec", {{"template", {{"spec", {{"containers", Json::array({container})}}}}}}}};
}

std::span<const Scenario> Scenarios() {
  static const std::vector<Scenario> kScenarios = MakeScenarios();
  return kScenarios;
}

const Scenario* FindScenario(std::string_view name) {
  const auto it = std::ranges::find(Scenarios(), name, &Scenario::name);
  return it == Scenarios().end() ? nullptr : &*it;
}

}  // namespace ffdl::simulation
