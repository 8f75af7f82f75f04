// A node that falls silent, is cut off, drained, short of memory or deleted, while learners train
// on it. On a cluster of two nodes: everything that must go on is on node1, so node2 is the one.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>
#include <string>

#include "test/e2e/harness/story.h"
#include "test/e2e/harness/story_failure.h"

namespace ffdl::e2e {
namespace {

using std::chrono::seconds;

constexpr const char* kNode = "node2";
constexpr const char* kOutOfService = "node.kubernetes.io/out-of-service";

// Longer than the monitor of nodes takes from one look to the next: until then a node that is back
// keeps the taint that evicts, although pods are put on it again.
constexpr int kSilenceTolerated = 4;
// Until a node that fell silent is given up, and its pods with it: of the cluster's --node-grace,
// the jobs' toleration and the operator's patience none is longer than 15 seconds.
constexpr seconds kGivenUpMax{120};
// Kubernetes looks every 20 s for pods whose node is gone or off, and then waits 40 s to be sure.
constexpr seconds kCollectedMax{150};

// Trains until it is stopped; the next attempt ends well.
constexpr const char* kTrains = "[ $ATTEMPT = 1 ] || exit 0; exec sleep 3600";

// Two learners that take each step together: neither gets ahead before it has seen the other's.
std::string StepTogether(int steps) {
  return fmt::format(
      "mkdir /tmp/steps; httpd -p 8080 -h /tmp/steps\n"
      "other=$LEARNER_NAME_PREFIX-$((2 - LEARNER_ID)).$LEARNER_NAME_PREFIX\n"
      "for step in $(seq {}); do\n"
      "  touch /tmp/steps/$step\n"
      "  until timeout 2 wget -q -O /dev/null http://$other:8080/$step; do sleep 0.2; done\n"
      "  sleep 0.5\n"
      "done\n"
      "sleep 5  # the other one may still ask for the last step\n",
      steps);
}

// A learner on each node that can have one.
JobManifest OverBothNodes(const std::string& name, const std::string& script,
                          int silence_tolerated = kSilenceTolerated) {
  return JobManifest(name, script)
      .Learners(2)
      .Set("/checkpoint/gracePeriodSeconds", 1)
      .Set("/env",
           Json::array({{{"name", "ATTEMPT"},
                         {"valueFrom",
                          {{"fieldRef", {{"fieldPath", "metadata.labels['ffdl.io/attempt']"}}}}}}}))
      .Set("/podTemplate/spec",
           {{"tolerations", Json::array({{{"key", "node.kubernetes.io/unreachable"},
                                          {"operator", "Exists"},
                                          {"effect", "NoExecute"},
                                          {"tolerationSeconds", silence_tolerated}}})},
            {"topologySpreadConstraints",
             Json::array({{{"topologyKey", "kubernetes.io/hostname"},
                           {"maxSkew", 1},
                           {"whenUnsatisfiable", "DoNotSchedule"},
                           {"nodeTaintsPolicy", "Honor"},
                           {"labelSelector", {{"matchLabels", {{"ffdl.io/job", name}}}}}}})}});
}

class NodeFaultTest : public Story {
 protected:
  void SetUp() override {
    Story::SetUp();
    // A run before may have been cut off.
    if (!At(Get("node", kNode), "/spec/taints").is_null()) Repair();
    WatchPods();
  }

  void TearDown() override {
    Story::TearDown();
    Repair();
  }

  static void OnCluster(const std::string& script, const Words& words) {
    Words command{std::string(FFDL_SOURCE_DIR) + "/test/cluster/" + script};
    command.insert(command.end(), words.begin(), words.end());
    const CommandResult result = RunCommand(command);
    if (!result.ok()) throw StoryFailure(Describe(result));
  }
  static void Kubelet(const std::string& action) { OnCluster("daemon", {action, "kubelet2"}); }
  static void Node(const std::string& action) { OnCluster("node", {"2", action}); }

  void AwaitNode(const std::string& ready) {
    MustKubectl({"wait", "node", kNode, "--for=condition=Ready=" + ready, "--timeout=60s"},
                {.limit = kPhaseMax});
  }

  // Whatever a story did to the node. The next one begins with a node that takes pods.
  void Repair() {
    Node("mend");
    Node("relieve");
    Kubelet("start");
    MustKubectl({"wait", "node", kNode, "--for=create", "--timeout=60s"}, {.limit = kPhaseMax});
    MustKubectl({"uncordon", kNode});
    static_cast<void>(Kubectl({"taint", "node", kNode, std::string(kOutOfService) + "-"}));
    AwaitNode("True");
    EXPECT_TRUE(
        Eventually([&] { return At(Get("node", kNode), "/spec/taints").is_null(); }, kPhaseMax));
  }

  // Starts the job and waits until it trains. Its learner on the node; the other one is not there.
  int StartOverBothNodes(const JobManifest& job) {
    Apply(job);
    const std::string name = TextAt(job.json(), "/metadata/name");
    AwaitState(name, "Processing");
    return LearnerOnNode(name);
  }

  int LearnerOnNode(const std::string& job) {
    for (const Json& pod : List("pods", "ffdl.io/job=" + job)) {
      if (TextAt(pod, "/spec/nodeName") != kNode) continue;
      const std::string name = TextAt(pod, "/metadata/name");
      return std::stoi(name.substr(name.rfind('-') + 1)) + 1;
    }
    throw StoryFailure("no learner of " + job + " is on " + kNode);
  }

  Json AwaitCompleted(const std::string& job, seconds limit = kGivenUpMax) {
    return Await(
        job, "Completed",
        [](const Json& seen) { return TextAt(seen, "/status/state") == "Completed"; }, 0, limit);
  }

  // The attempt ended because the node took the learner away, at no cost for the program.
  static void ExpectTaken(const Json& job, int learner, const std::string& reason,
                          const std::string& how) {
    EXPECT_EQ(reason, TextAt(job, "/status/failure/reason"));
    EXPECT_EQ(kNode, TextAt(job, "/status/failure/node"));
    EXPECT_EQ(learner, NumberAt(job, "/status/failure/learner"));
    EXPECT_THAT(TextAt(job, "/status/failure/message"),
                testing::StartsWith(fmt::format("learner {} {}", learner, how)));
    EXPECT_EQ(reason, TextAt(job, "/status/history/0/reason"));
    EXPECT_EQ(kNode, TextAt(job, "/status/history/0/node"));
    EXPECT_EQ(NumberAt(job, "/status/restarts"), NumberAt(job, "/status/infrastructureRestarts"));
  }

  static void ExpectTakenBySilence(const Json& job, int learner) {
    EXPECT_EQ(2, NumberAt(job, "/status/attempt"));
    ExpectTaken(job, learner, "NodeLost", "lost node node2, which does not answer or was tainted");
  }

  // Where the learners of an attempt ran.
  std::set<std::string> NodesOf(const std::string& attempt) {
    std::set<std::string> nodes;
    for (const Change& change : pods().All()) {
      if (TextAt(change.object, "/metadata/labels/ffdl.io~1attempt") != attempt) continue;
      const std::string node = TextAt(change.object, "/spec/nodeName");
      if (!node.empty()) nodes.insert(node);
    }
    return nodes;
  }

  // A job with a claim for one node, told to be stuck on the node; `script` runs in both attempts.
  int AwaitFenced(const std::string& job) {
    const int learner = StartOverBothNodes(OverBothNodes(job, kTrains).StorageOfEachLearner());
    Kubelet("stop");
    const Json fenced = AwaitReason(job, "NodeLost");
    EXPECT_EQ(
        fmt::format("learner {0} was on node node2, which does not answer and may still write to "
                    "the claim 'ffdl-storage-{1}-learner-{2}'; once it is surely off, delete the "
                    "node or run 'kubectl taint nodes node2 node.kubernetes.io/out-of-service="
                    "nodeshutdown:NoExecute', and the learners start again",
                    learner, job, learner - 1),
        TextAt(ConditionOf(fenced, "Ready"), "/message"));
    const Json pod = Get("pod", fmt::format("{}-learner-{}", job, learner - 1));
    EXPECT_EQ("1", TextAt(pod, "/metadata/labels/ffdl.io~1attempt")) << "it was deleted by force";
    return learner;
  }
};

TEST_F(NodeFaultTest, LearnerOfASilentNodeStartsAgainOnTheOtherNode) {
  const int learner = StartOverBothNodes(OverBothNodes("silent", kTrains));
  Kubelet("stop");
  ExpectTakenBySilence(AwaitCompleted("silent"), learner);
  EXPECT_THAT(NodesOf("2"), testing::ElementsAre("node1"));
}

TEST_F(NodeFaultTest, ClaimForOneNodeIsFencedUntilTheNodeIsBack) {
  const int learner = AwaitFenced("returned");
  Kubelet("start");
  ExpectTakenBySilence(AwaitCompleted("returned"), learner);
}

TEST_F(NodeFaultTest, ShortCutOfTheLinkIsNoFault) {
  StartOverBothNodes(OverBothNodes("patient", StepTogether(10), /*silence_tolerated=*/300));
  Node("cut");
  AwaitNode("Unknown");
  Node("mend");
  const Json done = AwaitCompleted("patient");
  EXPECT_EQ(1, NumberAt(done, "/status/attempt"));
  EXPECT_EQ(0, NumberAt(done, "/status/restarts"));
}

TEST_F(NodeFaultTest, LearnerBehindACutLinkStartsAgainAndItsForerunnerDoesNotDisturb) {
  const std::string script = "[ $ATTEMPT = 2 ] || exec sleep 3600\n" + StepTogether(20);
  const int learner = StartOverBothNodes(OverBothNodes("cut", script));
  Node("cut");
  Await(
      "cut", "Processing again",
      [](const Json& job) {
        return TextAt(job, "/status/state") == "Processing" &&
               NumberAt(job, "/status/attempt") == 2;
      },
      0, kGivenUpMax);
  Node("mend");
  AwaitNode("True");
  ExpectTakenBySilence(AwaitCompleted("cut"), learner);
}

TEST_F(NodeFaultTest, DrainedNodeIsLeft) {
  const int learner = StartOverBothNodes(OverBothNodes("drained", kTrains));
  MustKubectl({"drain", kNode, "--delete-emptydir-data", "--timeout=60s"}, {.limit = kPhaseMax});
  const Json done = AwaitCompleted("drained");
  EXPECT_EQ(2, NumberAt(done, "/status/attempt"));
  ExpectTaken(done, learner, "Evicted", "was evicted from node node2, as when a node is drained");
  EXPECT_THAT(NodesOf("2"), testing::ElementsAre("node1"));
}

TEST_F(NodeFaultTest, NodeThatEvictedTwiceIsAvoided) {
  const std::string script = "[ $ATTEMPT != 3 ] || exit 0; exec sleep 3600";
  Apply(OverBothNodes("wary", script).Set("/failurePolicy/backoffSeconds", 0));
  for (const int attempt : {1, 2}) {
    Await("wary", "Processing", [&](const Json& job) {
      return TextAt(job, "/status/state") == "Processing" &&
             NumberAt(job, "/status/attempt") == attempt;
    });
    Evict(fmt::format("wary-learner-{}", LearnerOnNode("wary") - 1));
  }
  const Json done = AwaitCompleted("wary");
  EXPECT_EQ(3, NumberAt(done, "/status/attempt"));
  EXPECT_EQ(Json::array({kNode}), At(done, "/status/avoidedNodes"));
  EXPECT_THAT(NodesOf("3"), testing::ElementsAre("node1"));
}

TEST_F(NodeFaultTest, NodeShortOfMemoryEvictsALearner) {
  const int learner = StartOverBothNodes(OverBothNodes("squeezed", kTrains));
  Node("press");
  const Json done = AwaitCompleted("squeezed");
  EXPECT_EQ(2, NumberAt(done, "/status/attempt"));
  ExpectTaken(done, learner, "Evicted",
              "was given up by its node: The node was low on resource: memory");
}

// These wait for a minute or more.
using NodeGoneTest = NodeFaultTest;

TEST_F(NodeGoneTest, FencedLearnerStartsAgainOnceItsNodeIsSaidToBeOff) {
  const int learner = AwaitFenced("tainted");
  MustKubectl({"taint", "nodes", kNode, std::string(kOutOfService) + "=nodeshutdown:NoExecute"});
  ExpectTakenBySilence(AwaitCompleted("tainted", kCollectedMax), learner);
  EXPECT_THAT(NodesOf("2"), testing::ElementsAre("node1"));
}

TEST_F(NodeGoneTest, FencedLearnerStartsAgainOnceItsNodeIsDeleted) {
  const int learner = AwaitFenced("deleted");
  MustKubectl({"delete", "node", kNode});
  ExpectTakenBySilence(AwaitCompleted("deleted", kCollectedMax), learner);
  EXPECT_THAT(NodesOf("2"), testing::ElementsAre("node1"));
}

}  // namespace
}  // namespace ffdl::e2e
