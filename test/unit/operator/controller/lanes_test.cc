#include "operator/controller/lanes.h"

#include <gtest/gtest.h>

#include "test/support/job_builder.h"

namespace ffdl::server {
namespace {

using k8s::Lane;
using testing_support::JobBuilder;

k8s::Pod Learner(std::int32_t exit_code) {
  k8s::Pod pod{.phase = "Running", .containers = {{.name = "learner"}}};
  pod.containers[0].terminated = k8s::ContainerEnd{.exit_code = exit_code};
  return pod;
}

TEST(LanesTest, FirstSightIsBackground) {
  const v1::TrainingJob job = JobBuilder("bert").Build();
  const k8s::Pod failed = Learner(1);
  EXPECT_EQ(Lane::kBackground, LaneOf(Change<v1::TrainingJob>{.after = &job, .first_fill = true}));
  EXPECT_EQ(Lane::kBackground, LaneOf(Change<k8s::Pod>{.after = &failed, .first_fill = true}));
}

TEST(LanesTest, AnEditIsMoreThanAStatus) {
  const v1::TrainingJob before = JobBuilder("bert").Build();
  v1::TrainingJob edited = before;
  ++edited.meta.generation;
  v1::TrainingJob written = before;
  written.status.attempt = 2;
  EXPECT_EQ(Lane::kSpec, LaneOf(Change<v1::TrainingJob>{.after = &before}));
  EXPECT_EQ(Lane::kSpec, LaneOf(Change<v1::TrainingJob>{.before = &before, .after = &edited}));
  EXPECT_EQ(Lane::kChild, LaneOf(Change<v1::TrainingJob>{.before = &before, .after = &written}));
}

TEST(LanesTest, DeletionIsUrgentOnce) {
  const k8s::Claim claim;
  k8s::Claim going = claim;
  going.meta.deletion_time = k8s::Time{};
  EXPECT_EQ(Lane::kUrgent, LaneOf(Change<k8s::Claim>{.before = &claim, .after = &going}));
  EXPECT_EQ(Lane::kChild, LaneOf(Change<k8s::Claim>{.before = &going, .after = &going}));
  EXPECT_EQ(Lane::kUrgent, LaneOf(Change<k8s::Claim>{.before = &going}));
}

TEST(LanesTest, AFailureIsUrgentOnce) {
  const k8s::Pod well = Learner(0);
  const k8s::Pod failed = Learner(3);
  k8s::Pod evicted;
  evicted.phase = "Failed";
  EXPECT_EQ(Lane::kChild, LaneOf(Change<k8s::Pod>{.after = &well}));
  EXPECT_EQ(Lane::kUrgent, LaneOf(Change<k8s::Pod>{.before = &well, .after = &failed}));
  EXPECT_EQ(Lane::kUrgent, LaneOf(Change<k8s::Pod>{.before = &well, .after = &evicted}));
  EXPECT_EQ(Lane::kChild, LaneOf(Change<k8s::Pod>{.before = &failed, .after = &failed}));
}

}  // namespace
}  // namespace ffdl::server
