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

// As OpenShift gives them to each namespace; the uid is in no image's /etc/passwd, and the group is
// what makes volumes writable.
TEST_F(RestrictedTest, ArbitraryUserWithAGroupOfItsVolumesTrainsAndWrites) {
  Apply(ClaimManifest("kept"));
  Apply(JobManifest(
            "arbitrary",
            "set -e\n"
            "test $(id -u) = 1000770000\n"
            "id -G | grep -w 1000770000\n"
            "for dir in $RESULT_DIR $JOB_STATE_DIR $STORAGE_DIR $CHECKPOINT_DIR $LOG_DIR; do\n"
            "  echo kept > $dir/by-$LEARNER_ID\n"
            "done\n"
            "ls -l $LOG_DIR\n")
            .Learners(2)
            .SharedStorage()
            .StorageOfEachLearner()
            .ResultsIn("kept")
            .Set("/podTemplate/spec/securityContext", {{"runAsNonRoot", true},
                                                       {"runAsUser", 1000770000},
                                                       {"fsGroup", 1000770000},
                                                       {"fsGroupChangePolicy", "OnRootMismatch"}}));
  AwaitState("arbitrary", "Completed");
}

}  // namespace
}  // namespace ffdl::e2e
