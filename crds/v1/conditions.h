// The condition types, reasons and event actions of a TrainingJob: the only list of them.
// Types follow kstatus (Ready, Reconciling, Stalled) and the Kubernetes API conventions.
#pragma once

#include <string_view>

namespace ffdl::v1 {

namespace condition {
inline constexpr std::string_view kReady = "Ready";  // running, suspended or finished, as asked
inline constexpr std::string_view kReconciling = "Reconciling";  // on the way to Ready
inline constexpr std::string_view kStalled = "Stalled";          // needs a person
inline constexpr std::string_view kAdmitted = "Admitted";    // the cluster accepted all its objects
inline constexpr std::string_view kFinished = "Finished";    // ended, well or badly; monotonic
inline constexpr std::string_view kSucceeded = "Succeeded";  // ended well
}  // namespace condition

namespace reason {
// On the way.
inline constexpr std::string_view kImageChosen = "ImageChosen";  // by the catalogue of frameworks
inline constexpr std::string_view kGpuTypeChosen = "GpuTypeChosen";  // the same
inline constexpr std::string_view kLearnersStarting = "LearnersStarting";
inline constexpr std::string_view kDownloadingCode = "DownloadingCode";
inline constexpr std::string_view kLearnersRunning = "LearnersRunning";
inline constexpr std::string_view kRestarting = "Restarting";
inline constexpr std::string_view kRestartingLearner = "RestartingLearner";  // the others run on
inline constexpr std::string_view kSuspending = "Suspending";
inline constexpr std::string_view kSuspended = "Suspended";
inline constexpr std::string_view kResuming = "Resuming";
// Waiting for the cluster or for a person; the job goes on by itself when the cause is gone.
inline constexpr std::string_view kFrameworkUnknown = "FrameworkUnknown";
inline constexpr std::string_view kGpuTypeUnknown = "GpuTypeUnknown";
inline constexpr std::string_view kWaitingForGpus = "WaitingForGpus";
inline constexpr std::string_view kWaitingForCapacity = "WaitingForCapacity";
inline constexpr std::string_view kWaitingForVolume = "WaitingForVolume";
inline constexpr std::string_view kLearnerImagePullFailed = "LearnerImagePullFailed";
inline constexpr std::string_view kLearnerConfigInvalid = "LearnerConfigInvalid";
inline constexpr std::string_view kLearnerStartFailed = "LearnerStartFailed";
inline constexpr std::string_view kCodeMissing = "CodeMissing";
inline constexpr std::string_view kCodeAccessDenied = "CodeAccessDenied";
inline constexpr std::string_view kCodeInvalid = "CodeInvalid";
inline constexpr std::string_view kObjectStoreUnavailable = "ObjectStoreUnavailable";
inline constexpr std::string_view kCommandNotFound = "CommandNotFound";
inline constexpr std::string_view kRefused = "Refused";      // the API server refused an object
inline constexpr std::string_view kNameTaken = "NameTaken";  // a foreign object has our name
// Of events alone: an object of the job was not as the job asks for; learners that hung get on.
inline constexpr std::string_view kObjectRepaired = "ObjectRepaired";
// Of events alone: a learner failed and starts again, without the others.
inline constexpr std::string_view kLearnerRestarted = "LearnerRestarted";
inline constexpr std::string_view kProgressResumed = "ProgressResumed";
// Of events alone: what a finished job asked not to keep.
inline constexpr std::string_view kClaimsDeleted = "ClaimsDeleted";
// The end.
inline constexpr std::string_view kAllLearnersSucceeded = "AllLearnersSucceeded";
inline constexpr std::string_view kMasterSucceeded = "MasterSucceeded";
inline constexpr std::string_view kAnyLearnerSucceeded = "AnyLearnerSucceeded";
inline constexpr std::string_view kAllRolesSucceeded = "AllRolesSucceeded";
inline constexpr std::string_view kProgramFailed = "ProgramFailed";
inline constexpr std::string_view kOutOfMemory = "OutOfMemory";
inline constexpr std::string_view kKilledBySignal = "KilledBySignal";
// Faults of the cluster.
inline constexpr std::string_view kNoProgress = "NoProgress";  // it hung
inline constexpr std::string_view kEvicted = "Evicted";
inline constexpr std::string_view kPreempted = "Preempted";
inline constexpr std::string_view kNodeLost = "NodeLost";
inline constexpr std::string_view kLearnerDeleted = "LearnerDeleted";
// Limits of time.
inline constexpr std::string_view kPendingDeadlineExceeded = "PendingDeadlineExceeded";
inline constexpr std::string_view kDeadlineExceeded = "DeadlineExceeded";  // as batch/v1 Job says
// Nothing to say: a condition that is not the case.
inline constexpr std::string_view kNotFinished = "NotFinished";
inline constexpr std::string_view kAccepted = "Accepted";
inline constexpr std::string_view kUpToDate = "UpToDate";
inline constexpr std::string_view kNotStalled = "NotStalled";
}  // namespace reason

// What a learner does, as status tells of it.
namespace learner_phase {
inline constexpr std::string_view kStarting = "Starting";  // or not there yet
inline constexpr std::string_view kWaiting = "Waiting";    // for what its reason says
inline constexpr std::string_view kRunning = "Running";
inline constexpr std::string_view kSucceeded = "Succeeded";
inline constexpr std::string_view kFailed = "Failed";
}  // namespace learner_phase

namespace event_action {
inline constexpr std::string_view kCreateLearners = "CreateLearners";
inline constexpr std::string_view kDownloadCode = "DownloadCode";
inline constexpr std::string_view kStartLearners = "StartLearners";
inline constexpr std::string_view kRestartLearners = "RestartLearners";
inline constexpr std::string_view kStopLearners = "StopLearners";
inline constexpr std::string_view kFinishJob = "FinishJob";
inline constexpr std::string_view kWait = "Wait";
inline constexpr std::string_view kRepairObject = "RepairObject";
inline constexpr std::string_view kDeleteClaims = "DeleteClaims";
}  // namespace event_action

}  // namespace ffdl::v1
