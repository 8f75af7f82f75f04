// The operator's caches hold what is its own, however much else there is in the cluster. Counted in
// bytes, not measured.
#include <gtest/gtest.h>

#include <string>

#include "crds/v1/names.h"
#include "operator/controller/caches.h"
#include "test/simulation/transport.h"

namespace ffdl::simulation {
namespace {

using namespace std::chrono_literals;

constexpr int kForeign = 5'000;  // pods of others, and half as many services
constexpr int kOurs = 20;        // pods
// Of one pod of ours in a cache; others must not add a single one.
constexpr double kBytesOfAPodMax = 1000;

// Nothing befalls it.
class Untouchable final : public Victim {
 public:
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] bool alive() const override { return true; }
  void Crash(bool /*next_to_lagging*/) override {}
  void Pause() override {}
  void StopInOrder() override {}
  [[nodiscard]] std::chrono::milliseconds lease_duration() const override { return 15s; }

 private:
  const std::string name_ = "operator-1";
};

class MemoryGateTest : public testing::Test {
 protected:
  // `labels` beside those of everybody's pods.
  void Create(const Kind& kind, const std::string& ns, const std::string& name, Json labels = {}) {
    labels["app"] = name;
    const Answer made = api_.Create(
        {.name = "user"}, kind,
        {{"kind", kind.name},
         {"metadata",
          {{"name", name},
           {"namespace", ns},
           {"labels", std::move(labels)},
           {"annotations", {{"note", std::string(200, 'x')}}}}},
         {"spec", {{"containers", {{{"name", "main"}, {"image", "registry.example/a:1"}}}}}}});
    ASSERT_TRUE(made.ok()) << made.body;
  }
  void CreateForeign(const std::string& ns) {
    for (int i = 0; i < kForeign; ++i) {
      Create(kPods, ns, "foreign-" + std::to_string(i), {{"ffdl.io/job", "not-managed"}});
      if (i % 2 == 0) Create(kServices, ns, "foreign-" + std::to_string(i));
    }
  }
  void CreateOurs(const std::string& ns) {
    for (int i = 0; i < kOurs; ++i) {
      Create(kPods, ns, "bert-learner-" + std::to_string(i), v1::ChildLabels("bert"));
    }
  }

  // What the caches of an operator of `ns` hold once they are filled: of the metric, over all
  // kinds.
  struct Held {
    double objects = 0;
    double bytes = 0;
  };
  [[nodiscard]] Held Fill(const std::string& ns) {
    k8s::Metrics metrics;
    ModelTransport watches(network_, frontend_, victim_);
    k8s::Outage outage;
    server::Caches caches(ns, outage, watches,
                          {.clock = time_, .random = random_, .metrics = metrics});
    caches.ForEach([](auto& informer) { informer.Start(); });
    time_.RunFor(1min);
    Held held;
    caches.ForEach([&](auto& informer) {
      EXPECT_TRUE(informer.synced()) << informer.state();
      const k8s::MetricLabels labels{{"resource", std::string(informer.type().plural)}};
      held.objects += metrics.GaugeOf("operator_store_objects", "", labels).value();
      held.bytes += metrics.GaugeOf("operator_store_bytes", "", labels).value();
    });
    watches.Kill();
    return held;
  }

  test::VirtualTime time_;
  test::VirtualLoop loop_{time_};
  k8s::Random random_{1};
  Trace trace_{time_, /*records=*/false};
  Injector faults_{{}, time_, trace_};
  ApiServer api_{time_};
  Frontend frontend_{api_, loop_, 1ms};
  Network network_{time_, loop_, random_, faults_, trace_};
  Untouchable victim_;
};

TEST_F(MemoryGateTest, ObjectsWithoutOurLabelTakeNoRoom) {
  CreateOurs("ml");
  const Held alone = Fill("");
  EXPECT_EQ(kOurs, alone.objects);
  EXPECT_LT(0, alone.bytes);
  EXPECT_GE(kOurs * kBytesOfAPodMax, alone.bytes);

  CreateForeign("ml");
  const Held crowded = Fill("");

  EXPECT_EQ(alone.objects, crowded.objects);
  EXPECT_EQ(alone.bytes, crowded.bytes);
}

TEST_F(MemoryGateTest, ObjectsOfOtherNamespacesTakeNoRoom) {
  CreateOurs("ml");
  const Held alone = Fill("ml");
  for (int i = 0; i < 200; ++i) CreateOurs("other-" + std::to_string(i));
  const Held crowded = Fill("ml");
  EXPECT_EQ(kOurs, crowded.objects);
  EXPECT_EQ(alone.bytes, crowded.bytes);
}

}  // namespace
}  // namespace ffdl::simulation
