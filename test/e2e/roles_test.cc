// Jobs of learners that are not all alike.
#include <gmock/gmock.h>

#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

class RolesTest : public Story {
 protected:
  static Json Script(const std::string& script) { return Json::array({"sh", "-c", script}); }

  // When the learner's program was started; "" when it does not run.
  static std::string StartOf(const Json& pod) {
    for (const Json& container : pod["status"].value("containerStatuses", Json::array())) {
      const Json running = container["state"].value("running", Json());
      if (!running.is_null()) return running["startedAt"];
    }
    return "";
  }

  // A server that never ends, and two workers that run this.
  static JobManifest ServerAndWorkers(const std::string& name, const std::string& workers) {
    return JobManifest(name, workers)
        .Set("/framework/name", "tensorflow")
        .Set("/roles",
             Json::array({{{"name", "ps"},
                           {"completionPolicy", "None"},
                           {"command", Script("while true; do echo served | nc -l -p 2222; done")}},
                          {{"name", "worker"}, {"replicas", 2}}}));
  }
};

TEST_F(RolesTest, WorkersReachTheirServerAndOneAnotherAndTheJobEndsWithThem) {
  Apply(ServerAndWorkers("mnist", R"(
test "$TF_CONFIG" = '{"cluster":{"ps":["mnist-ps-0.mnist-learner:2222"],)"
                                  R"("worker":["mnist-worker-0.mnist-learner:2222",)"
                                  R"("mnist-worker-1.mnist-learner:2222"]},)"
                                  R"("task":{"type":"worker","index":'$ROLE_RANK'},)"
                                  R"("environment":"cloud"}' || exit 10
test $ROLE_NAME.$ROLE_WORLD_SIZE.$NUM_LEARNERS = worker.2.3 || exit 11
test $LEARNER_ID = $((ROLE_RANK + 2)) || exit 12
for host in mnist-ps-0 mnist-worker-0 mnist-worker-1; do
  for try in $(seq 60); do nslookup $host.mnist-learner.$DOWNWARD_API_POD_NAMESPACE.svc.cluster.local && break; sleep 1; done || exit 13
done
for try in $(seq 60); do nc mnist-ps-0.mnist-learner 2222 </dev/null | grep -q served && exit 0; sleep 1; done
exit 14)"));

  const Json job = AwaitState("mnist", "Completed");
  EXPECT_EQ(3, job["status"]["learners"]["desired"]);
  EXPECT_EQ(Json({{"name", "worker"},
                  {"desired", 2},
                  {"ready", 0},
                  {"succeeded", 2},
                  {"failed", 0},
                  {"phases",
                   Json::array({{{"phase", "Succeeded"}, {"count", 2}, {"learners", "1-2"}}})}}),
            job["status"]["roles"][1]);
  for (const char* const set : {"mnist-ps", "mnist-worker"}) {
    EXPECT_TRUE(Eventually(
        [&] { return Get("statefulset", set)["status"].value("replicas", 0) == 0; }, kCleanUpMax))
        << set << " is stopped with the job";
  }
}

TEST_F(RolesTest, FailureNamesTheRoleAndAllStartAgain) {
  Apply(ServerAndWorkers("mnist", "test $ATTEMPT.$ROLE_RANK = 1.1 && exit 3; sleep 3")
            .Set("/env",
                 Json::array(
                     {{{"name", "ATTEMPT"},
                       {"valueFrom",
                        {{"fieldRef", {{"fieldPath", "metadata.labels['ffdl.io/attempt']"}}}}}}}))
            .MaxRestarts(1));

  const Json job = AwaitState("mnist", "Completed");
  const Json& failure = job["status"]["failure"];
  EXPECT_EQ("worker", failure["role"]);
  EXPECT_EQ(3, failure["learner"]);
  EXPECT_EQ("worker 2 exited with code 3", failure["message"]);
  EXPECT_EQ("worker", job["status"]["history"][0]["role"]);
  EXPECT_EQ(2, job["status"]["attempt"]);
}

TEST_F(RolesTest, LauncherStartsWhenAllWorkersRun) {
  WatchPods();
  Apply(
      JobManifest("launched", "exec sleep 600")
          .Set("/roles",
               Json::array(
                   {{{"name", "launcher"}, {"startAfter", "worker"}, {"command", Script("exit 0")}},
                    {{"name", "worker"}, {"replicas", 2}, {"completionPolicy", "None"}}})));

  AwaitState("launched", "Completed");
  const std::string launched =
      Get("statefulset", "launched-launcher")["metadata"]["creationTimestamp"];
  for (const char* const worker : {"launched-worker-0", "launched-worker-1"}) {
    const auto ran = pods().WaitFor(
        [&](const Change& change) {
          return change.object["metadata"]["name"] == worker && !StartOf(change.object).empty();
        },
        kPhaseMax);
    ASSERT_TRUE(ran) << worker;
    EXPECT_LE(StartOf(ran->object), launched) << worker;
  }
}

}  // namespace
}  // namespace ffdl::e2e
