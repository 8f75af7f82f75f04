// Jobs whose number of learners changes while they run.
#include <gmock/gmock.h>

#include <sstream>
#include <utility>

#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

// Counts steps with all others, goes on where the last one left off, and tells how many they are.
constexpr const char* kCountTogether = R"(cat > /tmp/train.py <<'EOF'
import os
import time

import torch
import torch.distributed

folder = os.environ["JOB_STATE_DIR"]
path = os.path.join(folder, "progress")
torch.distributed.init_process_group("gloo")
step = int(open(path).read().split()[1]) if os.path.exists(path) else 0
over = torch.zeros(1)
while over.item() == 0:
    step += 1
    if torch.distributed.get_rank() == 0:
        with open(path + ".new", "w") as file:
            file.write(f"{torch.distributed.get_world_size()} {step}\n")
        os.rename(path + ".new", path)
    time.sleep(0.1)
    over = torch.tensor([float(os.path.exists(os.path.join(folder, "over")))])
    torch.distributed.all_reduce(over)
EOF
exec torchrun /tmp/train.py)";

class ElasticTest : public Story {
 protected:
  // What the program said last: how many learners count, and their step.
  [[nodiscard]] std::pair<int, int> Progress(const std::string& job) {
    const CommandResult said =
        Kubectl({"exec", job + "-learner-0", "-c", "learner", "--", "cat", "/job/progress"});
    int learners = 0;
    int step = 0;
    std::istringstream(said.out) >> learners >> step;
    return {learners, step};
  }

  // Returns a step after `step` that so many took together.
  int AwaitTogether(const std::string& job, int learners, int step) {
    std::pair<int, int> progress;
    EXPECT_TRUE(Eventually(
        [&] {
          progress = Progress(job);
          return progress.first == learners && progress.second > step;
        },
        kPhaseMax))
        << "wanted " << learners << " learners beyond step " << step << ", got " << progress.first
        << " at step " << progress.second;
    return progress.second;
  }
};

TEST_F(ElasticTest, TorchrunGoesOnWithMoreAndWithFewerLearnersInTheSamePod) {
  // The first two as in FrameworkProgramsTest.
  const Json env = Json::array({{{"name", "PET_TEE"}, {"value", "1"}},
                                {{"name", "PET_REDIRECTS"}, {"value", "1"}},
                                {{"name", "PET_MONITOR_INTERVAL"}, {"value", "1"}}});
  Apply(JobManifest("stretch", kCountTogether)
            .Set("/framework", {{"name", "pytorch"}, {"image", "localhost/pytorch:1"}})
            .Set("/env", env)
            .Set("/elastic", {{"maxLearners", 2}, {"torchrun", {{"lastCallSeconds", 1}}}})
            .SharedStorage());
  AwaitState("stretch", "Processing");
  const std::string first = TextAt(Get("pod", "stretch-learner-0"), "/metadata/uid");
  int step = AwaitTogether("stretch", 1, 0);

  MustKubectl({"scale", "tj/stretch", "--replicas=2"});
  step = AwaitTogether("stretch", 2, step);
  MustKubectl({"scale", "tj/stretch", "--replicas=1"});
  AwaitTogether("stretch", 1, step);

  EXPECT_EQ(first, TextAt(Get("pod", "stretch-learner-0"), "/metadata/uid"));
  MustKubectl({"exec", "stretch-learner-0", "-c", "learner", "--", "touch", "/job/over"});
  const Json done = AwaitState("stretch", "Completed");
  EXPECT_EQ(1, NumberAt(done, "/status/attempt"));
  EXPECT_EQ(0, NumberAt(done, "/status/restarts"));
}

TEST_F(ElasticTest, JobOfAFixedNumberOfLearnersCannotBeScaled) {
  Apply(JobManifest("fixed", "sleep 3600").Set("/suspend", true));
  Edit("fixed", {{"suspend", false}});

  const CommandResult scaled = Kubectl({"scale", "tj/fixed", "--replicas=2"});
  EXPECT_FALSE(scaled.ok());
  EXPECT_THAT(scaled.err,
              testing::HasSubstr("`spec.learners` can only be changed while the job is suspended, "
                                 "or in an elastic job"));
}

}  // namespace
}  // namespace ffdl::e2e
