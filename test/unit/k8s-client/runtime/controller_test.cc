#include "k8s-client/runtime/controller.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <string>
#include <vector>

#include "test/support/fake_cache.h"
#include "test/support/fake_transport.h"
#include "test/support/virtual_time.h"

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;
using test::FakeTransport;

const ObjectKey kJob{"ml", "bert"};
const std::string kService = "PATCH /api/v1/namespaces/ml/services/bert";

Plan ApplyService() {
  return {.actions = {{.verb = Action::Verb::kApply,
                       .type = kServiceType,
                       .key = kJob,
                       .body = {{"metadata", {{"name", "bert"}}}}}}};
}

// Without threads: everything happens on the virtual loop.
class ControllerTest : public testing::Test {
 protected:
  ControllerTest() {
    transport_.server = [this](const HttpRequest& request) { return server_(request); };
    controller_.Use(services_);
  }

  test::VirtualTime time_;
  Random random_{1};
  Metrics metrics_;
  RuntimeContext context_{.clock = time_, .random = random_, .metrics = metrics_};
  FakeTransport transport_{time_};
  test::ScriptedServer server_;
  test::FakeCache services_{kServiceType};
  OpenGate gate_;
  EventRecorder events_{{.controller = "test", .instance = "pod"}, transport_, context_};
  int passes_ = 0;
  std::function<Result<Plan>()> plan_ = [] { return Plan{}; };
  Controller controller_{{.name = "test", .field_manager = "ffdl", .workers = 0},
                         [this](const ObjectKey&, Time) {
                           ++passes_;
                           return plan_();
                         },
                         [](const ObjectKey& key) {
                           return ObjectReference{"ffdl.io/v1", "TrainingJob", key, "uid"};
                         },
                         transport_,
                         gate_,
                         events_,
                         context_};
};

TEST_F(ControllerTest, StandsByUntilItMayWork) {
  controller_.Enqueue(kJob);
  time_.RunFor(1h);
  EXPECT_EQ(0, passes_);
  controller_.StartWorking();
  time_.RunReady();
  EXPECT_EQ(1, passes_);
}

TEST_F(ControllerTest, PlansAgainOnlyOnceItsOwnWritesAreSeen) {
  plan_ = [this] { return passes_ == 1 ? ApplyService() : Plan{}; };
  controller_.StartWorking();
  controller_.Enqueue(kJob);
  time_.RunFor(1s);
  ASSERT_EQ(1U, transport_.requests.size());  // its answer said version 100
  controller_.Enqueue(kJob);
  time_.RunFor(5s);
  EXPECT_EQ(1, passes_);
  services_.AdvanceTo("100");
  time_.RunReady();
  EXPECT_EQ(2, passes_);
}

TEST_F(ControllerTest, HasACacheFilledAgainThatDoesNotCatchUp) {
  plan_ = [this] { return passes_ == 1 ? ApplyService() : Plan{}; };
  controller_.StartWorking();
  controller_.Enqueue(kJob);
  time_.RunFor(1s);
  controller_.Enqueue(kJob);
  time_.RunFor(11s);
  EXPECT_EQ(1, services_.refills_requested);
  EXPECT_EQ(1, passes_);
  time_.RunFor(20s);
  EXPECT_EQ(1, passes_);  // never on a view from before its own write
}

TEST_F(ControllerTest, LooksAgainWhenThePlanAsksForIt) {
  plan_ = [] { return Plan{.look_again_after = 30s}; };
  controller_.StartWorking();
  controller_.Enqueue(kJob);
  time_.RunFor(29s);
  EXPECT_EQ(1, passes_);
  time_.RunFor(1s);
  EXPECT_EQ(2, passes_);
}

TEST_F(ControllerTest, RetriesSoonAfterAConflictAndForgetsFailuresAfterSuccess) {
  plan_ = [this] { return passes_ <= 2 ? ApplyService() : Plan{}; };
  server_.On(kService, FakeTransport::Status(409, "Conflict"));
  controller_.StartWorking();
  controller_.Enqueue(kJob);
  time_.RunFor(60ms);
  EXPECT_EQ(2U, transport_.requests.size());
  EXPECT_EQ(2, passes_);
}

TEST_F(ControllerTest, TricklesWhileTheServerIsAwayAndTriesEveryKeyAtOnceAfterItsReturn) {
  constexpr int kKeys = 50;
  plan_ = [] { return ApplyService(); };
  transport_.server = [](const HttpRequest&) { return FakeTransport::NotSent(); };
  controller_.StartWorking();
  for (int i = 0; i < kKeys; ++i) controller_.Enqueue({"ml", std::to_string(i)}, Lane::kChild);
  time_.RunFor(5s);  // what was under way at once has failed
  const std::size_t before = transport_.requests.size();
  EXPECT_LT(before, 2U * kKeys);
  time_.RunFor(80s);
  EXPECT_NEAR(10, static_cast<double>(transport_.requests.size() - before), 1);
  transport_.server = [this](const HttpRequest& request) { return server_(request); };
  const int passes = passes_;
  controller_.RetryNow();
  time_.RunFor(500ms);
  EXPECT_GE(passes_ - passes, kKeys);
}

TEST_F(ControllerTest, FlowsAgainAsSoonAsOneWriteSucceeds) {
  plan_ = [] { return ApplyService(); };
  transport_.server = [](const HttpRequest&) { return FakeTransport::NotSent(); };
  controller_.StartWorking();
  for (int i = 0; i < 10; ++i) controller_.Enqueue({"ml", std::to_string(i)}, Lane::kChild);
  time_.RunFor(30s);
  transport_.server = [this](const HttpRequest& request) { return server_(request); };
  const int passes = passes_;
  time_.RunFor(9s);
  EXPECT_GE(passes_ - passes, 10);
}

TEST_F(ControllerTest, TellsTheUserAndLooksAgainIn5MinutesWhenNoRetryCanHelp) {
  plan_ = [] { return ApplyService(); };
  server_.On(kService, FakeTransport::Status(403, "Forbidden", "exceeded quota"));
  controller_.StartWorking();
  controller_.Enqueue(kJob);
  time_.RunFor(4min + 59s);
  EXPECT_EQ(1, passes_);
  ASSERT_EQ(2U, transport_.requests.size());
  const auto event = nlohmann::json::parse(transport_.requests[1].body);
  EXPECT_EQ("ReconcileFailed", event["reason"]);
  EXPECT_NE(std::string::npos, event["note"].get<std::string>().find("exceeded quota"));
  time_.RunFor(2s);
  EXPECT_EQ(2, passes_);
}

TEST_F(ControllerTest, TellsTheUserWhatCannotBeRead) {
  plan_ = []() -> Result<Plan> {
    return Fail(ErrorCode::kBadResponse, "cannot be read: Pod ml/a: status.phase: not a string");
  };
  controller_.StartWorking();
  controller_.Enqueue(kJob);
  time_.RunFor(4min);
  EXPECT_EQ(1, passes_);
  ASSERT_EQ(1U, transport_.requests.size());
  const auto event = nlohmann::json::parse(transport_.requests[0].body);
  EXPECT_EQ("cannot be read: Pod ml/a: status.phase: not a string", event["note"]);
}

TEST_F(ControllerTest, LetsThePlannerReportWhatOnlyAPersonCanHelp) {
  std::string hopeless;
  controller_.OnHopeless([&](const ObjectKey&, const Error& error) { hopeless = error.message; });
  plan_ = [this] { return passes_ == 1 ? ApplyService() : Plan{}; };
  server_.On(kService, FakeTransport::Status(403, "Forbidden", "exceeded quota"));
  controller_.StartWorking();
  controller_.Enqueue(kJob);
  time_.RunFor(1s);
  EXPECT_NE(std::string::npos, hopeless.find("exceeded quota"));
  EXPECT_EQ(2, passes_) << "planned again at once";
  EXPECT_EQ(1U, transport_.requests.size()) << "the planner tells, not the controller";
}

TEST_F(ControllerTest, LooksUnknownWritesUpBeforeItPlans) {
  plan_ = [this] { return passes_ == 1 ? ApplyService() : Plan{}; };
  server_.On(kService, std::nullopt)
      .On("GET /api/v1/namespaces/ml/services/bert", FakeTransport::NotSent())
      .On("GET /api/v1/namespaces/ml/services/bert", FakeTransport::Status(404, "NotFound"));
  controller_.StartWorking();
  controller_.Enqueue(kJob);
  time_.RunFor(1min);
  EXPECT_EQ(2, passes_);
  EXPECT_EQ(3U, transport_.requests.size());
}

TEST_F(ControllerTest, CarriesOutWhatIsUnderWayBeforeItStops) {
  plan_ = [] {
    Plan plan = ApplyService();
    plan.actions.push_back(plan.actions[0]);
    return plan;
  };
  controller_.StartWorking();
  controller_.Enqueue(kJob);
  time_.RunReady();
  bool drained = false;
  controller_.Stop([&] { drained = true; });
  EXPECT_FALSE(drained);
  time_.RunFor(1s);
  EXPECT_TRUE(drained);
  EXPECT_EQ(2U, transport_.requests.size());
  controller_.Enqueue(kJob);
  time_.RunFor(1h);
  EXPECT_EQ(1, passes_);
}

TEST_F(ControllerTest, RemembersWhatItDecided) {
  plan_ = [this] { return passes_ == 1 ? ApplyService() : Plan{}; };
  server_.On(kService, FakeTransport::Status(500));
  controller_.StartWorking();
  controller_.Enqueue(kJob, Lane::kSpec);
  time_.RunFor(1s);
  const auto decisions = controller_.trace().Of(kJob);
  ASSERT_EQ(1U, decisions.size());
  EXPECT_EQ("apply Service ml/bert ()", decisions[0].plan);
  EXPECT_EQ("services 10", decisions[0].seen);
  EXPECT_EQ(0U, decisions[0].result.find("apply Service ml/bert: ")) << decisions[0].result;
  EXPECT_EQ(Lane::kSpec, decisions[0].lane);
}

TEST_F(ControllerTest, ShowsWhatWaits) {
  plan_ = [] { return Plan{.look_again_after = 30s}; };
  controller_.Enqueue({"ml", "other"}, Lane::kUrgent);
  EXPECT_EQ("other", controller_.QueueSnapshot(10).waiting.at(0).item.key.name);
  controller_.StartWorking();
  time_.RunFor(10s);
  const WorkQueueSnapshot seen = controller_.QueueSnapshot(10);
  EXPECT_EQ(0U, seen.waiting_count);
  ASSERT_EQ(1U, seen.delayed.size());
  EXPECT_EQ(20s, seen.delayed[0].time);
  EXPECT_EQ(Lane::kChild, seen.delayed[0].item.lane);
}

TEST_F(ControllerTest, KnowsForHowLongItPlans) {
  std::chrono::nanoseconds seen{0};
  plan_ = [&] {
    time_.Skip(11s);
    seen = controller_.PlanningFor();
    return Plan{};
  };
  controller_.StartWorking();
  controller_.Enqueue(kJob);
  time_.RunFor(1s);
  EXPECT_EQ(11s, seen);
  EXPECT_EQ(0s, controller_.PlanningFor());
}

TEST_F(ControllerTest, MeasuresHowFarCachesLag) {
  plan_ = [this] { return passes_ == 1 ? ApplyService() : Plan{}; };
  controller_.StartWorking();
  controller_.Enqueue(kJob);
  time_.RunFor(1s);
  time_.RunFor(4s);
  EXPECT_NE(std::string::npos,
            metrics_.Text().find("operator_cache_lag_seconds{gvr=\"v1/services\"} 4.9"));
  services_.AdvanceTo("100");
  EXPECT_NE(std::string::npos,
            metrics_.Text().find("operator_cache_lag_seconds{gvr=\"v1/services\"} 0\n"));
}

TEST_F(ControllerTest, CountsPassesByResult) {
  plan_ = [this]() -> Result<Plan> {
    if (passes_ == 1) return Fail(ErrorCode::kInternal, "no idea");
    return Plan{.look_again_after = 1h};
  };
  controller_.StartWorking();
  controller_.Enqueue(kJob);
  time_.RunFor(1s);
  const std::string text = metrics_.Text();
  for (const char* line :
       {R"(controller_runtime_reconcile_total{controller="test",result="error"} 1)",
        R"(controller_runtime_reconcile_total{controller="test",result="requeue_after"} 1)",
        R"(controller_runtime_reconcile_errors_total{controller="test"} 1)",
        R"(workqueue_retries_total{name="test",controller="test"} 1)"}) {
    EXPECT_NE(std::string::npos, text.find(std::string(line) + "\n")) << line << "\n" << text;
  }
}

TEST(ControllerThreadsTest, PlanEveryKeyAndDrain) {
  test::VirtualTime time;
  Random random(1);
  Metrics metrics;
  const RuntimeContext context{.clock = time, .random = random, .metrics = metrics};
  FakeTransport transport(time);
  OpenGate gate;
  EventRecorder events({.controller = "test", .instance = "pod"}, transport, context);
  std::atomic<int> passes{0};
  std::promise<void> all_planned;
  constexpr int kKeys = 100;
  Controller controller(
      {.name = "test", .field_manager = "ffdl", .workers = 2},
      [&](const ObjectKey&, Time) {
        if (++passes == kKeys) all_planned.set_value();
        return Plan{};
      },
      [](const ObjectKey&) { return std::nullopt; }, transport, gate, events, context);
  for (int i = 0; i < kKeys; ++i) controller.Enqueue({"ml", std::to_string(i)});
  controller.StartWorking();
  all_planned.get_future().wait();
  std::promise<void> drained;
  controller.Stop([&] { drained.set_value(); });
  drained.get_future().wait();
  EXPECT_EQ(kKeys, passes);
}

}  // namespace
}  // namespace ffdl::k8s
