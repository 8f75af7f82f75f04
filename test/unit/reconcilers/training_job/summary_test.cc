#include "reconcilers/training_job/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "crds/v1/conditions.h"
#include "crds/v1/json.h"
#include "reconcilers/training_job/plan.h"
#include "test/support/job_builder.h"

namespace ffdl::training_job {
namespace {

using testing::ElementsAre;
using testing_support::JobBuilder;

class SummaryTest : public testing::Test {
 protected:
  explicit SummaryTest() : job_(JobBuilder("bert").Learners(5000).Gpus(8).Build()) {}

  k8s::Pod& AddPod(std::int32_t id) {
    k8s::Pod pod;
    pod.meta.key = {.ns = "ml", .name = "bert-learner-" + std::to_string(id)};
    pod.node = "gpu-a-" + std::to_string(id);
    pods_.push_back(std::move(pod));
    return pods_.back();
  }

  void Run(std::int32_t id) {
    learners_.push_back({.id = id, .phase = LearnerPhase::kRunning, .pod = &AddPod(id)});
  }
  void Fail(std::int32_t id, std::string message, std::string log = "") {
    learners_.push_back({.id = id,
                         .phase = LearnerPhase::kFailed,
                         .end = LearnerEnd{.exit_code = 1,
                                           .reason = std::string(v1::reason::kProgramFailed),
                                           .message = std::move(message),
                                           .log = std::move(log)},
                         .pod = &AddPod(id)});
  }
  void Wait(std::int32_t id) {
    k8s::Pod& pod = AddPod(id);
    pod.node.clear();
    pod.unscheduled_message = "0/9 nodes are available: 9 Insufficient nvidia.com/gpu.";
    learners_.push_back({.id = id, .pod = &pod});
  }

  v1::TrainingJobStatus Summary() {
    Pass pass{.job = job_, .observed = observed_, .settings = settings_, .now = {}};
    for (const v1::Role& role : job_.spec.roles) pass.next.roles.push_back({.name = role.name});
    SummarizeLearners(pass, learners_);
    return pass.next;
  }

  v1::TrainingJob job_;
  std::deque<k8s::Pod> pods_;
  std::vector<Learner> learners_;
  const Observed observed_;
  const Settings settings_;
};

TEST_F(SummaryTest, TellsThousandsInAFewLines) {
  for (std::int32_t id = 1; id <= 5000; ++id) {
    if (id == 38) {
      Wait(id);
    } else if (id == 40) {
      Fail(id, "exited with code 1");
    } else if (id != 4999) {
      Run(id);
    }
  }

  const v1::LearnersStatus learners = Summary().learners;

  EXPECT_THAT(learners.phases,
              ElementsAre(v1::LearnerGroup{"Running", "", 4997, "1-37,39,41-4998,5000"},
                          v1::LearnerGroup{"Starting", "", 1, "4999"},
                          v1::LearnerGroup{"Waiting", "WaitingForGpus", 1, "38"},
                          v1::LearnerGroup{"Failed", "ProgramFailed", 1, "40"}));
  ASSERT_EQ(2U, learners.details.size());
  EXPECT_EQ((v1::LearnerDetail{40, "", "Failed", "ProgramFailed", "gpu-a-40", 1,
                               "learner 40 exited with code 1"}),
            learners.details[0]);
  EXPECT_EQ(38, learners.details[1].learner);
  EXPECT_THAT(learners.details[1].message, testing::StartsWith("learner 38 waits for 8"));
}

TEST_F(SummaryTest, TellsTheFirstOfThoseThatFailedBeforeThoseThatWait) {
  for (std::int32_t id = 1; id <= 3; ++id) Wait(id);
  for (std::int32_t id = 4; id <= 7; ++id) Fail(id, "exited with code 1");

  std::vector<std::int32_t> told;
  for (const auto& detail : Summary().learners.details) told.push_back(detail.learner);

  EXPECT_THAT(told, ElementsAre(4, 5, 6, 7, 1));
}

TEST_F(SummaryTest, CountsEachRoleFromOne) {
  job_ = JobBuilder("bert")
             .Role({.name = "ps", .replicas = 2})
             .Role({.name = "worker", .replicas = 4})
             .Build();
  Run(1);
  Run(2);
  Run(3);
  Fail(5, "exited with code 1");

  const v1::TrainingJobStatus status = Summary();

  EXPECT_THAT(status.learners.phases, testing::IsEmpty());
  EXPECT_THAT(status.roles[0].phases, ElementsAre(v1::LearnerGroup{"Running", "", 2, "1-2"}));
  EXPECT_THAT(status.roles[1].phases,
              ElementsAre(v1::LearnerGroup{"Running", "", 1, "1"},
                          v1::LearnerGroup{"Starting", "", 2, "2,4"},
                          v1::LearnerGroup{"Failed", "ProgramFailed", 1, "3"}));
  EXPECT_EQ("worker", status.learners.details[0].role);
  EXPECT_EQ(5, status.learners.details[0].learner);
  EXPECT_EQ("worker 3 exited with code 1", status.learners.details[0].message);
}

TEST_F(SummaryTest, SaysOfASuspendedJobOnlyWhatIsLeftOfIt) {
  job_.spec.suspend = true;
  EXPECT_THAT(Summary().learners.phases, testing::IsEmpty());
  Run(7);
  EXPECT_THAT(Summary().learners.phases, ElementsAre(v1::LearnerGroup{"Running", "", 1, "7"}));
}

// The worst that a program can do: each second learner fails, with long words and logs.
TEST_F(SummaryTest, StaysSmallWhateverTheLearnersSay) {
  for (std::int32_t id = 1; id <= 5000; id += 2) {
    Fail(id, std::string(4096, 'm'), std::string(4096, 'l'));
    Wait(id + 1);
  }
  const v1::TrainingJobStatus status = Summary();
  for (const auto& detail : status.learners.details) {
    EXPECT_EQ(v1::kLearnerMessageBytesMax, detail.message.size());
  }
  EXPECT_LT(v1::ToJson(status).dump().size(), 4U << 10U);
}

}  // namespace
}  // namespace ffdl::training_job
