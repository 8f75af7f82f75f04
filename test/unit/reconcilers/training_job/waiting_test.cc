#include "reconcilers/training_job/waiting.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ffdl::training_job {
namespace {

using k8s::ContainerEnd;
using k8s::ContainerStatus;
using k8s::Pod;

Pod PodOf(ContainerStatus setup, ContainerStatus learner) {
  setup.name = "setup";
  learner.name = "learner";
  return {.phase = "Pending", .init_containers = {setup}, .containers = {learner}};
}

Pod Remembered(Pod pod) {
  ForgetOrdinaryStart(pod);
  return pod;
}

const ContainerStatus kInitializing{.waiting_reason = "PodInitializing"};
const k8s::Time kThen{std::chrono::seconds(7)};

TEST(ForgetOrdinaryStartTest, MakesTheStepsOfAStartEqual) {
  const Pod seen = PodOf(kInitializing, kInitializing);
  const Pod setup_runs = PodOf({.running = true, .started_at = kThen}, kInitializing);
  const Pod setup_done = PodOf({.terminated = ContainerEnd{.reason = "Completed"}},
                               {.waiting_reason = "ContainerCreating", .waiting_message = "soon"});
  const Pod scheduled{.phase = "Pending"};
  for (const Pod& pod : {seen, setup_runs, setup_done}) {
    EXPECT_EQ(scheduled, Remembered(pod));
  }
}

// What a planner reads of them, in the order of FindObstacle and LearnersOf.
TEST(ForgetOrdinaryStartTest, KeepsWhatDecides) {
  const ContainerEnd failed{.exit_code = 3, .message = "no code", .finished_at = kThen};
  const std::vector<Pod> pods = {
      PodOf({.waiting_reason = "ErrImagePull", .waiting_message = "denied"}, {}),
      PodOf({.terminated = failed}, {}),
      PodOf({.waiting_reason = "ImagePullBackOff", .last_terminated = failed}, {}),
      PodOf({}, {.waiting_reason = "CreateContainerError", .waiting_message = "mount"}),
      PodOf({}, {.running = true, .started_at = kThen}),
      PodOf({}, {.terminated = failed}),
      PodOf({}, {.running = true, .started_at = kThen, .last_terminated = failed}),
  };
  for (const Pod& pod : pods) {
    Pod want = pod;
    const auto is_blank = [](const ContainerStatus& container) {
      return container == ContainerStatus{.name = container.name};
    };
    std::erase_if(want.init_containers, is_blank);
    std::erase_if(want.containers, is_blank);
    EXPECT_EQ(want, Remembered(pod));
  }
}

TEST(ForgetOrdinaryStartTest, KeepsASetupThatFailedBeforeWhileItRunsAgain) {
  const ContainerEnd failed{.exit_code = 3};
  const Pod again = Remembered(
      PodOf({.running = true, .started_at = kThen, .last_terminated = failed}, kInitializing));
  ASSERT_EQ(1U, again.init_containers.size());
  EXPECT_EQ(failed, again.init_containers[0].last_terminated);
}

TEST(ForgetOrdinaryStartTest, KeepsThatCodeIsBeingDownloaded) {
  const Pod pod =
      Remembered({.init_containers = {{.name = "setup", .terminated = ContainerEnd{}},
                                      {.name = "fetch", .running = true, .started_at = kThen}}});
  ASSERT_EQ(1U, pod.init_containers.size());
  EXPECT_EQ((ContainerStatus{.name = "fetch", .running = true}), pod.init_containers[0]);
}

// A setup that went well at last is no obstacle, whatever came before.
TEST(ForgetOrdinaryStartTest, ForgetsAFailureThatWasMended) {
  const Pod mended = Remembered(PodOf({.terminated = ContainerEnd{.reason = "Completed"},
                                       .last_terminated = ContainerEnd{.exit_code = 3}},
                                      kInitializing));
  EXPECT_TRUE(mended.init_containers.empty());
}

}  // namespace
}  // namespace ffdl::training_job
