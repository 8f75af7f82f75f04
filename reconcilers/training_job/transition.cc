#include "reconcilers/training_job/transition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "crds/v1/conditions.h"
#include "reconcilers/training_job/shorten.h"

namespace ffdl::training_job {
namespace {

namespace reason = v1::reason;
namespace event_action = v1::event_action;

struct Telling {
  std::string_view reason;
  std::string_view action;
  bool warning;
};

// Reasons that are not here are told as waiting, with a warning.
constexpr std::array kTellings{
    Telling{reason::kImageChosen, event_action::kCreateLearners, false},
    Telling{reason::kGpuTypeChosen, event_action::kCreateLearners, false},
    Telling{reason::kLearnersStarting, event_action::kCreateLearners, false},
    Telling{reason::kDownloadingCode, event_action::kDownloadCode, false},
    Telling{reason::kLearnersRunning, event_action::kStartLearners, false},
    Telling{reason::kRestarting, event_action::kRestartLearners, true},
    Telling{reason::kResuming, event_action::kRestartLearners, false},
    Telling{reason::kSuspending, event_action::kStopLearners, false},
    Telling{reason::kSuspended, event_action::kStopLearners, false},
};

Telling TellingOf(const Pass& pass) {
  if (pass.next.completion_time) {
    return {pass.report.reason, event_action::kFinishJob, pass.report.stalled};
  }
  const auto* const it = std::ranges::find(kTellings, pass.report.reason, &Telling::reason);
  return it == kTellings.end() ? Telling{pass.report.reason, event_action::kWait, true} : *it;
}

bool IsToldAlready(const Pass& pass) {
  const k8s::Condition* const before =
      k8s::FindCondition(pass.job.status.conditions, v1::condition::kReady);
  return before != nullptr && before->reason == pass.report.reason &&
         before->status == (pass.report.ready ? "True" : "False") &&
         pass.next.attempt == pass.job.status.attempt;
}

// One event each, as far as a user can want to read them.
void TellRestarted(Pass& pass) {
  constexpr std::size_t kToldMax = 8;
  const auto tell = [&](std::string note) {
    pass.plan.events.push_back({.warning = true,
                                .reason = std::string(reason::kLearnerRestarted),
                                .action = std::string(event_action::kRestartLearners),
                                .note = Shorten(std::move(note))});
  };
  const std::size_t told = std::min(pass.restarted.size(), kToldMax);
  for (std::size_t i = 0; i < told; ++i) tell(pass.restarted[i]);
  if (const std::size_t more = pass.restarted.size() - told; more > 0) {
    tell(fmt::format("{} more start again alone; see `status.learnerRestarts`", more));
  }
}

void TellHang(Pass& pass) {
  const k8s::Condition* const before =
      k8s::FindCondition(pass.job.status.conditions, v1::condition::kStalled);
  const bool hung = before != nullptr && before->reason == reason::kNoProgress;
  const bool hangs = !pass.report.hang.empty();
  if (hung && !hangs && pass.report.reason == reason::kLearnersRunning) {
    pass.plan.events.push_back({.reason = std::string(reason::kProgressResumed),
                                .action = std::string(event_action::kStartLearners),
                                .note = "all learners make progress again"});
  }
  if (hung || !hangs) return;
  pass.plan.events.push_back({.warning = true,
                              .reason = std::string(reason::kNoProgress),
                              .action = std::string(event_action::kWait),
                              .note = Shorten(pass.report.hang)});
}

}  // namespace

void TellTransition(Pass& pass) {
  TellHang(pass);
  TellRestarted(pass);
  if (IsToldAlready(pass) || pass.report.reason == reason::kRestartingLearner) return;
  const Telling telling = TellingOf(pass);
  pass.plan.events.push_back({.warning = telling.warning,
                              .reason = std::string(telling.reason),
                              .action = std::string(telling.action),
                              .note = Shorten(pass.report.message)});
}

}  // namespace ffdl::training_job
