// What must never happen, whatever the fault. Judges every write when it is carried out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "test/simulation/actors/role.h"

namespace ffdl::simulation {

class Oracle {
 public:
  // `lease_duration`: how long a holder that is not heard of keeps the lease.
  Oracle(Stage& stage, std::chrono::milliseconds lease_duration);

  // A learner's program has been started.
  void OnStarted(const Stored& pod);

  // The first thing that was wrong.
  [[nodiscard]] const std::optional<std::string>& violation() const { return violation_; }
  // Writes of operators so far, renewals of the lease apart.
  [[nodiscard]] int operator_writes() const { return operator_writes_; }
  // When anything but a lease was last written.
  [[nodiscard]] std::chrono::nanoseconds changed_at() const { return changed_at_; }

 private:
  // What was seen of one job, by its uid, from its beginning to its end.
  struct JobRecord {
    std::string name;
    Json status = Json::object();
    int learners_max = 0;
    std::map<int, int> asked_for;        // learners, by generations that an operator may act by
    int sets_max = 1;                    // a StatefulSet for each role
    std::map<std::string, int> created;  // children, by kind, and with name
    std::map<std::pair<std::string, int>, std::string> templates;  // by StatefulSet and attempt
    std::set<std::pair<int, std::string>> started;                 // attempt and pod
    std::set<std::pair<int, std::string>> lost;  // the same, of pods that were taken away
    std::set<std::string> counted;  // uids of pods for whose failure a learner starts again alone
  };

  void OnCommit(const Commit& commit);
  void JudgeLeader(const Commit& commit);
  void JudgeJob(const Commit& commit);
  void JudgeEndOfLife(const Commit& commit);
  void JudgeStatus(const Commit& commit, const JobRecord& record);
  void JudgeLoneRestarts(const Commit& commit, JobRecord& record);
  void JudgeChild(const Commit& commit);
  void JudgeSet(const Commit& commit, JobRecord& record);
  void JudgeGuards(const Stored& pod, const std::string& name);
  void JudgePod(const Commit& commit);
  void JudgeClaim(const Commit& commit);
  void Wrong(const Commit& commit, const std::string& what);
  void Wrong(const std::string& what);
  // The job that an object belongs to, by the uids of its controllers.
  [[nodiscard]] JobRecord* RecordOf(const Json& child);
  [[nodiscard]] bool Lives(const std::string& job_uid) const;

  Stage& stage_;
  const std::chrono::milliseconds lease_duration_;
  std::map<std::string, JobRecord> jobs_;          // by uid
  std::map<std::string, std::string> set_owners_;  // uid of a StatefulSet -> of its job
  std::optional<std::chrono::nanoseconds> renewed_at_;
  std::optional<std::string> violation_;
  int operator_writes_ = 0;
  std::chrono::nanoseconds changed_at_{0};
};

}  // namespace ffdl::simulation
