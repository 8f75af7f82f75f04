#include <gmock/gmock.h>

#include <algorithm>

#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

class CompletionTest : public Story {
 protected:
  // metadata.ownerReferences names the job as the controller.
  static bool IsOwnedBy(const Json& child, const Json& job) {
    return TextAt(child, "/metadata/ownerReferences/0/uid") == TextAt(job, "/metadata/uid") &&
           At(child, "/metadata/ownerReferences/0/controller") == true;
  }

  std::vector<std::string> EventReasons(const std::string& job) {
    std::vector<std::string> reasons;
    for (const Json& event : List("events.events.k8s.io")) {
      if (TextAt(event, "/regarding/name") == job) reasons.push_back(TextAt(event, "/reason"));
    }
    return reasons;
  }

  // The states that status told, each once in a row.
  std::vector<std::string> StatesTold() {
    std::vector<std::string> states;
    for (const Change& change : jobs().All()) {
      std::string state = TextAt(change.object, "/status/state");
      if (state.empty() || (!states.empty() && states.back() == state)) continue;
      states.push_back(std::move(state));
    }
    return states;
  }
};

TEST_F(CompletionTest, TwoLearnersRunUntilBothHaveSucceeded) {
  Apply(JobManifest("pair", "sleep 2").Learners(2).SharedStorage());

  const Json running = AwaitState("pair", "Processing");
  EXPECT_EQ("2/2", TextAt(running, "/status/learners/summary"));
  EXPECT_EQ(Json::array({{{"phase", "Running"}, {"count", 2}, {"learners", "1-2"}}}),
            At(running, "/status/learners/phases"));
  EXPECT_TRUE(IsOwnedBy(Get("statefulset", "pair-learner"), running));
  EXPECT_TRUE(IsOwnedBy(Get("service", "pair-learner"), running));
  EXPECT_TRUE(IsOwnedBy(Get("persistentvolumeclaim", "pair-shared"), running));

  const Json done = AwaitState("pair", "Completed");
  EXPECT_EQ(1, NumberAt(done, "/status/attempt"));
  EXPECT_EQ(0, NumberAt(done, "/status/restarts"));
  EXPECT_EQ(2, NumberAt(done, "/status/learners/succeeded"));
  EXPECT_EQ("2/2", TextAt(done, "/status/learners/summary"));
  EXPECT_EQ("AllLearnersSucceeded", TextAt(ConditionOf(done, "Succeeded"), "/reason"));
  EXPECT_EQ("all 2 learners succeeded", TextAt(ConditionOf(done, "Finished"), "/message"));
  EXPECT_THAT(StatesTold(), testing::ElementsAre("Pending", "Processing", "Completed"));
  EXPECT_LE(TextAt(done, "/metadata/creationTimestamp"), TextAt(done, "/status/requestTime"));
  EXPECT_LE(TextAt(done, "/status/requestTime"), TextAt(done, "/status/startTime"));
  EXPECT_LT(TextAt(done, "/status/startTime"), TextAt(done, "/status/completionTime"));
}

TEST_F(CompletionTest, LearnersAreRemovedAfterwardsAndTheUserIsToldWhatHappened) {
  Apply(JobManifest("tidy", "sleep 1"));
  AwaitState("tidy", "Completed");

  EXPECT_TRUE(Eventually([&] { return List("pods").empty(); }, kCleanUpMax));
  EXPECT_EQ(0, At(Get("statefulset", "tidy-learner"), "/spec/replicas"));
  EXPECT_TRUE(Eventually(
      [&] {
        return testing::Value(EventReasons("tidy"), testing::Contains("AllLearnersSucceeded"));
      },
      kPhaseMax));
  EXPECT_THAT(EventReasons("tidy"),
              testing::IsSupersetOf({"LearnersStarting", "AllLearnersSucceeded"}));
}

TEST_F(CompletionTest, LearnersHaveNoAccessToTheApiServer) {
  WatchPods();
  Apply(JobManifest("apart",
                    "test ! -e /var/run/secrets/kubernetes.io/serviceaccount && "
                    "test -z \"$KUBERNETES_SERVICE_HOST\""));
  AwaitState("apart", "Completed");
  const auto pod = pods().WaitFor([](const Change&) { return true; }, kPhaseMax);
  ASSERT_TRUE(pod);
  EXPECT_EQ(false, At(pod->object, "/spec/automountServiceAccountToken"));
}

TEST_F(CompletionTest, LearnersFindEachOtherByNameAndKnowWhoTheyAre) {
  Apply(JobManifest("team",
                    "set -eux\n"
                    "test $NUM_LEARNERS = 2\n"
                    "test $(hostname) = $LEARNER_NAME_PREFIX-$((LEARNER_ID - 1))\n"
                    "mkdir -p /tmp/www && echo $LEARNER_ID > /tmp/www/id\n"
                    "httpd -p 2222 -h /tmp/www\n"
                    "other=$((2 - LEARNER_ID))\n"
                    "url=http://$LEARNER_NAME_PREFIX-$other.$LEARNER_NAME_PREFIX:2222/id\n"
                    "for i in $(seq 60); do\n"
                    "  if [ \"$(wget -qO- $url)\" = $((other + 1)) ]; then sleep 5; exit 0; fi\n"
                    "  sleep 1\n"
                    "done\n"
                    "exit 1\n")
            .Learners(2));
  AwaitState("team", "Completed");
}

TEST_F(CompletionTest, MasterDecidesAloneWhenThePolicySaysSo) {
  Apply(JobManifest("led", "if [ $LEARNER_ID = 1 ]; then sleep 2; else sleep 3600; fi")
            .Learners(2)
            .Set("/completionPolicy", "Master"));
  const Json done = AwaitState("led", "Completed");
  EXPECT_EQ("MasterSucceeded", TextAt(ConditionOf(done, "Succeeded"), "/reason"));
  EXPECT_TRUE(Eventually([&] { return List("pods").empty(); }, kCleanUpMax))
      << "the other learner was not stopped";
}

TEST_F(CompletionTest, FailureOfAnotherThanTheMasterDoesNotFailTheJobWhenMasterDecides) {
  Apply(JobManifest("led", "if [ $LEARNER_ID = 1 ]; then sleep 3; else exit 1; fi")
            .Learners(2)
            .Set("/completionPolicy", "Master"));
  EXPECT_EQ(0, NumberAt(AwaitState("led", "Completed"), "/status/restarts"));
}

TEST_F(CompletionTest, FirstToSucceedDecidesWhenThePolicyIsAnyLearner) {
  Apply(JobManifest("race", "if [ $LEARNER_ID = 2 ]; then sleep 2; else sleep 3600; fi")
            .Learners(2)
            .Set("/completionPolicy", "AnyLearner"));
  const Json done = AwaitState("race", "Completed");
  EXPECT_EQ("AnyLearnerSucceeded", TextAt(ConditionOf(done, "Succeeded"), "/reason"));
  EXPECT_EQ("learner 2 succeeded", TextAt(ConditionOf(done, "Succeeded"), "/message"));
}

}  // namespace
}  // namespace ffdl::e2e
