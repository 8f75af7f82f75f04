#include "operator/controller/enqueue.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "test/support/fake_transport.h"
#include "test/support/pod_json.h"
#include "test/support/virtual_time.h"

namespace ffdl::server {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::PodJson;

std::string Event(const std::string& type, const json& object) {
  return json{{"type", type}, {"object", object}}.dump();
}
json Job(const std::string& name, int version, int generation = 1) {
  return {{"metadata",
           {{"name", name},
            {"namespace", "ml"},
            {"uid", "uid-" + name},
            {"generation", generation},
            {"resourceVersion", std::to_string(version)}}},
          {"spec", {{"framework", {{"name", "custom"}, {"image", "i"}}}, {"command", {"true"}}}}};
}
PodJson Learner(const std::string& job) {
  PodJson pod(job + "-learner-0");
  pod.Set("/metadata/labels", {{"ffdl.io/job", job}});
  return pod.OwnedBy("uid-of-the-set");
}

// Every cache on one fake transport; a standby's controller, which lets keys gather.
class EnqueueTest : public testing::Test {
 protected:
  EnqueueTest() {
    EnqueueChanges(caches_, jobs_, controller_, context_);
    caches_.ForEach([](auto& informer) { informer.Start(); });
    time_.RunReady();
  }
  k8s::StreamSink& Watch(const std::string& plural) {
    for (auto& stream : transport_.streams) {
      if (stream.request.path.find("/" + plural + "?") != std::string::npos) return *stream.sink;
    }
    throw std::logic_error("no watch of " + plural);
  }
  void Send(const std::string& plural, const std::string& line) {
    Watch(plural).OnBytes(line + "\n");
  }
  // Ends the fill of every cache.
  void Fill() {
    for (const char* plural :
         {"trainingjobs", "services", "persistentvolumeclaims", "statefulsets", "pods"}) {
      Watch(plural).OnHead(200, {});
    }
    Send("trainingjobs", Event("ADDED", Job("bert", 11)));
    for (const char* plural :
         {"trainingjobs", "services", "persistentvolumeclaims", "statefulsets", "pods"}) {
      Send(plural, test::BookmarkLine(20, /*ends_fill=*/true));
    }
  }
  // "bert:spec", what waits; it waits on.
  [[nodiscard]] std::string Waiting() const {
    std::string text;
    for (const auto& entry : controller_.QueueSnapshot(10).waiting) {
      text += (text.empty() ? "" : " ") + entry.item.key.name + ":" +
              std::string(Word(entry.item.lane));
    }
    return text;
  }

  test::VirtualTime time_;
  k8s::Random random_{1};
  k8s::Metrics metrics_;
  k8s::RuntimeContext context_{.clock = time_, .random = random_, .metrics = metrics_};
  test::FakeTransport transport_{time_};
  k8s::OpenGate gate_;
  k8s::EventRecorder events_{{.controller = "test", .instance = "pod"}, transport_, context_};
  k8s::Outage outage_;
  Caches caches_{"", outage_, transport_, context_};
  Catalogue catalogue_{{}, outage_, transport_, context_};
  TrainingJobs jobs_{caches_, catalogue_, {}};
  k8s::Controller controller_{{.name = "test", .field_manager = "ffdl", .workers = 0},
                              [](const k8s::ObjectKey&, k8s::Time) { return k8s::Plan{}; },
                              [](const k8s::ObjectKey&) { return std::nullopt; },
                              transport_,
                              gate_,
                              events_,
                              context_};
};

TEST_F(EnqueueTest, LooksAtWhatIsThereInTheBackground) {
  Fill();
  EXPECT_EQ("bert:background", Waiting());
}

TEST_F(EnqueueTest, PutsAnEditBeforeTheBackground) {
  Fill();
  Send("trainingjobs", Event("MODIFIED", Job("bert", 21, /*generation=*/2)));
  Send("trainingjobs", Event("ADDED", Job("vit", 22)));
  EXPECT_EQ("bert:spec vit:spec", Waiting());
}

TEST_F(EnqueueTest, MapsAFailedLearnerToItsJobAtOnce) {
  Fill();
  Send("pods", Learner("bert").Version(21).Event("ADDED"));
  EXPECT_EQ("bert:child", Waiting());
  Send("pods", Learner("bert").Version(22).Phase("Failed").Event("MODIFIED"));
  EXPECT_EQ("bert:urgent", Waiting());
}

TEST_F(EnqueueTest, CountsWhatBelongsToNoJob) {
  Fill();
  Send("pods", Learner("gone").Version(21).Event("ADDED"));
  EXPECT_EQ("bert:background", Waiting());
  EXPECT_NE(std::string::npos,
            metrics_.Text().find("operator_orphan_changes_total{resource=\"pods\"} 1\n"));
}

TEST_F(EnqueueTest, FindsTheJobOfAPodThatCannotBeReadByItsOwners) {
  Fill();
  json set = {{"metadata",
               {{"name", "bert-learner"},
                {"namespace", "ml"},
                {"uid", "uid-of-the-set"},
                {"resourceVersion", "21"},
                {"labels", {{"ffdl.io/job", "bert"}}},
                {"ownerReferences", json::array({{{"apiVersion", "ffdl.io/v1"},
                                                  {"kind", "TrainingJob"},
                                                  {"name", "bert"},
                                                  {"uid", "uid-bert"},
                                                  {"controller", true}}})}}}};
  Send("statefulsets", Event("ADDED", set));
  Send("pods", Learner("bert").Version(22).Set("/status/phase", 7).Event("ADDED"));
  EXPECT_EQ("bert:child", Waiting());
  const auto plan = jobs_.Plan({"ml", "bert"}, time_.Now());
  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ("cannot be read: Pod ml/bert-learner-0: status.phase: not a string",
            plan.error().message);
}

}  // namespace
}  // namespace ffdl::server
