#include "reconcilers/training_job/plan.h"

#include <algorithm>
#include <array>

#include "reconcilers/training_job/deadlines.h"
#include "reconcilers/training_job/lone_restarts.h"
#include "reconcilers/training_job/losses.h"
#include "reconcilers/training_job/pass.h"
#include "reconcilers/training_job/status.h"

namespace ffdl::training_job {
namespace {

struct Phase {
  std::string_view name;
  Next (*run)(Pass&);
};

Pass Begin(const v1::TrainingJob& job, const Observed& observed, const Settings& settings,
           k8s::Time now) {
  Pass pass{.job = job,
            .observed = observed,
            .settings = settings,
            .now = std::chrono::floor<std::chrono::seconds>(now)};
  pass.attempt = std::max(job.status.attempt, 1);
  pass.learners = LearnersOf(pass.roles, observed.pods, pass.attempt);
  pass.has_lone_restarts = HasLoneRestarts(job);
  if (pass.has_lone_restarts) RecallLearners(pass);
  pass.lost = LostLearners(pass);
  pass.next = job.status;
  return pass;
}

}  // namespace

// Each phase reads what was observed and adds to the plan; the first that says Stop ends the pass.
k8s::Plan Decide(const v1::TrainingJob& job, const Observed& observed, const Settings& settings,
                 k8s::Time now) {
  static constexpr std::array kPhases{
      Phase{"deletion", &PlanDeletion},           // owner references take the children along
      Phase{"lifted guards", &PlanLiftedGuards},  // what nobody asks for any more
      Phase{"finished", &PlanFinished},           // the end is final: only free what is still held
      Phase{"refusal", &PlanRefusal},             // the server said no: say so, write nothing
      Phase{"leftovers", &PlanLeftovers},         // of an earlier job of this name
      Phase{"stuck pods", &PlanStuckPods},        // whose node does not answer
      Phase{"completion", &PlanCompletion},       // before suspension: a job that is done is done
      Phase{"suspension", &PlanSuspension},
      Phase{"resumption", &PlanResumption},
      Phase{"old view", &PlanOldView},  // of pods that status knows better
      Phase{"failures", &PlanFailures},
      Phase{"lone restarts", &PlanLoneRestarts},
      Phase{"image", &PlanImage},
      Phase{"GPU types", &PlanGpuTypes},
      Phase{"volumes", &PlanVolumes},
      Phase{"network", &PlanNetwork},
      Phase{"guards", &PlanGuards},
      Phase{"backoff", &PlanBackoff},
      Phase{"learners", &PlanLearners},
      Phase{"avoidance", &PlanAvoidance},
      Phase{"progress", &PlanProgress},
  };
  Pass pass = Begin(job, observed, settings, now);
  for (const Phase& phase : kPhases) {
    if (phase.run(pass) == Next::kStop) break;
  }
  if (pass.sees_the_past) return std::move(pass.plan);
  JudgeDeadlines(pass);
  PlanStatus(pass);  // on every path: status tells the truth about passes that stopped early, too
  return std::move(pass.plan);
}

}  // namespace ffdl::training_job
