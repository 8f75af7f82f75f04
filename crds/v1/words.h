// The words of the enumerations, as the CRD spells them: one table each, for reading and for
// writing.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "crds/v1/training_job.h"

namespace ffdl::v1 {

template <typename Enum>
using Word = std::pair<Enum, std::string_view>;

inline constexpr std::array kFrameworkWords{
    Word<FrameworkName>{FrameworkName::kCaffe, "caffe"},
    Word<FrameworkName>{FrameworkName::kCaffe2, "caffe2"},
    Word<FrameworkName>{FrameworkName::kCustom, "custom"},
    Word<FrameworkName>{FrameworkName::kH2o3, "h2o3"},
    Word<FrameworkName>{FrameworkName::kHorovod, "horovod"},
    Word<FrameworkName>{FrameworkName::kJax, "jax"},
    Word<FrameworkName>{FrameworkName::kMpi, "mpi"},
    Word<FrameworkName>{FrameworkName::kPytorch, "pytorch"},
    Word<FrameworkName>{FrameworkName::kTensorflow, "tensorflow"},
    Word<FrameworkName>{FrameworkName::kXgboost, "xgboost"},
};

inline constexpr std::array kCompletionPolicyWords{
    Word<CompletionPolicy>{CompletionPolicy::kAllLearners, "AllLearners"},
    Word<CompletionPolicy>{CompletionPolicy::kMaster, "Master"},
    Word<CompletionPolicy>{CompletionPolicy::kAnyLearner, "AnyLearner"},
};

// A role need not be waited for; a job must be.
inline constexpr std::array kRoleCompletionPolicyWords{
    kCompletionPolicyWords[0],
    kCompletionPolicyWords[1],
    kCompletionPolicyWords[2],
    Word<CompletionPolicy>{CompletionPolicy::kNone, "None"},
};

inline constexpr std::array kFailureActionWords{
    Word<FailureAction>{FailureAction::kFailJob, "FailJob"},
    Word<FailureAction>{FailureAction::kRestartJob, "RestartJob"},
    Word<FailureAction>{FailureAction::kRestartLearner, "RestartLearner"},
    Word<FailureAction>{FailureAction::kIgnore, "Ignore"},
};

inline constexpr std::array kRestartScopeWords{
    Word<RestartScope>{RestartScope::kJob, "Job"},
    Word<RestartScope>{RestartScope::kLearner, "Learner"},
};

inline constexpr std::array kHangActionWords{
    Word<HangAction>{HangAction::kReport, "Report"},
    Word<HangAction>{HangAction::kFail, "Fail"},
};

inline constexpr std::array kReachWords{
    Word<Reach>{Reach::kAny, "Any"},
    Word<Reach>{Reach::kJobOnly, "JobOnly"},
};

inline constexpr std::array kPlacementWords{
    Word<Placement>{Placement::kAny, "Any"},
    Word<Placement>{Placement::kPack, "Pack"},
    Word<Placement>{Placement::kSpread, "Spread"},
};

inline constexpr std::array kRetentionWords{
    Word<Retention>{Retention::kRetain, "Retain"},
    Word<Retention>{Retention::kDelete, "Delete"},
};

// kNone has no word: a job without a state has no such field.
inline constexpr std::array kStateWords{
    Word<State>{State::kPending, "Pending"},       Word<State>{State::kDownloading, "Downloading"},
    Word<State>{State::kProcessing, "Processing"}, Word<State>{State::kCompleted, "Completed"},
    Word<State>{State::kFailed, "Failed"},         Word<State>{State::kHalted, "Halted"},
};

}  // namespace ffdl::v1
