// Where learners run, and code that comes from a claim.
#include <gmock/gmock.h>

#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

using testing::HasSubstr;

class SchedulingTest : public Story {
 protected:
  // What a user would do to put a program into a claim.
  void PutIntoClaim(const std::string& claim, const std::string& script) {
    const Json volume = {{"name", "claim"}, {"persistentVolumeClaim", {{"claimName", claim}}}};
    const Json container = {
        {"name", "writer"},
        {"image", kBusybox},
        {"command", Json::array({"sh", "-c", script})},
        {"volumeMounts", Json::array({{{"name", "claim"}, {"mountPath", "/claim"}}})}};
    Apply(Json{{"apiVersion", "v1"},
               {"kind", "Pod"},
               {"metadata", {{"name", "writer"}}},
               {"spec",
                {{"restartPolicy", "Never"},
                 {"volumes", Json::array({volume})},
                 {"containers", Json::array({container})}}}});
    MustKubectl({"wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/writer", "--timeout=60s"},
                {.limit = kPhaseMax});
  }
};

TEST_F(SchedulingTest, LearnersThatArePackedRunCodeThatIsPutIntoAClaim) {
  Apply(JobManifest("packed", "")
            .Set("/command", Json::array({"./train.sh"}))
            .Learners(2)
            .Set("/code/claim", {{"name", "code"}, {"subPath", "nets/bert"}})
            .Set("/scheduling",
                 {{"placement", "Pack"},
                  {"nodeSelector", {{"kubernetes.io/os", "linux"}}},
                  {"tolerations", Json::array({{{"key", "gpu"}, {"operator", "Exists"}}})}}));
  const Json waiting = AwaitReason("packed", "WaitingForVolume");
  EXPECT_THAT(TextAt(ConditionOf(waiting, "Ready"), "/message"), HasSubstr("(claims: 'code')"));

  Apply(ClaimManifest("code"));
  EXPECT_THAT(TextAt(ConditionOf(AwaitReason("packed", "CodeMissing"), "Ready"), "/message"),
              HasSubstr("PersistentVolumeClaim 'code'"));
  const Json spec = Get("pod", "packed-learner-0").at("spec");
  EXPECT_EQ("linux", spec.at("nodeSelector").at("kubernetes.io/os"));
  EXPECT_TRUE(spec.at("affinity").contains("podAffinity"));

  PutIntoClaim("code",
               "mkdir -p /claim/nets/bert/sub && cd /claim/nets/bert && echo there > sub/data &&"
               " printf '#!/bin/sh\\ntest \"$(cat sub/data)\" = there' > train.sh");
  AwaitState("packed", "Completed");
}

}  // namespace
}  // namespace ffdl::e2e
