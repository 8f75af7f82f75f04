#include "k8s-client/runtime/executor.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "test/support/fake_cache.h"
#include "test/support/fake_transport.h"
#include "test/support/virtual_time.h"

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::FakeTransport;
using View = ConsistencyTracker::View;

const ObjectKey kJob{"ml", "bert"};
const std::string kSets = "/apis/apps/v1/namespaces/ml/statefulsets";
const std::string kSet = kSets + "/bert-learner";
const std::string kPodPath = "/api/v1/namespaces/ml/pods/bert-learner-0";

class FakeGate final : public WriteGate {
 public:
  [[nodiscard]] bool MayWrite(std::chrono::milliseconds timeout) const override {
    asked_for = timeout;
    return writes_left < 0 || writes_left-- > 0;
  }
  mutable int writes_left = -1;  // without limit
  mutable std::chrono::milliseconds asked_for{0};
};

Action CreateSet() {
  return {.verb = Action::Verb::kCreate,
          .type = kStatefulSetType,
          .key = {"ml", "bert-learner"},
          .body = {{"metadata",
                    {{"name", "bert-learner"},
                     {"ownerReferences", json::array({{{"kind", "TrainingJob"},
                                                       {"name", "bert"},
                                                       {"uid", "job-uid"},
                                                       {"controller", true}}})}}}}};
}
Action ApplySet() {
  Action action = CreateSet();
  action.verb = Action::Verb::kApply;
  return action;
}
Action DeletePod() {
  return {.verb = Action::Verb::kDelete,
          .type = kPodType,
          .key = {"ml", "bert-learner-0"},
          .expect_uid = "pod-uid"};
}
Action Status() {
  Action action = ApplySet();
  action.verb = Action::Verb::kApplyStatus;
  return action;
}
FakeTransport::Answer LiveSet(const std::string& owner_uid) {
  return FakeTransport::Ok(
      json{{"metadata",
            {{"name", "bert-learner"},
             {"namespace", "ml"},
             {"uid", "set-uid"},
             {"resourceVersion", "55"},
             {"ownerReferences", json::array({{{"uid", owner_uid}, {"controller", true}}})}}}}
          .dump());
}

class ExecutorTest : public testing::Test {
 protected:
  ExecutorTest() {
    transport_.server = [this](const HttpRequest& request) { return server_(request); };
    tracker_.Use(sets_);
    tracker_.Use(pods_);
  }

  // Carries the plan out. "" when it was; else the error.
  std::string Run(Plan plan) {
    std::optional<Result<void>> result;
    executor_.Execute(kJob, ObjectReference{"ffdl.io/v1", "TrainingJob", kJob, "job-uid"},
                      std::move(plan), [&](Result<void> done) { result = std::move(done); });
    time_.RunFor(5min);
    if (!result) return "never called back";
    code_ = *result ? std::nullopt : std::optional(result->error().code);
    return *result ? "" : result->error().message;
  }
  std::vector<std::string> Requests() {
    std::vector<std::string> routes;
    for (const HttpRequest& request : transport_.requests) routes.push_back(test::Route(request));
    return routes;
  }

  using Routes = std::vector<std::string>;
  test::VirtualTime time_;
  Random random_{1};
  Metrics metrics_;
  RuntimeContext context_{.clock = time_, .random = random_, .metrics = metrics_};
  FakeTransport transport_{time_};
  test::ScriptedServer server_;
  test::FakeCache sets_{kStatefulSetType};
  test::FakeCache pods_{kPodType};
  FakeGate gate_;
  ConsistencyTracker tracker_{[](const ObjectKey&) {}, context_};
  EventRecorder events_{{.controller = "test", .instance = "pod"}, transport_, context_};
  Executor executor_{{.field_manager = "ffdl"}, transport_, gate_, tracker_, events_, context_};
  std::optional<ErrorCode> code_;
};

TEST_F(ExecutorTest, WritesInOrderThenStatusThenEvents) {
  EXPECT_EQ("", Run({.actions = {CreateSet(), DeletePod()},
                     .status = Status(),
                     .events = {{.reason = "Created", .action = "Create", .note = "hello"}}}));
  EXPECT_EQ((Routes{"POST " + kSets, "DELETE " + kPodPath, "PATCH " + kSet + "/status",
                    "POST /apis/events.k8s.io/v1/namespaces/ml/events"}),
            Requests());
  EXPECT_NE(std::string::npos, transport_.requests[0].path.find("fieldManager=ffdl"));
  EXPECT_NE(std::string::npos, transport_.requests[2].path.find("fieldManager=ffdl-status"));
  EXPECT_EQ("pod-uid", json::parse(transport_.requests[1].body)["preconditions"]["uid"]);
}

TEST_F(ExecutorTest, NeverLooksAtWhatItMayOnlyMake) {
  const std::string secrets = "/api/v1/namespaces/ml/secrets";
  const Action secret{.verb = Action::Verb::kCreate,
                      .type = kSecretType,
                      .key = {"ml", "bert-key-1"},
                      .body = {{"metadata", {{"name", "bert-key-1"}}}},
                      .blind = true};
  server_.On("POST " + secrets, FakeTransport::Status(409, "AlreadyExists"));
  EXPECT_EQ("", Run({.actions = {secret, CreateSet()}})) << "it is there: all is well";
  EXPECT_EQ((Routes{"POST " + secrets, "POST " + kSets}), Requests());
  EXPECT_EQ(View::kBehind, tracker_.Check(kJob)) << "for the set alone";
}

TEST_F(ExecutorTest, MakesTheKeyWaitForWhatItWrote) {
  EXPECT_EQ("", Run({.actions = {CreateSet()}}));
  EXPECT_EQ(View::kBehind, tracker_.Check(kJob));
  sets_.AdvanceTo("100");
  EXPECT_EQ(View::kCaughtUp, tracker_.Check(kJob));
}

TEST_F(ExecutorTest, StopsAtTheFirstFailureAndNamesIt) {
  server_.On("POST " + kSets, FakeTransport::Status(422, "Invalid", "spec.replicas: must not"));
  const std::string error = Run({.actions = {CreateSet(), DeletePod()},
                                 .status = Status(),
                                 .events = {{.reason = "Created"}}});
  EXPECT_EQ(0U, error.find("create StatefulSet ml/bert-learner: ")) << error;
  EXPECT_NE(std::string::npos, error.find("must not")) << error;
  EXPECT_EQ(ErrorCode::kInvalid, code_);
  EXPECT_EQ(Routes{"POST " + kSets}, Requests());
}

TEST_F(ExecutorTest, RepeatsNothingThatWasNotSent) {
  server_.On("POST " + kSets, FakeTransport::NotSent());
  EXPECT_EQ("create StatefulSet ml/bert-learner: connection refused",
            Run({.actions = {CreateSet()}}));
  EXPECT_EQ(Routes{"POST " + kSets}, Requests());
  EXPECT_EQ(View::kCaughtUp, tracker_.Check(kJob));
}

TEST_F(ExecutorTest, WritesNothingOnceTheLeaseMayRunOut) {
  gate_.writes_left = 1;
  const std::string error = Run({.actions = {CreateSet(), DeletePod()}, .status = Status()});
  EXPECT_EQ(
      "delete Pod ml/bert-learner-0: not sent: the lease is not certain to outlast the request",
      error);
  EXPECT_EQ(Routes{"POST " + kSets}, Requests());
  EXPECT_EQ(transport_.requests[0].timeout, gate_.asked_for);
}

TEST_F(ExecutorTest, TakesAnExistingObjectOfOursForCreated) {
  server_.On("POST " + kSets, FakeTransport::Status(409, "AlreadyExists"))
      .On("GET " + kSet, LiveSet("job-uid"));
  EXPECT_EQ("", Run({.actions = {CreateSet(), DeletePod()}}));
  EXPECT_EQ((Routes{"POST " + kSets, "GET " + kSet, "DELETE " + kPodPath}), Requests());
  EXPECT_EQ(View::kBehind, tracker_.Check(kJob));
  sets_.AdvanceTo("55");
  pods_.AdvanceTo("100");
  EXPECT_EQ(View::kCaughtUp, tracker_.Check(kJob));
}

TEST_F(ExecutorTest, DoesNotAdoptWhatSomebodyElseMade) {
  server_.On("POST " + kSets, FakeTransport::Status(409, "AlreadyExists"))
      .On("GET " + kSet, LiveSet("another-uid"));
  EXPECT_EQ("StatefulSet ml/bert-learner exists and is not owned by TrainingJob ml/bert",
            Run({.actions = {CreateSet(), DeletePod()}}));
  EXPECT_EQ(ErrorCode::kAlreadyExists, code_);
}

TEST_F(ExecutorTest, DoesNotTakeOverWhatAnApplyWithoutForceMeets) {
  Action first = ApplySet();
  first.force = false;
  server_.On("PATCH " + kSet, FakeTransport::Status(409, "Conflict"))
      .On("GET " + kSet, LiveSet("another-uid"));
  EXPECT_EQ("StatefulSet ml/bert-learner exists and is not owned by TrainingJob ml/bert",
            Run({.actions = {first, DeletePod()}}));
  EXPECT_EQ(ErrorCode::kAlreadyExists, code_);
}

TEST_F(ExecutorTest, LeavesAnApplyWithoutForceThatMeetsOursToTheNextPass) {
  Action first = ApplySet();
  first.force = false;
  server_.On("PATCH " + kSet, FakeTransport::Status(409, "Conflict"))
      .On("GET " + kSet, LiveSet("job-uid"));
  EXPECT_EQ("apply StatefulSet ml/bert-learner: it exists already",
            Run({.actions = {first, DeletePod()}}));
  EXPECT_EQ(ErrorCode::kConflict, code_);
  EXPECT_EQ(View::kBehind, tracker_.Check(kJob));
}

TEST_F(ExecutorTest, LooksUpACreateWithoutAnswerAndGoesOnIfItIsThere) {
  server_.On("POST " + kSets, std::nullopt).On("GET " + kSet, LiveSet("job-uid"));
  EXPECT_EQ("", Run({.actions = {CreateSet(), DeletePod()}}));
  EXPECT_EQ((Routes{"POST " + kSets, "GET " + kSet, "DELETE " + kPodPath}), Requests());
}

TEST_F(ExecutorTest, EndsThePlanWhenACreateWithoutAnswerIsNotThere) {
  server_.On("POST " + kSets, std::nullopt)
      .On("GET " + kSet, FakeTransport::Status(404, "NotFound"));
  EXPECT_EQ("create StatefulSet ml/bert-learner: outcome unknown: timed out",
            Run({.actions = {CreateSet(), DeletePod()}}));
  EXPECT_EQ(ErrorCode::kUnavailable, code_);
  EXPECT_EQ(View::kCaughtUp, tracker_.Check(kJob));
}

TEST_F(ExecutorTest, NeverRepeatsAnApplyWithoutAnswer) {
  server_.On("PATCH " + kSet, std::nullopt).On("GET " + kSet, LiveSet("job-uid"));
  EXPECT_EQ("apply StatefulSet ml/bert-learner: outcome unknown: timed out",
            Run({.actions = {ApplySet(), DeletePod()}}));
  EXPECT_EQ((Routes{"PATCH " + kSet, "GET " + kSet}), Requests());
  EXPECT_EQ(View::kBehind, tracker_.Check(kJob));  // not before the cache shows what was looked up
  sets_.AdvanceTo("55");
  EXPECT_EQ(View::kCaughtUp, tracker_.Check(kJob));
}

TEST_F(ExecutorTest, RemembersWhatCouldNotEvenBeLookedUp) {
  server_.On("PATCH " + kSet, FakeTransport::Status(500)).On("GET " + kSet, std::nullopt);
  EXPECT_NE("", Run({.actions = {ApplySet()}}));
  EXPECT_EQ(View::kUnknownWrite, tracker_.Check(kJob));

  server_.On("GET " + kSet, LiveSet("job-uid"));
  bool looked_up = false;
  executor_.LookUpUnknown(kJob, [&](const Result<void>& done) { looked_up = done.has_value(); });
  time_.RunFor(1s);
  EXPECT_TRUE(looked_up);
  EXPECT_EQ(View::kBehind, tracker_.Check(kJob));
}

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

// --- Children that are missing because their owner is gone ---

Action CreateAgain() {
  Action action = CreateSet();
  action.expect_owner = {
      .type = {"ffdl.io", "v1", "TrainingJob", "trainingjobs"}, .key = kJob, .uid = "job-uid"};
  return action;
}
const std::string kJobPath = "/apis/ffdl.io/v1/namespaces/ml/trainingjobs/bert";

TEST_F(ExecutorTest, MakesAMissingChildAgainForAnOwnerThatLives) {
  server_.On("GET " + kJobPath,
             FakeTransport::Ok(R"({"metadata":{"name":"bert","uid":"job-uid"}})"));
  EXPECT_EQ("", Run({.actions = {CreateAgain()}}));
  EXPECT_EQ((Routes{"GET " + kJobPath, "POST " + kSets}), Requests());
}

TEST_F(ExecutorTest, MakesNoChildForAnOwnerThatIsGoneOrGoing) {
  for (const auto& answer :
       {FakeTransport::Status(404, "NotFound"),
        FakeTransport::Ok(R"({"metadata":{"name":"bert","uid":"a successor"}})"),
        FakeTransport::Ok(R"({"metadata":{"name":"bert","uid":"job-uid",)"
                          R"("deletionTimestamp":"2026-01-02T03:04:05Z"}})")}) {
    transport_.requests.clear();
    server_.On("GET " + kJobPath, answer);
    EXPECT_NE("", Run({.actions = {CreateAgain()}}));
    EXPECT_EQ(ErrorCode::kConflict, code_);
    EXPECT_EQ((Routes{"GET " + kJobPath}), Requests());
  }
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

TEST_F(ExecutorTest, WritesNothingThatOurOwnWatchWouldNotShow) {
  test::FakeCache services(kServiceType, "app=ffdl");
  tracker_.Use(services);
  Action service = CreateSet();
  service.type = kServiceType;
  EXPECT_EQ("create Service ml/bert-learner: its labels are not those that our own watch selects",
            Run({.actions = {service}}));
  service.body["metadata"]["labels"] = {{"app", "ffdl"}};
  EXPECT_EQ("", Run({.actions = {service}}));
}

TEST_F(ExecutorTest, PutsBackTheLabelsByWhichOurOwnWatchSelects) {
  test::FakeCache services(kServiceType, "app=ffdl");
  tracker_.Use(services);
  Action service = CreateSet();
  service.type = kServiceType;
  service.body["metadata"]["labels"] = {{"app", "ffdl"}};
  const std::string path = "/api/v1/namespaces/ml/services";
  server_.On("POST " + path, FakeTransport::Status(409, "AlreadyExists"))
      .On("GET " + path + "/bert-learner", LiveSet("job-uid"));
  EXPECT_EQ("", Run({.actions = {service}}));
  EXPECT_EQ(
      (Routes{"POST " + path, "GET " + path + "/bert-learner", "PATCH " + path + "/bert-learner"}),
      Requests());
  const json sent = json::parse(transport_.requests.back().body);
  EXPECT_EQ("set-uid", sent.at("metadata").value("uid", "")) << "only the object that was seen";
}

TEST_F(ExecutorTest, NeverDeletesByNameAlone) {
  Action action = DeletePod();
  action.expect_uid.clear();
  EXPECT_EQ("delete Pod ml/bert-learner-0: no uid to expect", Run({.actions = {action}}));
  EXPECT_TRUE(transport_.requests.empty());
}

}  // namespace
}  // namespace ffdl::k8s
