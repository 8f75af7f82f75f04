#include "test/unit/k8s-client/runtime/executor_fixture.h"

namespace ffdl::k8s {
namespace {

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

}  // namespace
}  // namespace ffdl::k8s
