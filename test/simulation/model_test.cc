// The model of the API server, verb by verb: each claim is one that the operator leans on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/simulation/server/api_server.h"
#include "test/simulation/server/frontend.h"
#include "test/support/virtual_time.h"

namespace ffdl::simulation {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

const k8s::ObjectKey kSet{"ml", "bert-learner"};
const k8s::ObjectKey kJob{"ml", "bert"};
const Writer kOurs{.name = "operator-1", .manager = "ours"};
const Writer kTheirs{.name = "user", .manager = "theirs"};

Json Set(int replicas) {
  return {{"apiVersion", "apps/v1"},
          {"kind", "StatefulSet"},
          {"metadata", {{"name", kSet.name}, {"namespace", kSet.ns}}},
          {"spec", {{"replicas", replicas}}}};
}

Json Job() {
  return {{"apiVersion", "ffdl.io/v1"},
          {"kind", "TrainingJob"},
          {"metadata", {{"name", kJob.name}, {"namespace", kJob.ns}}},
          {"spec", {{"command", {"train"}}}}};
}

class ModelTest : public testing::Test {
 protected:
  StoredPtr Live(const Kind& kind, const k8s::ObjectKey& key) { return api_.log().Find(kind, key); }
  static std::string Message(const Answer& answer) {
    return Json::parse(answer.body).value("message", "");
  }
  static std::string Reason(const Answer& answer) {
    return Json::parse(answer.body).value("reason", "");
  }

  test::VirtualTime time_;
  test::VirtualLoop loop_{time_};
  ApiServer api_{time_};
};

TEST_F(ModelTest, CreatesOnce) {
  EXPECT_EQ(201, api_.Create(kOurs, kStatefulSets, Set(2)).status);
  const Answer again = api_.Create(kOurs, kStatefulSets, Set(2));
  EXPECT_EQ(409, again.status);
  EXPECT_EQ("AlreadyExists", Reason(again));
  EXPECT_EQ("statefulsets.apps \"bert-learner\" already exists", Message(again));
}

TEST_F(ModelTest, AnApplyThatChangesNothingStoresNothing) {
  api_.Apply(kOurs, kStatefulSets, kSet, Set(2), {});
  const std::int64_t version = api_.log().version();
  const Answer again = api_.Apply(kOurs, kStatefulSets, kSet, Set(2), {});
  EXPECT_TRUE(again.ok());
  EXPECT_FALSE(again.changed);
  EXPECT_EQ(version, api_.log().version());
}

TEST_F(ModelTest, AFieldOfAnotherManagerIsAConflictAndForceTakesIt) {
  api_.Create(kTheirs, kStatefulSets, Set(1));
  const Answer refused = api_.Apply(kOurs, kStatefulSets, kSet, Set(2), {.force = false});
  EXPECT_EQ(409, refused.status);
  EXPECT_EQ("Apply failed with 1 conflict: conflict with \"theirs\": .spec.replicas",
            Message(refused));
  EXPECT_TRUE(api_.Apply(kOurs, kStatefulSets, kSet, Set(2), {.force = true}).ok());
  EXPECT_EQ(2, Live(kStatefulSets, kSet)->object["spec"]["replicas"]);
}

TEST_F(ModelTest, AFieldThatIsNoLongerAppliedGoes) {
  Json first = Set(2);
  first["spec"]["template"]["spec"]["containers"] = {{{"name", "learner"}, {"image", "a:1"}},
                                                     {{"name", "other"}, {"image", "b:1"}}};
  api_.Apply(kOurs, kStatefulSets, kSet, first, {});
  Json second = first;
  second["spec"]["template"]["spec"]["containers"].erase(1);
  api_.Apply(kOurs, kStatefulSets, kSet, second, {});
  EXPECT_EQ(second["spec"], Live(kStatefulSets, kSet)->object["spec"]);
}

TEST_F(ModelTest, AnItemOfAListGoesWithTheListsInIt) {
  Json first = Set(2);
  const Json mounts = {{{"name", "code"}, {"mountPath", "/code"}, {"readOnly", true}}};
  first["spec"]["template"]["spec"]["initContainers"] = {
      {{"name", "setup"}, {"volumeMounts", mounts}}, {{"name", "fetch"}, {"volumeMounts", mounts}}};
  api_.Apply(kOurs, kStatefulSets, kSet, first, {});
  Json second = first;
  second["spec"]["template"]["spec"]["initContainers"].erase(1);
  api_.Apply(kOurs, kStatefulSets, kSet, second, {});
  EXPECT_EQ(second["spec"], Live(kStatefulSets, kSet)->object["spec"]);
}

TEST_F(ModelTest, AnApplyWithAUidNeverBringsAnObjectBack) {
  Json body = Set(2);
  body["metadata"]["uid"] = "gone";
  const Answer answer = api_.Apply(kOurs, kStatefulSets, kSet, body, {.force = true});
  EXPECT_EQ(409, answer.status);
  EXPECT_THAT(Message(answer), HasSubstr("uid mismatch: the provided object specified uid gone, "
                                         "and no existing object was found"));
  api_.Create(kTheirs, kStatefulSets, Set(2));
  EXPECT_EQ(422, api_.Apply(kOurs, kStatefulSets, kSet, body, {.force = true}).status);
}

TEST_F(ModelTest, AnOutdatedVersionIsAConflict) {
  api_.Create(kTheirs, kTrainingJobs, Job());
  Json body = Job();
  body["metadata"]["resourceVersion"] = "1";
  const Answer answer = api_.Apply(kOurs, kTrainingJobs, kJob, body, {.status = true});
  EXPECT_EQ(409, answer.status);
  EXPECT_THAT(Message(answer), HasSubstr("the object has been modified"));
}

TEST_F(ModelTest, TheStatusIsAnotherResource) {
  api_.Create(kTheirs, kTrainingJobs, Job());
  EXPECT_EQ(-1, Live(kTrainingJobs, kJob)->object["status"]["observedGeneration"]);
  Json body = Job();
  body["spec"]["learners"] = 7;
  body["status"]["state"] = "Pending";
  api_.Apply(kOurs, kTrainingJobs, kJob, body, {.status = true, .force = true});
  EXPECT_EQ(1, Live(kTrainingJobs, kJob)->object["spec"]["learners"]);
  EXPECT_EQ("Pending", Live(kTrainingJobs, kJob)->object["status"]["state"]);
  api_.MergePatch(kTheirs, kTrainingJobs, kJob, {{"status", {{"state", "Failed"}}}}, false);
  EXPECT_EQ("Pending", Live(kTrainingJobs, kJob)->object["status"]["state"]);
}

TEST_F(ModelTest, TheGenerationCountsChangesOfTheSpecAlone) {
  api_.Create(kTheirs, kTrainingJobs, Job());
  api_.MergePatch(kOurs, kTrainingJobs, kJob, {{"status", {{"state", "Pending"}}}}, true);
  EXPECT_EQ(1, Live(kTrainingJobs, kJob)->object["metadata"]["generation"]);
  api_.MergePatch(kTheirs, kTrainingJobs, kJob, {{"spec", {{"suspend", true}}}}, false);
  EXPECT_EQ(2, Live(kTrainingJobs, kJob)->object["metadata"]["generation"]);
}

TEST_F(ModelTest, ADeleteExpectsTheUid) {
  api_.Create(kTheirs, kStatefulSets, Set(1));
  const Answer answer = api_.Delete(kOurs, kStatefulSets, kSet, {.uid = "other"});
  EXPECT_EQ(409, answer.status);
  EXPECT_THAT(Message(answer), HasSubstr("does not match the UID in record"));
  const std::string uid = Live(kStatefulSets, kSet)->uid;
  EXPECT_TRUE(api_.Delete(kOurs, kStatefulSets, kSet, {.uid = uid}).ok());
  EXPECT_EQ(404, api_.Delete(kOurs, kStatefulSets, kSet, {.uid = uid}).status);
}

TEST_F(ModelTest, AFinalizerHoldsWhatIsDeleted) {
  const Json claim{{"kind", "PersistentVolumeClaim"},
                   {"metadata", {{"name", "data"}, {"namespace", "ml"}}}};
  const k8s::ObjectKey key{"ml", "data"};
  api_.Create(kTheirs, kClaims, claim);
  api_.Delete(kTheirs, kClaims, key, {});
  ASSERT_TRUE(Live(kClaims, key));
  EXPECT_TRUE(Live(kClaims, key)->object["metadata"].contains("deletionTimestamp"));
  api_.MergePatch(kTheirs, kClaims, key, {{"metadata", {{"finalizers", nullptr}}}}, false);
  EXPECT_FALSE(Live(kClaims, key));
}

TEST_F(ModelTest, APodOnANodeIsGivenTimeToEnd) {
  const Json pod{{"kind", "Pod"},
                 {"metadata", {{"name", "p"}, {"namespace", "ml"}}},
                 {"spec", {{"nodeName", "node-1"}}}};
  const k8s::ObjectKey key{"ml", "p"};
  api_.Create(kTheirs, kPods, pod);
  api_.Delete(kOurs, kPods, key, {});
  ASSERT_TRUE(Live(kPods, key));
  api_.Delete(kTheirs, kPods, key, {.grace_seconds = 0});
  EXPECT_FALSE(Live(kPods, key));
}

TEST_F(ModelTest, AWatchCacheLagsAndKeepsTheOrder) {
  Frontend frontend(api_, loop_, 100ms);
  WatchCache& cache = frontend.CacheOf(kStatefulSets);
  time_.RunFor(1s);
  std::vector<Change> seen;
  cache.Subscribe(0, [&](const Revision& revision) { seen.push_back(revision.change); });
  api_.Create(kTheirs, kStatefulSets, Set(1));
  api_.Apply(kTheirs, kStatefulSets, kSet, Set(2), {.force = true});
  api_.Delete(kTheirs, kStatefulSets, kSet, {});
  time_.RunFor(99ms);
  EXPECT_THAT(seen, ElementsAre());
  EXPECT_LT(cache.version(), api_.log().version());
  bool fresh = false;
  cache.WhenFresh([&] { fresh = true; });
  EXPECT_FALSE(fresh);
  time_.RunFor(1ms);
  EXPECT_TRUE(fresh);
  EXPECT_THAT(seen, ElementsAre(Change::kAdded, Change::kModified, Change::kDeleted));
  EXPECT_EQ(cache.version(), api_.log().version());
}

TEST_F(ModelTest, ThePastCanBeAskedFor) {
  api_.Create(kTheirs, kStatefulSets, Set(1));
  const std::int64_t version = api_.log().version();
  api_.Delete(kTheirs, kStatefulSets, kSet, {});
  EXPECT_EQ(1U, api_.log().At(kStatefulSets, version).size());
  EXPECT_EQ(0U, api_.log().At(kStatefulSets, version + 1).size());
}

}  // namespace
}  // namespace ffdl::simulation
