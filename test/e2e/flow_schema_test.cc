// The API server's queues: setup has applied manifests/kustomize/base/flow_schema.yaml.
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>

#include "crds/v1/training_job.h"
#include "test/e2e/harness/cluster_api.h"
#include "test/e2e/harness/operator_process.h"

namespace ffdl::e2e {
namespace {

constexpr k8s::ResourceType kFlowSchemaType{"flowcontrol.apiserver.k8s.io", "v1", "FlowSchema",
                                            "flowschemas"};
constexpr const char* kLeaseSchema = "ffdl-leader-election";
constexpr const char* kStatusSchema = "ffdl-status";

class FlowSchemaTest : public Story {
 protected:
  ~FlowSchemaTest() override { std::filesystem::remove_all(folder_); }

  std::string UidOf(const std::string& schema) {
    const Json found = admin_.Get(k8s::ResourcePath(kFlowSchemaType, "", schema));
    EXPECT_EQ("False", TextAt(ConditionOf(found, "Dangling"), "/status"))
        << schema << " names a priority level that does not exist";
    return TextAt(found, "/metadata/uid");
  }

  // How many requests the server has counted under the schema and carried out.
  double DispatchedUnder(const std::string& schema) {
    std::istringstream metrics(admin_.Send({.path = "/metrics", .accept = "*/*"}).body);
    double dispatched = 0;
    for (std::string line; std::getline(metrics, line);) {
      if (line.starts_with("apiserver_flowcontrol_dispatched_requests_total{") &&
          line.find("flow_schema=\"" + schema + "\"") != std::string::npos) {
        dispatched += std::stod(line.substr(line.rfind(' ')));
      }
    }
    return dispatched;
  }

  const std::string folder_ = MakeFolder();
  ClusterApi admin_{AdminKubeconfig()};
};

TEST_F(FlowSchemaTest, TheServerCountsTheOperatorsLeaseAndStatusApart) {
  ClusterApi as_operator(WriteKubeconfig(folder_, OperatorToken()));
  const k8s::HttpResponse lease = as_operator.Send(
      {.path = k8s::ResourcePath(k8s::kLeaseType, "ffdl-system", "ffdl-operator")});
  EXPECT_EQ(UidOf(kLeaseSchema), lease.flow_schema) << lease.body;

  // Counted before anybody looks whether there is such a job.
  const k8s::HttpResponse status = as_operator.Send(
      {.method = "PATCH",
       .path = k8s::ResourcePath(v1::kTrainingJobType, ns(), "nobodys") + "/status",
       .content_type = "application/merge-patch+json",
       .body = "{}"});
  EXPECT_EQ(404, status.status) << status.body;
  EXPECT_EQ(UidOf(kStatusSchema), status.flow_schema);

  const k8s::HttpResponse jobs =
      as_operator.Send({.path = k8s::ResourcePath(v1::kTrainingJobType, ns())});
  EXPECT_EQ(UidOf("service-accounts"), jobs.flow_schema);
}

TEST_F(FlowSchemaTest, TheRunningOperatorIsCountedSo) {
  const double leases = DispatchedUnder(kLeaseSchema);
  const double statuses = DispatchedUnder(kStatusSchema);
  Apply(JobManifest("short", "exit 0"));
  AwaitState("short", "Completed");
  EXPECT_GT(DispatchedUnder(kStatusSchema), statuses);
  EXPECT_TRUE(Eventually([&] { return DispatchedUnder(kLeaseSchema) > leases; }, kPhaseMax))
      << "no renewal was counted";
}

}  // namespace
}  // namespace ffdl::e2e
