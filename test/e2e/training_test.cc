// A real network, trained by two learners.
#include <gmock/gmock.h>

#include <iostream>

#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

constexpr std::chrono::seconds kTrainingMax{400};

class TrainingTest : public Story {
 protected:
  // What a file of the claim holds, read by a pod as a user would.
  std::string ReadFromClaim(const std::string& claim, const std::string& script) {
    Apply(Json{
        {"apiVersion", "v1"},
        {"kind", "Pod"},
        {"metadata", {{"name", "reader"}}},
        {"spec",
         {{"restartPolicy", "Never"},
          {"volumes",
           Json::array({{{"name", "claim"}, {"persistentVolumeClaim", {{"claimName", claim}}}}})},
          {"containers",
           Json::array({{{"name", "reader"},
                         {"image", kBusybox},
                         {"command", Json::array({"sh", "-c", script})},
                         {"volumeMounts",
                          Json::array({{{"name", "claim"}, {"mountPath", "/claim"}}})}}})}}}});
    MustKubectl({"wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/reader", "--timeout=60s"},
                {.limit = kPhaseMax});
    return MustKubectl({"logs", "reader"});
  }
};

TEST_F(TrainingTest, TwoLearnersTrainMnistTogetherToMoreThan95Percent) {
  MustKubectl({"apply", "-k", std::string(FFDL_SOURCE_DIR) + "/manifests/samples/mnist"});
  const Json done = Await(
      "mnist", "Completed",
      [](const Json& job) { return !TextAt(job, "/status/completionTime").empty(); }, 0,
      kTrainingMax);
  ASSERT_EQ("Completed", TextAt(done, "/status/state")) << done.dump(2);
  EXPECT_EQ("2/2", TextAt(done, "/status/learners/summary"));
  EXPECT_EQ(1, NumberAt(done, "/status/attempt"));

  const std::string results = ReadFromClaim(
      "mnist-results", "test -s /claim/mnist/model.pt && cat /claim/mnist/results.json");
  std::cout << results;
  const Json parsed = Json::parse(results);
  EXPECT_GE(At(parsed, "/accuracy").get<double>(), 0.95);
  EXPECT_EQ(2, NumberAt(parsed, "/learners"));
}

}  // namespace
}  // namespace ffdl::e2e
