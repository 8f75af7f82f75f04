// What the operator's metrics tell of jobs. Names are the ones that dashboards and alerts use; the
// only label that a user chooses is the namespace.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "crds/v1/training_job.h"
#include "k8s-client/runtime/metrics.h"

namespace ffdl::server {

// ffdl_jobs{namespace,state}                             how many there are
// ffdl_gpus_requested{namespace}                         of jobs that have not ended
// ffdl_gpus_allocated{namespace}                         of those whose learners run
// ffdl_job_wait_seconds                                  from creation until all learners first run
// ffdl_attempt_start_seconds                             from when learners are asked for until all
//                                                        run
// ffdl_job_run_seconds{outcome}                          from then to the end
// ffdl_learner_restarts_total{namespace,reason}          restarts that a failure caused, of all
//                                                        learners together or of one alone
// ffdl_attempt_gpu_seconds_total{namespace,end}          GPUs times seconds of attempts that are
//                                                        over: succeeded, suspended, failed (by the
//                                                        program), lost (by the cluster)
//
// Thread-safe. A standby counts silently, so that sums over all replicas are right.
class JobMetrics {
 public:
  explicit JobMetrics(k8s::Metrics& metrics);
  ~JobMetrics() = default;
  JobMetrics(const JobMetrics&) = delete;
  JobMetrics& operator=(const JobMetrics&) = delete;

  // A job came (no `before`), changed, or went (no `after`).
  void Note(const v1::TrainingJob* before, const v1::TrainingJob* after);

  // From now on it is we who tell.
  void Lead() { leads_ = true; }

  // Sets the gauges: before the text is made.
  void Refresh();

 private:
  struct Share {
    std::map<std::string, std::int64_t, std::less<>> jobs;  // by state
    std::int64_t gpus_requested = 0;
    std::int64_t gpus_allocated = 0;
  };

  void Count(const v1::TrainingJob& job, int sign);
  void NoteStart(const v1::TrainingJob& before, const v1::TrainingJob& after);
  void NoteAttemptStart(const v1::TrainingJob& before, const v1::TrainingJob& after);
  void NoteEnd(const v1::TrainingJob& before, const v1::TrainingJob& after);
  void NoteRestarts(const v1::TrainingJob& before, const v1::TrainingJob& after);
  void NoteAttempts(const v1::TrainingJob& before, const v1::TrainingJob& after);

  k8s::Metrics& metrics_;
  std::atomic<bool> leads_{false};
  std::mutex mutex_;
  std::map<std::string, Share> shares_;  // by namespace; one without jobs stays, with zeros
};

}  // namespace ffdl::server
