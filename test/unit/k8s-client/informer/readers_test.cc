#include "k8s-client/informer/readers.h"

#include <gtest/gtest.h>

#include <string>

#include "test/support/pod_json.h"

namespace ffdl::k8s {
namespace {

using nlohmann::json;
using test::PodJson;

Result<Pod> Decode(const std::string& text) {
  PaddedBuffer buffer;
  return ReadPod(buffer.Assign(text));
}

TEST(PodReaderTest, TakesWhatPlannersReadAndNothingElse) {
  const std::string text =
      PodJson("bert-0")
          .OwnedBy("set-uid")
          .Set("/metadata/generation", 3)
          .Set("/metadata/labels", {{"ffdl.io/job", "bert"}})
          .Set("/metadata/annotations", {{"ffdl.io/attempt", "2"}, {"other.io/huge", "..."}})
          .Set("/metadata/managedFields",
               json::array({{{"fieldsV1", {{"f:metadata", json::object()}}}}}))
          .Set("/spec/containers", json::array({{{"name", "learner"}}}))
          .Text();
  const Result<Pod> pod = Decode(text);
  ASSERT_TRUE(pod.has_value()) << pod.error().message;
  const Pod want{
      .meta = {.key = {"ml", "bert-0"},
               .uid = "uid-bert-0",
               .resource_version = "10",
               .generation = 3,
               .creation_time = *ParseTime("2026-01-02T03:04:05Z"),
               .labels = {{"ffdl.io/job", "bert"}},
               .annotations = {{"ffdl.io/attempt", "2"}},
               .owners = {{"apps/v1", "StatefulSet", "bert-learner", "set-uid", true}}},
      .node = "gpu-a-07",
      .phase = "Running",
  };
  EXPECT_EQ(want, *pod);
}

TEST(PodReaderTest, ReadsEveryContainerState) {
  const json ended{{"exitCode", 137},
                   {"signal", 9},
                   {"reason", "OOMKilled"},
                   {"message", "line\n\"two\" \u00fc"},
                   {"finishedAt", "2026-01-02T03:10:00Z"}};
  const std::string text =
      PodJson("bert-0")
          .Set(
              "/status/initContainerStatuses",
              json::array({{{"name", "setup"},
                            {"state",
                             {{"waiting", {{"reason", "ImagePullBackOff"}, {"message", "no"}}}}}}}))
          .Set("/status/containerStatuses",
               json::array({{{"name", "learner"},
                             {"restartCount", 2},
                             {"ready", true},
                             {"state", {{"running", {{"startedAt", "2026-01-02T03:11:00Z"}}}}},
                             {"lastState", {{"terminated", ended}}}},
                            {{"name", "sync"}, {"state", {{"terminated", ended}}}}}))
          .Text();
  const Result<Pod> pod = Decode(text);
  ASSERT_TRUE(pod.has_value()) << pod.error().message;
  const ContainerEnd want_end{.exit_code = 137,
                              .signal = 9,
                              .reason = "OOMKilled",
                              .message = "line\n\"two\" \u00fc",
                              .finished_at = ParseTime("2026-01-02T03:10:00Z")};
  ASSERT_EQ(1U, pod->init_containers.size());
  EXPECT_EQ("ImagePullBackOff", pod->init_containers[0].waiting_reason);
  EXPECT_EQ("no", pod->init_containers[0].waiting_message);
  ASSERT_EQ(2U, pod->containers.size());
  EXPECT_EQ((ContainerStatus{.name = "learner",
                             .running = true,
                             .ready = true,
                             .started_at = ParseTime("2026-01-02T03:11:00Z"),
                             .last_terminated = want_end}),
            pod->containers[0]);
  EXPECT_EQ(want_end, pod->containers[1].terminated);
}

TEST(PodReaderTest, KeepsWhyAPodIsNotScheduled) {
  const Result<Pod> pod =
      Decode(PodJson("bert-0")
                 .Set("/status/conditions",
                      json::array({{{"type", "Ready"}, {"status", "False"}, {"reason", "Other"}},
                                   {{"type", "PodScheduled"},
                                    {"status", "False"},
                                    {"reason", "Unschedulable"},
                                    {"message", "0/3 nodes: Insufficient nvidia.com/gpu"}}}))
                 .Text());
  ASSERT_TRUE(pod.has_value());
  EXPECT_EQ("Unschedulable", pod->unscheduled_reason);
  EXPECT_EQ("0/3 nodes: Insufficient nvidia.com/gpu", pod->unscheduled_message);
}

TEST(PodReaderTest, KeepsWhoTakesAPodAway) {
  const auto disruption = [](const char* status) {
    return Decode(
               PodJson("bert-0")
                   .Set("/status/conditions", json::array({{{"type", "DisruptionTarget"},
                                                            {"status", status},
                                                            {"reason", "PreemptionByScheduler"}}}))
                   .Text())
        .value()
        .disruption_reason;
  };
  EXPECT_EQ("PreemptionByScheduler", disruption("True"));
  EXPECT_EQ("", disruption("False"));
}

TEST(PodReaderTest, KeepsTheConditionsThatNotEveryPodHas) {
  const auto condition = [](const char* type, const char* status) {
    return json{{"type", type}, {"status", status}};
  };
  const Result<Pod> pod =
      Decode(PodJson("bert-0")
                 .Set("/status/conditions",
                      json::array({condition("Ready", "True"), condition("PodScheduled", "True"),
                                   condition("example.com/GpuUnhealthy", "True"),
                                   condition("example.com/LinkDown", "False"),
                                   condition("DisruptionTarget", "True")}))
                 .Text());
  ASSERT_TRUE(pod.has_value());
  EXPECT_EQ((std::vector<std::string>{"example.com/GpuUnhealthy", "DisruptionTarget"}),
            pod->conditions);
}

TEST(PodReaderTest, TakesNullForMissing) {
  const Result<Pod> pod = Decode(PodJson("bert-0")
                                     .Set("/metadata/labels", nullptr)
                                     .Set("/metadata/deletionTimestamp", nullptr)
                                     .Set("/status/containerStatuses", nullptr)
                                     .Set("/spec/nodeName", nullptr)
                                     .Text());
  ASSERT_TRUE(pod.has_value()) << pod.error().message;
  EXPECT_EQ("", pod->node);
}

struct GarbageCase {
  std::string name;
  std::string pointer;
  json value;
  std::string want_error;
};

class PodGarbageTest : public testing::TestWithParam<GarbageCase> {};

TEST_P(PodGarbageTest, NamesTheField) {
  const GarbageCase& c = GetParam();
  const Result<Pod> pod = Decode(PodJson("bert-0").Set(c.pointer, c.value).Text());
  ASSERT_FALSE(pod.has_value());
  EXPECT_EQ(c.want_error, pod.error().message);
  EXPECT_EQ(ErrorCode::kBadResponse, pod.error().code);
}

INSTANTIATE_TEST_SUITE_P(
    Fields, PodGarbageTest,
    testing::Values(
        GarbageCase{"Metadata", "/metadata", json::array(), "metadata: not an object"},
        GarbageCase{"Name", "/metadata/name", 7, "metadata.name: not a string"},
        GarbageCase{"NoName", "/metadata/name", nullptr, "metadata.name: missing"},
        GarbageCase{"Labels", "/metadata/labels", "x", "metadata.labels: not an object"},
        GarbageCase{"Label", "/metadata/labels", {{"a", 1}}, "metadata.labels.a: not a string"},
        GarbageCase{"Time", "/metadata/creationTimestamp", "yesterday",
                    "metadata.creationTimestamp: not a time"},
        GarbageCase{"Owners",
                    "/metadata/ownerReferences",
                    {{"uid", "x"}},
                    "metadata.ownerReferences: not an array"},
        GarbageCase{"OwnerFlag", "/metadata/ownerReferences",
                    json::array({{{"controller", "yes"}}}),
                    "metadata.ownerReferences[0].controller: not a boolean"},
        GarbageCase{"Phase", "/status/phase", 1.5, "status.phase: not a string"},
        GarbageCase{
            "ExitCodeAsText", "/status/containerStatuses",
            json::array({{{"name", "a"}}, {{"state", {{"terminated", {{"exitCode", "2"}}}}}}}),
            "status.containerStatuses[1].state.terminated.exitCode: not an integer"},
        GarbageCase{"ExitCode", "/status/containerStatuses",
                    json::array({{{"state", {{"terminated", {{"exitCode", 4294967296}}}}}}}),
                    "status.containerStatuses[0].state.terminated.exitCode: out of range"}),
    [](const auto& entry) { return entry.param.name; });

TEST(PodReaderTest, RefusesWhatOnlyBeginsLikeNull) {
  for (const char* field : {"status", "spec", "metadata"}) {
    const std::string text =
        R"({"metadata":{"name":"a"},")" + std::string(field) + R"(":nul1,"kind":"Pod"})";
    const Result<Pod> pod = Decode(text);
    ASSERT_FALSE(pod.has_value());
    EXPECT_EQ(std::string(field) + ": not an object", pod.error().message);
  }
}

TEST(PodReaderTest, RefusesEveryTruncation) {
  const std::string text = PodJson("bert-0").OwnedBy("set-uid").Text();
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(Decode(text.substr(0, size)).has_value()) << text.substr(0, size);
  }
  EXPECT_FALSE(Decode(text + "x").has_value());
  EXPECT_FALSE(Decode("null").has_value());
  EXPECT_FALSE(Decode("[]").has_value());
}

TEST(IdentityTest, IsReadFromAnObjectThatItsReaderRefuses) {
  PaddedBuffer buffer;
  const std::string text = PodJson("bert-0")
                               .OwnedBy("set-uid")
                               .Set("/metadata/labels", 7)
                               .Set("/metadata/generation", "x")
                               .Set("/status/phase", 7)
                               .Text();
  EXPECT_FALSE(Decode(text).has_value());
  const std::optional<ObjectMeta> identity = ReadIdentity(buffer.Assign(text));
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ((ObjectKey{"ml", "bert-0"}), identity->key);
  EXPECT_EQ("uid-bert-0", identity->uid);
  EXPECT_EQ("10", identity->resource_version);
  ASSERT_NE(nullptr, ControllerOf(*identity));
  EXPECT_EQ("set-uid", ControllerOf(*identity)->uid);
}

TEST(IdentityTest, IsNothingWithoutAName) {
  PaddedBuffer buffer;
  EXPECT_FALSE(ReadIdentity(buffer.Assign(PodJson("a").Set("/metadata/name", 7).Text())));
  EXPECT_FALSE(ReadIdentity(buffer.Assign("not JSON")));
}

TEST(StatefulSetReaderTest, ReadsTheSpecAndNotTheStatus) {
  PaddedBuffer buffer;
  const Result<StatefulSet> set = ReadStatefulSet(buffer.Assign(
      R"({"metadata":{"name":"bert-learner","namespace":"ml"},)"
      R"("spec":{"replicas":4,"template":{"metadata":{"labels":{"ffdl.io/job":"bert"}},"spec":{}}},)"
      R"("status":{"observedGeneration":2,"replicas":3}})"));
  ASSERT_TRUE(set.has_value()) << set.error().message;
  EXPECT_EQ(4, set->replicas);
  EXPECT_EQ((Labels{{"ffdl.io/job", "bert"}}), set->template_labels);
}

TEST(ClaimReaderTest, ReadsThePhase) {
  PaddedBuffer buffer;
  const Result<Claim> claim =
      ReadClaim(buffer.Assign(R"({"metadata":{"name":"c"},"status":{"phase":"Bound"}})"));
  ASSERT_TRUE(claim.has_value());
  EXPECT_EQ("Bound", claim->phase);
}

TEST(ConfigMapReaderTest, ReadsTheText) {
  PaddedBuffer buffer;
  const Result<ConfigMap> map = ReadConfigMap(
      buffer.Assign(R"({"metadata":{"name":"m"},"data":{"a.b":"c\n"},"binaryData":{"d":"AA=="}})"));
  ASSERT_TRUE(map.has_value());
  EXPECT_EQ((Labels{{"a.b", "c\n"}}), map->data);
}

TEST(ServiceReaderTest, ReadsHowLearnersFindEachOther) {
  PaddedBuffer buffer;
  const Result<Service> service = ReadService(buffer.Assign(
      R"({"spec":{"clusterIP":"None","selector":{"a":"b"},"publishNotReadyAddresses":true},
          "metadata":{"name":"s"}})"));
  ASSERT_TRUE(service.has_value());
  EXPECT_EQ("s", service->meta.key.name);
  EXPECT_EQ((Labels{{"a", "b"}}), service->selector);
  EXPECT_TRUE(service->publishes_not_ready);
}

TEST(PolicyReaderTest, KeepsTheSpecAsItIs) {
  PaddedBuffer buffer;
  const Result<Policy> policy = ReadPolicy(buffer.Assign(
      R"({"metadata":{"name":"p"},"spec":{"maxUnavailable":0,"ports":[{"port":53}]},"status":1})"));
  ASSERT_TRUE(policy.has_value());
  EXPECT_EQ((json{{"maxUnavailable", 0}, {"ports", json::array({{{"port", 53}}})}}), policy->spec);
}

TEST(PolicyReaderTest, NamesTheSpecThatIsNone) {
  PaddedBuffer buffer;
  const Result<Policy> policy =
      ReadPolicy(buffer.Assign(R"({"metadata":{"name":"p"},"spec":[1]})"));
  ASSERT_FALSE(policy.has_value());
  EXPECT_EQ("spec: not an object", policy.error().message);
}

}  // namespace
}  // namespace ffdl::k8s
