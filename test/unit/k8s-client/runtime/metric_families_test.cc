// The names, labels and buckets that dashboards of other controllers expect, from a controller that
// has worked a little.
#include <gtest/gtest.h>

#include <string>

#include "k8s-client/runtime/controller.h"
#include "k8s-client/runtime/leader_elector.h"
#include "k8s-client/runtime/metered_transport.h"
#include "test/support/fake_cache.h"
#include "test/support/fake_transport.h"
#include "test/support/virtual_time.h"

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;
using test::FakeTransport;

// The text of /metrics after one pass that wrote and one that failed.
std::string WorkALittle() {
  test::VirtualTime time;
  Random random(1);
  Metrics metrics;
  const RuntimeContext context{.clock = time, .random = random, .metrics = metrics};
  FakeTransport wire(time);
  wire.server = test::ScriptedServer();
  MeteredTransport transport(wire, "10.96.0.1:443", context);
  test::FakeCache services(kServiceType);
  services.AdvanceTo("123456789012345678");
  OpenGate gate;
  EventRecorder events({.controller = "test", .instance = "pod"}, transport, context);
  LeaderElector elector({.lease = {"ns", "ffdl-operator"}, .identity = "me"}, transport,
                        {.on_started = [] {}, .on_lost = [] {}}, context);
  int passes = 0;
  Controller controller(
      {.name = "trainingjob", .field_manager = "ffdl", .workers = 0},
      [&](const ObjectKey& key, Time) -> Result<Plan> {
        if (++passes == 2) return Fail(ErrorCode::kForbidden, "no");
        return Plan{.actions = {{.type = kServiceType, .key = key, .body = {{"metadata", {}}}}}};
      },
      [](const ObjectKey&) { return std::nullopt; }, transport, gate, events, context);
  controller.Use(services);
  controller.StartWorking();
  controller.Enqueue({"ml", "a"});
  time.RunFor(1s);
  controller.Enqueue({"ml", "b"});
  time.RunFor(1s);
  return metrics.Text();
}

struct Family {
  std::string name;
  std::string type;
  std::string line;  // that it has, up to the value
};

class MetricFamilyTest : public testing::TestWithParam<Family> {};

TEST_P(MetricFamilyTest, HasItsNameTypeAndLabels) {
  static const std::string text = WorkALittle();
  const Family& family = GetParam();
  EXPECT_NE(std::string::npos, text.find("# TYPE " + family.name + " " + family.type + "\n"));
  EXPECT_NE(std::string::npos, text.find("\n" + family.line)) << family.line << "\nin\n" << text;
}

const std::string kController = R"({controller="trainingjob"})";
const std::string kQueue = R"({name="trainingjob",controller="trainingjob"})";

INSTANTIATE_TEST_SUITE_P(
    Controller, MetricFamilyTest,
    testing::Values(
        Family{
            "controller_runtime_reconcile_total", "counter",
            R"(controller_runtime_reconcile_total{controller="trainingjob",result="success"} 1)"},
        Family{"controller_runtime_reconcile_errors_total", "counter",
               "controller_runtime_reconcile_errors_total" + kController + " 1"},
        Family{"controller_runtime_terminal_reconcile_errors_total", "counter",
               "controller_runtime_terminal_reconcile_errors_total" + kController + " 1"},
        Family{
            "controller_runtime_reconcile_time_seconds", "histogram",
            R"(controller_runtime_reconcile_time_seconds_bucket{controller="trainingjob",le="0.005"})"},
        Family{"controller_runtime_max_concurrent_reconciles", "gauge",
               "controller_runtime_max_concurrent_reconciles" + kController},
        Family{"controller_runtime_active_workers", "gauge",
               "controller_runtime_active_workers" + kController + " 0"}),
    [](const auto& entry) { return entry.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Queue, MetricFamilyTest,
    testing::Values(
        Family{
            "workqueue_depth", "gauge",
            R"(workqueue_depth{name="trainingjob",controller="trainingjob",priority="0",standby="false"} 0)"},
        Family{"workqueue_adds_total", "counter", "workqueue_adds_total" + kQueue + " 2"},
        Family{
            "workqueue_queue_duration_seconds", "histogram",
            R"(workqueue_queue_duration_seconds_bucket{name="trainingjob",controller="trainingjob",le="1e-08"})"},
        Family{"workqueue_work_duration_seconds", "histogram",
               "workqueue_work_duration_seconds_count" + kQueue + " 2"},
        Family{"workqueue_unfinished_work_seconds", "gauge",
               "workqueue_unfinished_work_seconds" + kQueue},
        Family{"workqueue_longest_running_processor_seconds", "gauge",
               "workqueue_longest_running_processor_seconds" + kQueue},
        Family{"workqueue_retries_total", "counter", "workqueue_retries_total" + kQueue}),
    [](const auto& entry) { return entry.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Client, MetricFamilyTest,
    testing::Values(
        Family{"rest_client_requests_total", "counter",
               R"(rest_client_requests_total{code="200",method="PATCH",host="10.96.0.1:443"} 1)"},
        Family{
            "rest_client_request_duration_seconds", "histogram",
            R"(rest_client_request_duration_seconds_bucket{verb="PATCH",host="10.96.0.1:443",le="0.005"} 1)"},
        Family{
            "rest_client_request_size_bytes", "histogram",
            R"(rest_client_request_size_bytes_bucket{verb="PATCH",host="10.96.0.1:443",le="64"} 1)"},
        Family{"rest_client_response_size_bytes", "histogram",
               R"(rest_client_response_size_bytes_count{verb="PATCH",host="10.96.0.1:443"} 1)"}),
    [](const auto& entry) { return entry.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Others, MetricFamilyTest,
    testing::Values(
        Family{"leader_election_master_status", "gauge",
               R"(leader_election_master_status{name="ffdl-operator"} 0)"},
        Family{"leader_election_slowpath_total", "counter",
               R"(leader_election_slowpath_total{name="ffdl-operator"} 0)"},
        Family{
            "informer_store_resource_version", "gauge",
            R"(informer_store_resource_version{name="trainingjob",group="",version="v1",resource="services"} 456789012345678)"},
        Family{"operator_cache_lag_seconds", "gauge",
               R"(operator_cache_lag_seconds{gvr="v1/services"} 0)"},
        Family{"operator_event_to_write_seconds", "histogram",
               "operator_event_to_write_seconds_count 1"},
        Family{"operator_ambiguous_writes_total", "counter", "operator_ambiguous_writes_total 0"},
        Family{"operator_inflight_writes", "gauge", "operator_inflight_writes 0"}),
    [](const auto& entry) { return entry.param.name; });

}  // namespace
}  // namespace ffdl::k8s
