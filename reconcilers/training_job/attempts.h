// What status remembers of attempts that are over, and what follows from it for the next one.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {

// Whether the cluster is to blame, and not the program.
[[nodiscard]] bool IsFaultOfTheCluster(std::string_view reason);

// How an attempt went that ended for this reason: "succeeded", "suspended", "failed" (by the
// program) or "lost" (by the cluster).
[[nodiscard]] std::string_view OutcomeOf(std::string_view reason);

// Remembers that this attempt is over, and what it cost; an attempt ends once, so that later words
// on it are not heard. `failure` is null when no failure ended it.
void RecordEnd(Pass& pass, std::int32_t attempt, std::string_view reason,
               const v1::Failure* failure);

// Decides that this attempt begins, when, and which nodes it avoids.
void BeginAttempt(Pass& pass, std::int32_t attempt);

// How long the attempt behind those that are remembered waits, and when it may begin.
[[nodiscard]] std::chrono::seconds Backoff(const Pass& pass);
[[nodiscard]] std::optional<k8s::Time> EndOfBackoff(const Pass& pass);

// The same for a restart of single learners: the one before was at `restarted` and waited for
// `backoff`.
[[nodiscard]] std::chrono::seconds BackoffAfter(const Pass& pass, k8s::Time restarted,
                                                std::chrono::seconds backoff);

// When the first of the nodes that this attempt avoids may be used again; not set without any.
[[nodiscard]] std::optional<k8s::Time> EndOfAvoidance(const Pass& pass);

}  // namespace ffdl::training_job
