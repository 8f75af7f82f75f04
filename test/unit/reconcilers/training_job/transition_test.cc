#include "reconcilers/training_job/transition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <string_view>

#include "crds/v1/conditions.h"
#include "test/support/job_builder.h"

namespace ffdl::training_job {
namespace {

namespace reason = v1::reason;
namespace action = v1::event_action;
using v1::State;

// What a pass finds in status, and what it decides; the event that tells of it, "" for none.
struct Transition {
  std::string_view was;  // Ready's reason; "" before the first pass
  std::string_view is;
  State state = State::kPending;
  bool next_attempt = false;
  std::string_view type;
  std::string_view action;
};

constexpr std::string_view kNormal = "Normal";
constexpr std::string_view kWarning = "Warning";

// A life with everything in it, in its order.
constexpr std::array kLife{
    Transition{"", reason::kRefused, State::kPending, false, kWarning, action::kWait},
    Transition{reason::kRefused, reason::kNameTaken, State::kPending, false, kWarning,
               action::kWait},
    Transition{reason::kNameTaken, reason::kFrameworkUnknown, State::kPending, false, kWarning,
               action::kWait},
    Transition{reason::kFrameworkUnknown, reason::kImageChosen, State::kPending, false, kNormal,
               action::kCreateLearners},
    Transition{reason::kGpuTypeUnknown, reason::kGpuTypeChosen, State::kPending, false, kNormal,
               action::kCreateLearners},
    Transition{reason::kImageChosen, reason::kLearnersStarting, State::kPending, false, kNormal,
               action::kCreateLearners},
    Transition{reason::kLearnersStarting, reason::kWaitingForGpus, State::kPending, false, kWarning,
               action::kWait},
    Transition{reason::kWaitingForGpus, reason::kWaitingForCapacity, State::kPending, false,
               kWarning, action::kWait},
    Transition{reason::kWaitingForCapacity, reason::kWaitingForVolume, State::kPending, false,
               kWarning, action::kWait},
    Transition{reason::kWaitingForVolume, reason::kLearnerImagePullFailed, State::kPending, false,
               kWarning, action::kWait},
    Transition{reason::kLearnerImagePullFailed, reason::kLearnerConfigInvalid, State::kPending,
               false, kWarning, action::kWait},
    Transition{reason::kLearnerConfigInvalid, reason::kCodeMissing, State::kPending, false,
               kWarning, action::kWait},
    Transition{reason::kCodeMissing, reason::kDownloadingCode, State::kDownloading, false, kNormal,
               action::kDownloadCode},
    Transition{reason::kDownloadingCode, reason::kCodeAccessDenied, State::kPending, false,
               kWarning, action::kWait},
    Transition{reason::kCodeAccessDenied, reason::kObjectStoreUnavailable, State::kPending, false,
               kWarning, action::kWait},
    Transition{reason::kObjectStoreUnavailable, reason::kCodeInvalid, State::kPending, false,
               kWarning, action::kWait},
    Transition{reason::kCodeInvalid, reason::kCommandNotFound, State::kPending, false, kWarning,
               action::kWait},
    Transition{reason::kCommandNotFound, reason::kLearnerStartFailed, State::kPending, false,
               kWarning, action::kWait},
    Transition{reason::kLearnerStartFailed, reason::kLearnersRunning, State::kProcessing, false,
               kNormal, action::kStartLearners},
    Transition{reason::kLearnersRunning, reason::kLearnersRunning, State::kProcessing, false, "",
               ""},
    Transition{reason::kLearnersRunning, reason::kRestarting, State::kPending, true, kWarning,
               action::kRestartLearners},
    // While it starts, the words of the restart stand; another restart is told anew.
    Transition{reason::kRestarting, reason::kRestarting, State::kPending, false, "", ""},
    Transition{reason::kRestarting, reason::kRestarting, State::kPending, true, kWarning,
               action::kRestartLearners},
    Transition{reason::kRestarting, reason::kNodeLost, State::kPending, false, kWarning,
               action::kWait},
    Transition{reason::kNodeLost, reason::kSuspending, State::kPending, false, kNormal,
               action::kStopLearners},
    Transition{reason::kSuspending, reason::kSuspended, State::kHalted, false, kNormal,
               action::kStopLearners},
    Transition{reason::kSuspended, reason::kResuming, State::kPending, true, kNormal,
               action::kRestartLearners},
    Transition{reason::kResuming, reason::kLearnersRunning, State::kProcessing, false, kNormal,
               action::kStartLearners},
    Transition{reason::kLearnersRunning, reason::kAllLearnersSucceeded, State::kCompleted, false,
               kNormal, action::kFinishJob},
    Transition{reason::kLearnersRunning, reason::kMasterSucceeded, State::kCompleted, false,
               kNormal, action::kFinishJob},
    Transition{reason::kLearnersRunning, reason::kAnyLearnerSucceeded, State::kCompleted, false,
               kNormal, action::kFinishJob},
    Transition{reason::kLearnersRunning, reason::kAllRolesSucceeded, State::kCompleted, false,
               kNormal, action::kFinishJob},
    Transition{reason::kLearnersRunning, reason::kProgramFailed, State::kFailed, false, kWarning,
               action::kFinishJob},
    Transition{reason::kLearnersRunning, reason::kOutOfMemory, State::kFailed, false, kWarning,
               action::kFinishJob},
    Transition{reason::kLearnersRunning, reason::kKilledBySignal, State::kFailed, false, kWarning,
               action::kFinishJob},
    Transition{reason::kLearnersRunning, reason::kNoProgress, State::kFailed, false, kWarning,
               action::kFinishJob},
    Transition{reason::kLearnersRunning, reason::kEvicted, State::kFailed, false, kWarning,
               action::kFinishJob},
    Transition{reason::kLearnersRunning, reason::kPreempted, State::kFailed, false, kWarning,
               action::kFinishJob},
    Transition{reason::kLearnersRunning, reason::kNodeLost, State::kFailed, false, kWarning,
               action::kFinishJob},
    Transition{reason::kLearnersRunning, reason::kLearnerDeleted, State::kFailed, false, kWarning,
               action::kFinishJob},
    Transition{reason::kLearnersRunning, reason::kDeadlineExceeded, State::kFailed, false, kWarning,
               action::kFinishJob},
    Transition{reason::kWaitingForGpus, reason::kPendingDeadlineExceeded, State::kFailed, false,
               kWarning, action::kFinishJob},
};

bool IsReady(std::string_view of, State state) {
  return state == State::kProcessing || state == State::kHalted || state == State::kCompleted ||
         of == reason::kSuspended || of == reason::kLearnersRunning;
}

std::vector<k8s::PendingEvent> EventsOf(const Transition& transition, std::string_view hung = "",
                                        std::string_view hangs = "") {
  v1::TrainingJob job = testing_support::JobBuilder("bert").Build();
  job.status.attempt = 1;
  const auto tell = [&](std::string_view type, bool status, std::string_view why) {
    k8s::SetCondition(job.status.conditions, {.type = std::string(type),
                                              .status = status ? "True" : "False",
                                              .reason = std::string(why)});
  };
  if (!transition.was.empty()) {
    tell(v1::condition::kReady, IsReady(transition.was, State::kPending), transition.was);
  }
  if (!hung.empty()) tell(v1::condition::kStalled, true, reason::kNoProgress);
  const Observed observed;
  const Settings settings;
  Pass pass{.job = job, .observed = observed, .settings = settings, .now = {}};
  pass.next = job.status;
  if (transition.next_attempt) ++pass.next.attempt;
  const bool over = transition.state == State::kCompleted || transition.state == State::kFailed;
  if (over) pass.next.completion_time = pass.now;
  pass.report = {.state = transition.state,
                 .ready = IsReady("", transition.state),
                 .stalled = transition.state == State::kFailed,
                 .reason = transition.is,
                 .message = "why",
                 .hang = std::string(hangs)};
  TellTransition(pass);
  return pass.plan.events;
}

TEST(TransitionTest, TellsEachStepOfALife) {
  for (const Transition& transition : kLife) {
    SCOPED_TRACE(std::string(transition.was) + " -> " + std::string(transition.is));
    const auto events = EventsOf(transition);
    if (transition.type.empty()) {
      EXPECT_TRUE(events.empty());
      continue;
    }
    ASSERT_EQ(1U, events.size());
    EXPECT_EQ(transition.type, events[0].warning ? kWarning : kNormal);
    EXPECT_EQ(transition.is, events[0].reason);
    EXPECT_EQ(transition.action, events[0].action);
    EXPECT_EQ("why", events[0].note);
  }
}

// One that is new in the header must be told, too.
TEST(TransitionTest, TellsEveryReasonThereIs) {
  const std::set<std::string_view> never_of_ready{
      reason::kNotFinished,       reason::kAccepted,       reason::kUpToDate,
      reason::kNotStalled,        reason::kObjectRepaired, reason::kProgressResumed,
      reason::kLearnerRestarted,
      reason::kRestartingLearner,  // each restart is told by itself, as LearnerRestarted
  };
  std::ifstream file(FFDL_CONDITIONS_HEADER);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t begin = text.find("namespace reason {");
  const std::string part = text.substr(begin, text.find("}  // namespace reason") - begin);
  const std::regex constant("string_view k\\w+ = \"(\\w+)\"");
  std::size_t found = 0;
  for (std::sregex_iterator it(part.begin(), part.end(), constant), end; it != end; ++it, ++found) {
    const std::string word = (*it)[1];
    if (never_of_ready.contains(word)) continue;
    const std::string_view other =
        word == reason::kLearnersStarting ? reason::kWaitingForGpus : reason::kLearnersStarting;
    EXPECT_EQ(1U, EventsOf({.was = other, .is = word}).size()) << word;
  }
  EXPECT_GT(found, 30U);
}

TEST(TransitionTest, TellsThatALearnerHangsOnceAndThatItGetsOn) {
  const Transition runs{reason::kLearnersRunning, reason::kLearnersRunning, State::kProcessing};

  const auto hangs = EventsOf(runs, "", "learner 1 has made no progress");
  ASSERT_EQ(1U, hangs.size());
  EXPECT_TRUE(hangs[0].warning);
  EXPECT_EQ(reason::kNoProgress, hangs[0].reason);

  EXPECT_TRUE(EventsOf(runs, "hung", "learner 1 has made no progress").empty());

  const auto gets_on = EventsOf(runs, "hung");
  ASSERT_EQ(1U, gets_on.size());
  EXPECT_FALSE(gets_on[0].warning);
  EXPECT_EQ(reason::kProgressResumed, gets_on[0].reason);
}

// What ended instead of getting on says so itself.
TEST(TransitionTest, SaysOfAHangThatEndsTheAttemptOnlyThat) {
  const auto events =
      EventsOf({reason::kLearnersRunning, reason::kRestarting, State::kPending, true}, "hung");
  ASSERT_EQ(1U, events.size());
  EXPECT_EQ(reason::kRestarting, events[0].reason);
}

}  // namespace
}  // namespace ffdl::training_job
