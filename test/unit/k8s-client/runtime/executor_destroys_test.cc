// What an executor takes away: when a delete is done, and what it must know before.
#include "test/unit/k8s-client/runtime/executor_fixture.h"

namespace ffdl::k8s {
namespace {

struct DeleteCase {
  std::string name;
  FakeTransport::Answer answer;
  std::string expect_version;
  bool want_done;
};

class ExecutorDeleteTest : public ExecutorTest, public testing::WithParamInterface<DeleteCase> {};

TEST_P(ExecutorDeleteTest, IsDoneWhenTheObjectIsGone) {
  const DeleteCase& c = GetParam();
  Action action = DeletePod();
  action.expect_resource_version = c.expect_version;
  pods_.Hold(action.key, "pod-uid");
  server_.On("DELETE " + kPodPath, c.answer);
  EXPECT_EQ(c.want_done, Run({.actions = {action}}).empty());
  EXPECT_EQ(c.want_done ? View::kBehind : View::kCaughtUp, tracker_.Check(kJob));
  pods_.Drop(action.key);
  EXPECT_EQ(View::kCaughtUp, tracker_.Check(kJob));
}

INSTANTIATE_TEST_SUITE_P(
    Outcomes, ExecutorDeleteTest,
    testing::Values(
        DeleteCase{"Deleted", FakeTransport::Ok(R"({"kind":"Status","status":"Success"})"), "",
                   true},
        DeleteCase{"NotFound", FakeTransport::Status(404, "NotFound"), "", true},
        DeleteCase{"AnotherUid", FakeTransport::Status(409, "Conflict"), "", true},
        DeleteCase{"AnotherVersion", FakeTransport::Status(409, "Conflict"), "7", false},
        DeleteCase{"Forbidden", FakeTransport::Status(403, "Forbidden"), "", false}),
    [](const auto& entry) { return entry.param.name; });

TEST_F(ExecutorTest, TakesADeleteWithoutAnswerForDoneWhenTheObjectIsGone) {
  server_.On("DELETE " + kPodPath, std::nullopt)
      .On("GET " + kPodPath, FakeTransport::Status(404, "NotFound"));
  EXPECT_EQ("", Run({.actions = {DeletePod()}}));
}

// Else the key would wait for ever for its pod to go.
TEST_F(ExecutorTest, DoesNotTakeAConflictForDoneWhileTheObjectLives) {
  server_.On("DELETE " + kPodPath, FakeTransport::Status(409, "Conflict"))
      .On("GET " + kPodPath,
          FakeTransport::Ok(R"({"metadata":{"name":"x","uid":"pod-uid","resourceVersion":"9"}})"));
  EXPECT_NE("", Run({.actions = {DeletePod()}}));
  EXPECT_EQ(ErrorCode::kConflict, code_);
  EXPECT_EQ(View::kCaughtUp, tracker_.Check(kJob));
}

TEST_F(ExecutorTest, NeverDeletesByNameAlone) {
  Action action = DeletePod();
  action.expect_uid.clear();
  EXPECT_EQ("delete Pod ml/bert-learner-0: no uid to expect", Run({.actions = {action}}));
  EXPECT_TRUE(transport_.requests.empty());
}

// --- Deletes that follow each other ---

Action DeletePodOf(int ordinal) {
  Action action = DeletePod();
  action.key.name = "bert-learner-" + std::to_string(ordinal);
  return action;
}

Plan DeletePods(int count) {
  Plan plan{.actions = {CreateSet()}, .status = Status()};
  for (int i = 0; i < count; ++i) plan.actions.push_back(DeletePodOf(i));
  return plan;
}

TEST_F(ExecutorTest, SendsDeletesThatFollowEachOtherTogether) {
  const auto max = static_cast<int>(Executor::kDeletesTogetherMax);
  transport_.latency = 1s;
  std::optional<Result<void>> result;
  executor_.Execute(kJob, std::nullopt, DeletePods(2 * max),
                    [&](Result<void> done) { result = std::move(done); });
  time_.RunFor(1s);
  EXPECT_EQ(1U + max, transport_.requests.size()) << "behind the set, and before its status";
  time_.RunFor(1s);
  EXPECT_EQ(1U + 2 * max, transport_.requests.size());
  EXPECT_FALSE(result);
  time_.RunFor(1s);
  EXPECT_EQ("PATCH " + kSet + "/status", Requests().back());
  time_.RunFor(1s);
  EXPECT_TRUE(result && *result);
}

TEST_F(ExecutorTest, EndsThePlanWithTheFirstDeleteThatFailsOnceAllAreAnswered) {
  const auto max = static_cast<int>(Executor::kDeletesTogetherMax);
  for (int i = 0; i < max; ++i) pods_.Hold(DeletePodOf(i).key, "pod-uid");
  server_.On("DELETE " + kPodPath, FakeTransport::Status(403, "Forbidden", "not yours"));
  EXPECT_EQ("delete Pod ml/bert-learner-0: HTTP 403 Forbidden: not yours",
            Run(DeletePods(3 * max)));
  EXPECT_EQ(1U + max, transport_.requests.size()) << "nothing is begun after a failure";
  sets_.AdvanceTo("100");
  pods_.AdvanceTo("100");
  EXPECT_EQ(View::kBehind, tracker_.Check(kJob)) << "the others are awaited";
  for (int i = 1; i < max; ++i) pods_.Drop(DeletePodOf(i).key);
  EXPECT_EQ(View::kCaughtUp, tracker_.Check(kJob));
}

// --- Destructive writes and the age of what they were decided by ---

Action ScaleDown() {
  Action action = ApplySet();
  action.destructive = true;
  action.body["metadata"]["uid"] = "set-uid";
  return action;
}

TEST_F(ExecutorTest, DestroysWithoutAnyReadWhileTheWatchesAreWell) {
  EXPECT_EQ("", Run({.actions = {ScaleDown(), DeletePod()}}));
  EXPECT_EQ((Routes{"PATCH " + kSet, "DELETE " + kPodPath}), Requests());
}

TEST_F(ExecutorTest, LooksAtTheTargetFirstWhenAWatchHasBeenSilent) {
  sets_.Hold({"ml", "bert-learner"}, "set-uid");
  sets_.object_version = "55";
  pods_.heard -= ViewGuard::kSilenceMax + 1s;
  server_.On("GET " + kSet, LiveSet("job-uid"));
  EXPECT_EQ("", Run({.actions = {ScaleDown()}}));
  EXPECT_EQ((Routes{"GET " + kSet, "PATCH " + kSet}), Requests());
  const json metadata = json::parse(transport_.requests[1].body)["metadata"];
  EXPECT_EQ("set-uid", metadata["uid"]);
  EXPECT_EQ("55", metadata["resourceVersion"]);
}

TEST_F(ExecutorTest, DestroysNothingThatIsNotAsTheSilentCacheShowsIt) {
  sets_.Hold({"ml", "bert-learner"}, "set-uid");
  sets_.object_version = "54";
  sets_.heard -= ViewGuard::kSilenceMax + 1s;
  server_.On("GET " + kSet, LiveSet("job-uid"));
  EXPECT_EQ("apply StatefulSet ml/bert-learner: not sent: it is not as the cache shows it",
            Run({.actions = {ScaleDown()}}));
  EXPECT_EQ(ErrorCode::kConflict, code_);
  EXPECT_EQ(Routes{"GET " + kSet}, Requests());
  EXPECT_EQ(1, sets_.refills_requested);
  EXPECT_EQ(View::kBehind, tracker_.Check(kJob));
}

TEST_F(ExecutorTest, TakesATargetThatIsGoneForDeleted) {
  pods_.heard -= ViewGuard::kSilenceMax + 1s;
  server_.On("GET " + kPodPath, FakeTransport::Status(404, "NotFound"));
  EXPECT_EQ("", Run({.actions = {DeletePod()}}));
  EXPECT_EQ(Routes{"GET " + kPodPath}, Requests());
}

TEST_F(ExecutorTest, DestroysNothingWhileACacheLags) {
  tracker_.RecordWrite({"ml", "another"}, kPodType, "77");  // which no event shows for 30 s
  time_.RunFor(30s);
  EXPECT_EQ(
      "delete Pod ml/bert-learner-0: not sent: the cache of pods is 30 s behind our own writes",
      Run({.actions = {DeletePod()}}));
  EXPECT_EQ(ErrorCode::kUnavailable, code_);
  EXPECT_TRUE(transport_.requests.empty());
  EXPECT_EQ(1, pods_.refills_requested);
  pods_.heard = time_.Steady();
  pods_.AdvanceTo("77");
  sets_.heard = time_.Steady();
  EXPECT_EQ("", Run({.actions = {DeletePod()}}));
}

TEST_F(ExecutorTest, DestroysNothingRightAfterTheServerWentBackInTime) {
  sets_.restored = time_.Steady();
  EXPECT_NE("", Run({.actions = {DeletePod()}}));
  EXPECT_TRUE(transport_.requests.empty());
  EXPECT_EQ("", Run({.actions = {CreateSet()}})) << "what destroys nothing goes on";
}

}  // namespace
}  // namespace ffdl::k8s
