#include <gmock/gmock.h>

#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

class RestrictedTest : public Story {
 protected:
  void SetUp() override {
    Story::SetUp();
    MustKubectl({"label", "namespace", ns(), "pod-security.kubernetes.io/enforce=restricted"});
  }
};

TEST_F(RestrictedTest, JobWithAUserRunsWhereOnlyRestrictedPodsMay) {
  Apply(
      JobManifest("plain", "test $(id -u) = 1000 && echo kept > $RESULT_DIR/file")
          .Set("/podTemplate/spec/securityContext", {{"runAsNonRoot", true}, {"runAsUser", 1000}}));
  AwaitState("plain", "Completed");
}

TEST_F(RestrictedTest, ReadOnlyRootAndForeignGroupDoNotHinderALearner) {
  Apply(JobManifest("strict", "! touch /here 2>/dev/null && touch $HOME/there && echo $HOME")
            .SharedStorage()
            .Set("/podTemplate/spec/securityContext",
                 {{"runAsNonRoot", true}, {"runAsUser", 4711}, {"runAsGroup", 815}})
            .Set("/podTemplate/spec/containers",
                 Json::array({{{"name", "learner"},
                               {"securityContext",
                                {{"readOnlyRootFilesystem", true},
                                 {"allowPrivilegeEscalation", false},
                                 {"capabilities", {{"drop", Json::array({"ALL"})}}}}}}})));
  AwaitState("strict", "Completed");
}

}  // namespace
}  // namespace ffdl::e2e
