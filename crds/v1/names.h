// Labels and derived names of a job's objects. Names are derived, never generated, so that a second
// pass finds what the first one made.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "k8s-client/meta/object_meta.h"

namespace ffdl::v1 {

inline constexpr std::string_view kJobLabel = "ffdl.io/job";
inline constexpr std::string_view kRoleLabel = "ffdl.io/role";
inline constexpr std::string_view kAttemptLabel = "ffdl.io/attempt";
// Of learners of an elastic job: how many there were to be when their attempt began.
inline constexpr std::string_view kLearnersLabel = "ffdl.io/learners";
// An annotation of a StatefulSet: the generation that it had when its spec was last as the job asks
// for. A greater one says that somebody else has edited it since.
inline constexpr std::string_view kGenerationAnnotation = "ffdl.io/generation";
inline constexpr std::string_view kManagedByLabel = "app.kubernetes.io/managed-by";
inline constexpr std::string_view kManagedBy = "ffdl-operator";
inline constexpr std::string_view kLearnerRole = "learner";

// Selects everything the operator made, for its watches.
inline constexpr std::string_view kManagedSelector = "app.kubernetes.io/managed-by=ffdl-operator";

// Of every child of the job.
[[nodiscard]] k8s::Labels ChildLabels(std::string_view job);
// What identifies the learners of a role; immutable in a StatefulSet, so it never grows.
[[nodiscard]] k8s::Labels RoleSelector(std::string_view job, std::string_view role);

// The longest StatefulSet name whose pods' controller-revision-hash label (name, dash, ten
// characters) still has the 63 bytes of a label value.
inline constexpr std::size_t kStatefulSetNameBytesMax = 52;

// "<job>-<role>", the StatefulSet of a role and the prefix of its learners' host names. A job name
// for which that is longer than kStatefulSetNameBytesMax is cut and gets eight hex digits of its
// hash.
[[nodiscard]] std::string RoleSetName(std::string_view job, std::string_view role);
// "<job>-learner", the Service of all learners, and the StatefulSet of a job without roles.
[[nodiscard]] std::string LearnersName(std::string_view job);
// The volume behind STORAGE_DIR, and its claim template.
inline constexpr const char* kStorageVolume = "ffdl-storage";
// "ffdl-storage-<job>-<role>-0", the claim that the StatefulSet controller makes of it for the pod
// <job>-<role>-0.
[[nodiscard]] std::string LearnerClaimName(std::string_view pod);

// "<job>-learner", of the NetworkPolicy and the PodDisruptionBudget alike.
[[nodiscard]] std::string GuardName(std::string_view job);
// "<job>-key-<eight hex digits of the uid's hash>", the Secret of learners that start processes in
// each other: so an earlier job of the name cannot have left one.
[[nodiscard]] std::string JobKeyName(std::string_view job, std::string_view uid);
// "<job>-shared", the claim behind JOB_STATE_DIR; cut the same way.
[[nodiscard]] std::string SharedClaimName(std::string_view job);

}  // namespace ffdl::v1
