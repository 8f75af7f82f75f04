// Real Open MPI, in an image without SSH.
#include <gmock/gmock.h>

#include <set>

#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

using testing::HasSubstr;

class MpiTest : public Story {
 protected:
  static JobManifest Of(const std::string& name, const std::string& script) {
    return JobManifest(name, script)
        .Set("/framework", {{"name", "mpi"}, {"image", "localhost/openmpi:1"}})
        .Learners(2);
  }
};

// As OpenShift has them: a user that is in no image, and nothing to write to but volumes.
TEST_F(MpiTest, RestrictedLearnersWithoutSshAddUpTheirRanks) {
  MustKubectl({"label", "namespace", ns(), "pod-security.kubernetes.io/enforce=restricted"});
  Apply(Of("sums",
           "set -e\n"
           "! command -v sshd\n"
           "mpirun mpi-sum | tee /ffdl/sums\n"
           "grep 'rank 1 of 2 on sums-learner-1: 3' /ffdl/sums\n")
            .Set("/podTemplate/spec/securityContext",
                 {{"runAsNonRoot", true}, {"runAsUser", 1000770000}, {"runAsGroup", 815}})
            .Set("/podTemplate/spec/containers",
                 Json::array({{{"name", "learner"},
                               {"securityContext",
                                {{"readOnlyRootFilesystem", true},
                                 {"allowPrivilegeEscalation", false},
                                 {"capabilities", {{"drop", Json::array({"ALL"})}}}}}}})));

  const Json done = AwaitState("sums", "Completed");
  EXPECT_EQ("MasterSucceeded", TextAt(ConditionOf(done, "Succeeded"), "/reason"));
  EXPECT_EQ(1, NumberAt(done, "/status/attempt"));
}

TEST_F(MpiTest, KilledRankFailsTheAttemptAndSaysWhy) {
  // Of two dollars Kubernetes hands on one.
  Apply(Of("killed",
           "mpirun sh -c 'test $OMPI_COMM_WORLD_RANK = 0 && exec sleep 1000; kill -9 $$$$'"));

  const Json failed = AwaitState("killed", "Failed");
  EXPECT_EQ(1, NumberAt(failed, "/status/failure/learner"));
  EXPECT_EQ(137, NumberAt(failed, "/status/failure/exitCode"));
  // Which rank and which signal mpirun says only if its own event comes before its end: in 7 of 46
  // runs it did not.
  EXPECT_THAT(TextAt(failed, "/status/failure/log"), HasSubstr("1 process returned"));
}

TEST_F(MpiTest, NoTwoJobsHaveTheSameKey) {
  std::set<std::string> keys;
  for (const std::string job : {"one", "two"}) {
    Apply(Of(job, "mpirun true"));
    AwaitState(job, "Completed");
    const std::vector<Json> secrets = List("secrets", "ffdl.io/job=" + job);
    ASSERT_EQ(1U, secrets.size());
    const std::string key = TextAt(secrets.front(), "/data/key");
    EXPECT_EQ(88U, key.size()) << "64 digits in base64";
    keys.insert(key);
  }
  EXPECT_EQ(2U, keys.size());
}

}  // namespace
}  // namespace ffdl::e2e
