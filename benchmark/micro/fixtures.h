// A typical job and what the cluster shows of it, as the API server writes it.
#pragma once

#include <string>

#include "crds/v1/training_job.h"
#include "k8s-client/meta/time.h"
#include "reconcilers/training_job/observed.h"

namespace ffdl::benchmarks {

enum class Stage { kNew, kStarting, kRunning, kSucceeded };

// With managed fields, status and the defaults that the server adds, as a watch delivers them.
[[nodiscard]] std::string JobText(int learners, Stage stage);
[[nodiscard]] std::string PodText(const v1::TrainingJob& job, int ordinal, Stage stage);

// The job of JobText, read; with the status that our own planner gave it.
[[nodiscard]] v1::TrainingJob Job(int learners, Stage stage);
// Its children, read by the readers that the operator uses.
[[nodiscard]] training_job::Observed Children(const v1::TrainingJob& job, Stage stage);

[[nodiscard]] const training_job::Settings& OperatorSettings();
[[nodiscard]] k8s::Time Now();

}  // namespace ffdl::benchmarks
