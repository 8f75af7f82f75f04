// What tests of the executor share: an executor before a server that a test scripts.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "k8s-client/runtime/executor.h"
#include "test/support/fake_cache.h"
#include "test/support/fake_transport.h"
#include "test/support/virtual_time.h"

namespace ffdl::k8s {

using namespace std::chrono_literals;
using nlohmann::json;
using test::FakeTransport;
using View = ConsistencyTracker::View;

inline const ObjectKey kJob{"ml", "bert"};
inline const std::string kSets = "/apis/apps/v1/namespaces/ml/statefulsets";
inline const std::string kSet = kSets + "/bert-learner";
inline const std::string kPodPath = "/api/v1/namespaces/ml/pods/bert-learner-0";

class FakeGate final : public WriteGate {
 public:
  [[nodiscard]] bool MayWrite(std::chrono::milliseconds timeout) const override {
    asked_for = timeout;
    return writes_left < 0 || writes_left-- > 0;
  }
  mutable int writes_left = -1;  // without limit
  mutable std::chrono::milliseconds asked_for{0};
};

inline Action CreateSet() {
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
inline Action ApplySet() {
  Action action = CreateSet();
  action.verb = Action::Verb::kApply;
  return action;
}
inline Action DeletePod() {
  return {.verb = Action::Verb::kDelete,
          .type = kPodType,
          .key = {"ml", "bert-learner-0"},
          .expect_uid = "pod-uid"};
}
inline Action Status() {
  Action action = ApplySet();
  action.verb = Action::Verb::kApplyStatus;
  return action;
}
inline FakeTransport::Answer LiveSet(const std::string& owner_uid) {
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

}  // namespace ffdl::k8s
