// What keeps others from a job's learners: network policies and disruption budgets, and what
// becomes of objects that somebody edits.
#include <gmock/gmock.h>

#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

constexpr const char* kTrainUntilTold = "until [ -e $JOB_STATE_DIR/over ]; do sleep 1; done";

class GuardsTest : public Story {
 protected:
  void Tell(const std::string& job) {
    MustKubectl({"exec", job + "-learner-0", "-c", "learner", "--", "touch", "/job/over"});
  }

  [[nodiscard]] CommandResult TryToEvict(const std::string& pod) {
    const Json eviction = {{"apiVersion", "policy/v1"},
                           {"kind", "Eviction"},
                           {"metadata", {{"name", pod}, {"namespace", ns()}}}};
    return Kubectl({"create", "--raw", "/api/v1/namespaces/" + ns() + "/pods/" + pod + "/eviction",
                    "--filename", "-"},
                   {.input = eviction.dump()});
  }

  // The disruption controller has counted the learners and allows no eviction.
  void AwaitBudgetOf(const std::string& job, int learners) {
    ASSERT_TRUE(Eventually(
        [&] {
          const Json budget = Get("poddisruptionbudget", job + "-learner");
          return !budget.is_null() && budget.contains("status") &&
                 NumberAt(budget, "/status/currentHealthy") == learners &&
                 NumberAt(budget, "/status/disruptionsAllowed") == 0;
        },
        kPhaseMax));
  }

  void AwaitEvent(const std::string& reason, const std::string& note) {
    EXPECT_TRUE(Eventually(
        [&] {
          for (const Json& event : List("events.events.k8s.io")) {
            if (TextAt(event, "/reason") == reason && TextAt(event, "/note") == note) return true;
          }
          return false;
        },
        kPhaseMax))
        << note;
  }
};

TEST_F(GuardsTest, LearnerIsNotEvictedWhileTheBudgetStands) {
  Apply(JobManifest("kept", kTrainUntilTold)
            .Learners(2)
            .SharedStorage()
            .Set("/disruptionBudget", {{"maxUnavailable", 0}}));
  AwaitState("kept", "Processing");
  Await("kept", "running with both",
        [](const Json& job) { return NumberAt(job, "/status/learners/ready") == 2; });
  AwaitBudgetOf("kept", 2);

  const CommandResult refused = TryToEvict("kept-learner-1");
  EXPECT_FALSE(refused.ok());
  EXPECT_THAT(refused.err, testing::HasSubstr("it would violate the pod's disruption budget"));

  Tell("kept");
  const Json done = AwaitState("kept", "Completed");
  EXPECT_EQ(1, NumberAt(done, "/status/attempt"));
  EXPECT_TRUE(Eventually([&] { return Get("poddisruptionbudget", "kept-learner").is_null(); },
                         kCleanUpMax));
}

TEST_F(GuardsTest, LearnerIsEvictedOnceTheBudgetIsGivenUp) {
  Apply(JobManifest("freed", "sleep 600").Set("/disruptionBudget", {{"maxUnavailable", 0}}));
  AwaitState("freed", "Processing");
  AwaitBudgetOf("freed", 1);
  EXPECT_FALSE(TryToEvict("freed-learner-0").ok());

  Edit("freed", {{"disruptionBudget", nullptr}});
  EXPECT_TRUE(Eventually([&] { return Get("poddisruptionbudget", "freed-learner").is_null(); },
                         kCleanUpMax));
  EXPECT_TRUE(Eventually([&] { return TryToEvict("freed-learner-0").ok(); }, kCleanUpMax));
}

// That packets are dropped is the network plug-in's part, and this cluster's has none that does.
TEST_F(GuardsTest, NetworkPolicyStandsAsLongAsTheLearners) {
  Apply(JobManifest("walled", kTrainUntilTold)
            .SharedStorage()
            .Set("/networkPolicy", {{"egress", "JobOnly"}}));
  AwaitState("walled", "Processing");
  const Json learners = {{"matchLabels", {{"ffdl.io/job", "walled"}}}};
  const Json peers = Json::array({{{"podSelector", learners}}});
  const Json want = {{"podSelector", learners},
                     {"policyTypes", {"Ingress", "Egress"}},
                     {"ingress", Json::array({{{"from", peers}}})},
                     {"egress", Json::array({{{"to", peers}},
                                             {{"ports",
                                               {{{"protocol", "UDP"}, {"port", 53}},
                                                {{"protocol", "TCP"}, {"port", 53}}}}}})}};
  EXPECT_EQ(want, Get("networkpolicy", "walled-learner").at("spec"));

  Tell("walled");
  AwaitState("walled", "Completed");
  EXPECT_TRUE(
      Eventually([&] { return Get("networkpolicy", "walled-learner").is_null(); }, kCleanUpMax));
}

TEST_F(GuardsTest, EditedObjectsAreRepairedAndAnEventSaysSo) {
  Apply(
      JobManifest("edited", kTrainUntilTold).SharedStorage().Set("/networkPolicy", Json::object()));
  AwaitState("edited", "Processing");
  const Json policy = Get("networkpolicy", "edited-learner").at("spec");
  const Json service = Get("service", "edited-learner").at("spec");

  MustKubectl({"patch", "networkpolicy", "edited-learner", "--type=merge", "--patch",
               R"({"spec":{"ingress":[{}]}})"});
  AwaitEvent("ObjectRepaired",
             "NetworkPolicy edited-learner was changed by somebody else; it is again as the job "
             "asks for");
  EXPECT_EQ(policy, Get("networkpolicy", "edited-learner").at("spec"));

  MustKubectl({"patch", "service", "edited-learner", "--type=merge", "--patch",
               R"({"spec":{"selector":{"app":"mine"},"publishNotReadyAddresses":false}})"});
  ASSERT_TRUE(Eventually([&] { return Get("service", "edited-learner").at("spec") == service; },
                         kCleanUpMax))
      << Get("service", "edited-learner");

  MustKubectl({"label", "service", "edited-learner", "app.kubernetes.io/managed-by-"});
  EXPECT_TRUE(Eventually(
      [&] {
        return Get("service", "edited-learner")
            .at("metadata")
            .at("labels")
            .contains("app.kubernetes.io/managed-by");
      },
      kCleanUpMax))
      << Get("service", "edited-learner");

  const auto template_of = [&] {
    return Get("statefulset", "edited-learner").at("spec").at("template");
  };
  const Json pod_template = template_of();
  MustKubectl(
      {"patch", "statefulset", "edited-learner", "--type=json", "--patch",
       R"([{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"x"}])"});
  AwaitEvent("ObjectRepaired",
             "StatefulSet edited-learner was changed by somebody else; it is again as the job "
             "asks for");
  EXPECT_EQ(pod_template, template_of());

  MustKubectl({"delete", "service", "edited-learner"});
  EXPECT_TRUE(Eventually([&] { return !Get("service", "edited-learner").is_null(); }, kCleanUpMax));

  Tell("edited");
  EXPECT_EQ(1, NumberAt(AwaitState("edited", "Completed"), "/status/attempt"));
}

}  // namespace
}  // namespace ffdl::e2e
