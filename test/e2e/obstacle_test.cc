// What a job says while something is missing, and that it goes on when it is there.
#include <gmock/gmock.h>

#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string ReadyMessage(const Json& job) { return TextAt(ConditionOf(job, "Ready"), "/message"); }

// Why the learner's container, or else the setup container, waits.
std::string WaitingReason(const Json& pod) {
  return TextAt(pod, "/status/containerStatuses/0/state/waiting/reason");
}

bool IsUnschedulable(const Json& pod) {
  return TextAt(ConditionOf(pod, "PodScheduled"), "/reason") == "Unschedulable";
}

class ObstacleTest : public Story {
 protected:
  // Suspends, changes the spec, resumes, and expects the job to complete.
  void Mend(const std::string& job, const Json& spec) {
    std::size_t mark = jobs().size();
    Edit(job, {{"suspend", true}});
    AwaitState(job, "Halted", mark);
    Edit(job, spec);
    mark = jobs().size();
    Edit(job, {{"suspend", false}});
    AwaitState(job, "Completed", mark);
  }
};

TEST_F(ObstacleTest, ImageThatCannotBePulledIsNamedAndOtherJobsGoOnMeanwhile) {
  WatchPods();
  Apply(JobManifest("puller", "exit 0").Set("/framework/image", "localhost/nowhere:7"));
  Apply(JobManifest("other", "exit 0"));

  ExpectToldSoon("puller", "LearnerImagePullFailed",
                 [](const Json& pod) { return WaitingReason(pod) == "ErrImagePull"; });
  const Json waiting = AwaitReason("puller", "LearnerImagePullFailed");
  EXPECT_EQ("Pending", TextAt(waiting, "/status/state"));
  EXPECT_EQ(
      "the image 'localhost/nowhere:7' of learner 1 cannot be pulled; check its name, its registry "
      "and the pull secret (to change the job set `spec.suspend` to true, edit it, and set it to "
      "false again)",
      ReadyMessage(waiting));
  AwaitState("other", "Completed");

  Mend("puller", {{"framework", {{"image", kBusybox}}}});
}

TEST_F(ObstacleTest, CommandThatDoesNotExistIsNamedAndCanBeMended) {
  WatchPods();
  Apply(JobManifest("typo", "").Set("/command", Json::array({"pyhton3", "train.py"})));

  ExpectToldSoon("typo", "CommandNotFound", [](const Json& pod) {
    return TextAt(pod, "/status/containerStatuses/0/lastState/terminated/exitCode") == "127" ||
           TextAt(pod, "/status/containerStatuses/0/state/terminated/exitCode") == "127";
  });
  const Json waiting = AwaitReason("typo", "CommandNotFound");
  EXPECT_EQ("Pending", TextAt(waiting, "/status/state"));
  EXPECT_EQ(0, NumberAt(waiting, "/status/restarts"));
  EXPECT_THAT(ReadyMessage(waiting), HasSubstr("pyhton3"));

  Mend("typo", {{"command", {"sh", "-c", "exit 0"}}});
}

TEST_F(ObstacleTest, MissingConfigMapIsNamedAndTheJobGoesOnWhenItIsThere) {
  WatchPods();
  Apply(JobManifest("coder", "sh ./train.sh").Set("/code/configMap/name", "code"));

  ExpectToldSoon("coder", "CodeMissing", [](const Json& pod) {
    return TextAt(pod, "/status/initContainerStatuses/0/lastState/terminated/exitCode") == "66" ||
           TextAt(pod, "/status/initContainerStatuses/0/state/terminated/exitCode") == "66";
  });
  EXPECT_THAT(ReadyMessage(AwaitReason("coder", "CodeMissing")), HasSubstr("'code'"));

  MustKubectl({"create", "configmap", "code", "--from-literal=train.sh=echo trained"});
  AwaitState("coder", "Completed");
}

TEST_F(ObstacleTest, MissingResultsClaimIsNamedAndTheJobGoesOnWhenItIsThere) {
  WatchPods();
  Apply(JobManifest("keeper", "echo done > $RESULT_DIR/model").ResultsIn("results"));

  ExpectToldSoon("keeper", "WaitingForVolume", IsUnschedulable);
  const std::string message = ReadyMessage(AwaitReason("keeper", "WaitingForVolume"));
  EXPECT_THAT(message, StartsWith("learner 1 waits for a volume: "));
  EXPECT_THAT(message, HasSubstr("create the claim, the learner then starts by itself"));
  EXPECT_THAT(message, HasSubstr("'results'"));

  Apply(ClaimManifest("results"));
  AwaitState("keeper", "Completed");
}

TEST_F(ObstacleTest, UnboundResultsClaimIsNamedAndTheJobGoesOnWhenItIsBound) {
  // A class that has no provisioner: the claim waits until somebody makes a volume.
  const std::string by_hand = ns();
  WatchPods();
  Apply(ClaimManifest("results", by_hand));
  Apply(JobManifest("keeper", "exit 0").ResultsIn("results"));

  ExpectToldSoon("keeper", "WaitingForVolume", IsUnschedulable);
  EXPECT_THAT(ReadyMessage(AwaitReason("keeper", "WaitingForVolume")),
              HasSubstr("see why with kubectl describe pvc (claims: 'results')"));

  Apply(Json{{"apiVersion", "v1"},
             {"kind", "PersistentVolume"},
             {"metadata", {{"name", by_hand}}},
             {"spec",
              {{"storageClassName", by_hand},
               {"capacity", {{"storage", "16Mi"}}},
               {"accessModes", Json::array({"ReadWriteMany"})},
               {"persistentVolumeReclaimPolicy", "Retain"},
               {"hostPath", {{"path", "/tmp/" + by_hand}, {"type", "DirectoryOrCreate"}}}}}});
  AwaitState("keeper", "Completed");
  MustKubectl({"delete", "persistentvolume", by_hand, "--wait=false"});
}

TEST_F(ObstacleTest, MissingSecretOfAVariableIsNamedAndTheJobGoesOnWhenItIsThere) {
  WatchPods();
  Apply(JobManifest("secretive", "test ${#PASSWORD} = 11 && echo checked && sleep 10")
            .Set("/env/0",
                 {{"name", "PASSWORD"},
                  {"valueFrom", {{"secretKeyRef", {{"name", "s3"}, {"key", "password"}}}}}}));

  ExpectToldSoon("secretive", "LearnerConfigInvalid", [](const Json& pod) {
    return WaitingReason(pod) == "CreateContainerConfigError";
  });
  EXPECT_THAT(ReadyMessage(AwaitReason("secretive", "LearnerConfigInvalid")), HasSubstr("\"s3\""));

  MustKubectl({"create", "secret", "generic", "s3", "--from-literal=password=open-sesame"});
  AwaitState("secretive", "Processing");
  const std::string seen =
      MustKubectl({"get", "tj,statefulsets,pods,services,events", "-o", "yaml"}) +
      MustKubectl({"logs", "secretive-learner-0"});
  EXPECT_THAT(seen, HasSubstr("secretive-learner-0"));
  EXPECT_THAT(seen, testing::Not(HasSubstr("open-sesame"))) << "a secret is told";
  AwaitState("secretive", "Completed");
}

TEST_F(ObstacleTest, MoreThanAnyNodeHasIsSaidWithTheSchedulersWords) {
  WatchPods();
  Apply(JobManifest("wide", "exit 0").Set("/resources/cpu", "4096"));
  Apply(JobManifest("huge", "exit 0").Set("/resources/memory", "64Ti"));
  ExpectToldSoon("huge", "WaitingForCapacity", IsUnschedulable);
  EXPECT_THAT(ReadyMessage(AwaitReason("huge", "WaitingForCapacity")),
              HasSubstr("Insufficient memory"));
  EXPECT_THAT(ReadyMessage(AwaitReason("wide", "WaitingForCapacity")),
              HasSubstr("Insufficient cpu"));
}

}  // namespace
}  // namespace ffdl::e2e
