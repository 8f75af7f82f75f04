// What the programs of each framework find when they start.
#include <gmock/gmock.h>

#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

class FrameworkProgramsTest : public Story {
 protected:
  static JobManifest Of(const std::string& framework, const std::string& script) {
    return JobManifest(framework, script).Set("/framework/name", framework).Learners(2);
  }
};

TEST_F(FrameworkProgramsTest, TorchrunStartsADistributedProgramWithoutFlags) {
  // PyTorch 1.13 takes its own defaults of these two flags for unknown under Python 3.11.
  const Json env = Json::array(
      {{{"name", "PET_TEE"}, {"value", "1"}}, {{"name", "PET_REDIRECTS"}, {"value", "1"}}});
  Apply(Of("pytorch", R"(cat > /tmp/sum.py <<'EOF'
import torch
import torch.distributed

torch.distributed.init_process_group("gloo")
ranks = torch.tensor([torch.distributed.get_rank() + 1])
torch.distributed.all_reduce(ranks)
assert ranks.item() == 3 and torch.distributed.get_world_size() == 2
EOF
torchrun /tmp/sum.py)")
            .Set("/framework/image", "localhost/pytorch:1")
            .Set("/env", env));

  AwaitState("pytorch", "Completed");
}

TEST_F(FrameworkProgramsTest, ALearnerOfTensorflowIsTheWorkerOfItsRank) {
  Apply(Of("tensorflow", R"(test "$TF_CONFIG" = '{"cluster":{"worker":[)"
                         R"("tensorflow-learner-0.tensorflow-learner:2222",)"
                         R"("tensorflow-learner-1.tensorflow-learner:2222"]},)"
                         R"("task":{"type":"worker","index":'$((LEARNER_ID - 1))'},)"
                         R"("environment":"cloud"}')"));

  AwaitState("tensorflow", "Completed");
}

TEST_F(FrameworkProgramsTest, ALearnerOfJaxIsTheProcessOfItsRank) {
  Apply(Of("jax",
           "test $JAX_COORDINATOR_ADDRESS = jax-learner-0.jax-learner:6666 &&"
           " test $JAX_NUM_PROCESSES.$JAX_PROCESS_ID = 2.$((LEARNER_ID - 1))"));

  AwaitState("jax", "Completed");
}

TEST_F(FrameworkProgramsTest, ALearnerOfXgboostIsTheTaskOfItsRank) {
  Apply(Of("xgboost",
           "test $DMLC_TRACKER_URI:$DMLC_TRACKER_PORT = xgboost-learner-0.xgboost-learner:9999 &&"
           " test $DMLC_NUM_WORKER.$DMLC_TASK_ID = 2.$((LEARNER_ID - 1)) &&"
           " test $WORKER_ADDRS = xgboost-learner-1.xgboost-learner"));

  AwaitState("xgboost", "Completed");
}

class FrameworkVersionsTest : public Story {
 protected:
  void TearDown() override {
    Story::TearDown();
    SetImage(nullptr);
  }

  // Of XGBoost in a version that only these tests have.
  void SetImage(const Json& image) {
    const Json patch = {{"data", {{"xgboost.e2e.cpu", image}}}};
    MustKubectl({"patch", "configmap", "ffdl-frameworks", "--namespace=ffdl-system", "--type=merge",
                 "--patch", patch.dump()});
  }
};

TEST_F(FrameworkVersionsTest, JobWaitsForItsVersionAndKeepsTheImageThatItGot) {
  Apply(JobManifest("trees", "exit 3")
            .Set("/framework", {{"name", "xgboost"}, {"version", "e2e"}})
            .MaxRestarts(1));
  const Json waiting = AwaitReason("trees", "FrameworkUnknown");
  EXPECT_THAT(
      TextAt(ConditionOf(waiting, "Ready"), "/message"),
      testing::StartsWith("no image is known for 'xgboost.e2e.cpu': the catalogue of frameworks "
                          "has 'xgboost"));

  SetImage(kBusybox);
  AwaitReason("trees", "ImageChosen");
  SetImage("localhost/nowhere:7");
  const Json failed = AwaitState("trees", "Failed");
  EXPECT_EQ(1, NumberAt(failed, "/status/restarts"));
  EXPECT_EQ(kBusybox, TextAt(failed, "/status/framework/image"));
}

}  // namespace
}  // namespace ffdl::e2e
