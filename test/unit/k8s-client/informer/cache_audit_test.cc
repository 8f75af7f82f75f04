#include "k8s-client/informer/cache_audit.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "test/support/fake_transport.h"
#include "test/support/virtual_time.h"

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::FakeTransport;

constexpr std::chrono::hours kLongestRest{9};

class FakeAudited final : public AuditedCache {
 public:
  void Hold(const std::string& name, const std::string& resource_version,
            const std::string& uid = "") {
    objects[{"ml", name}] = {.uid = uid.empty() ? "uid-" + name : uid,
                             .resource_version = resource_version};
  }
  [[nodiscard]] std::string version() const override { return shown_version; }
  [[nodiscard]] std::optional<ObjectVersion> Told(const ObjectKey& key) const override {
    const auto it = objects.find(key);
    return it == objects.end() ? std::nullopt : std::optional(it->second);
  }
  void ForEachObject(const std::function<void(const ObjectMeta&)>& use) const override {
    for (const auto& [key, version] : objects) {
      use({.key = key, .uid = version.uid, .resource_version = version.resource_version});
    }
  }
  void OnDivergence() override { ++divergences; }

  std::map<ObjectKey, ObjectVersion> objects;
  std::string shown_version = "50";
  int divergences = 0;
};

json Item(const std::string& name, const std::string& version) {
  return {{"metadata",
           {{"name", name},
            {"namespace", "ml"},
            {"uid", "uid-" + name},
            {"resourceVersion", version}}}};
}
FakeTransport::Answer Page(const json& items, const std::string& version,
                           const std::string& continue_token = "") {
  return FakeTransport::Ok(json{
      {"metadata", {{"resourceVersion", version}, {"continue", continue_token}}},
      {"items", items}}.dump());
}

class CacheAuditTest : public testing::Test {
 protected:
  CacheAuditTest() {
    transport_.server = [this](const HttpRequest& request) { return server_(request); };
    cache_.Hold("a", "11");
    cache_.Hold("b", "12");
    audit_.Start();
  }
  void Answer(const json& items, const std::string& version = "50",
              const std::string& continue_token = "") {
    server_.On("GET /api/v1/pods", Page(items, version, continue_token));
  }
  [[nodiscard]] bool Counted(int divergences, int audits) const {
    const std::string text = metrics_.Text();
    const auto has = [&](const std::string& name, int count) {
      return text.find(name + "{resource=\"pods\"} " + std::to_string(count) + "\n") !=
             std::string::npos;
    };
    return has("operator_cache_divergence_total", divergences) &&
           has("operator_cache_audits_total", audits);
  }

  test::VirtualTime time_;
  Random random_{1};
  Metrics metrics_;
  FakeTransport transport_{time_};
  test::ScriptedServer server_;
  FakeAudited cache_;
  CacheAudit audit_{
      {.type = kPodType, .label_selector = "app=ffdl", .field_selector = "spec.nodeName=a"},
      transport_,
      cache_,
      {.clock = time_, .random = random_, .metrics = metrics_}};
};

TEST_F(CacheAuditTest, AsksForMetadataEverySixHoursOrSo) {
  for (int i = 0; i < 10; ++i) Answer({Item("a", "11"), Item("b", "12")});
  time_.RunFor(CacheAudit::kEvery / 2 - 1ms);
  EXPECT_TRUE(transport_.requests.empty());
  time_.RunFor(60h);
  EXPECT_NEAR(10, static_cast<double>(transport_.requests.size()), 3);
  EXPECT_EQ("/api/v1/pods?limit=500&labelSelector=app%3Dffdl&fieldSelector=spec.nodeName%3Da",
            transport_.requests[0].path);
  EXPECT_NE(std::string::npos, transport_.requests[0].accept.find("PartialObjectMetadataList"));
  EXPECT_EQ(0, cache_.divergences);
}

TEST_F(CacheAuditTest, FindsAnObjectThatTheWatchNeverTold) {
  Answer({Item("a", "11"), Item("b", "12"), Item("lost", "13")});
  time_.RunFor(kLongestRest);
  EXPECT_EQ(1, cache_.divergences);
  EXPECT_TRUE(Counted(1, 1));
}

TEST_F(CacheAuditTest, FindsADeletionThatTheWatchNeverTold) {
  Answer(json::array({Item("a", "11")}));
  time_.RunFor(kLongestRest);
  EXPECT_EQ(1, cache_.divergences);
}

TEST_F(CacheAuditTest, FindsAnOldVersionAndAnOldUid) {
  cache_.Hold("a", "11", "uid-of-a-predecessor");
  Answer({Item("a", "11"), Item("b", "40")});
  time_.RunFor(kLongestRest);
  EXPECT_TRUE(Counted(3, 1)) << "a is missing, its predecessor is still there, b is old";
}

TEST_F(CacheAuditTest, IsNotMistakenByWhatHappensMeanwhile) {
  cache_.Hold("made-after", "60");
  cache_.Hold("changed-after", "61");
  cache_.shown_version = "61";
  Answer(json::array({Item("a", "11"), Item("changed-after", "20")}), "50", "more");
  server_.On("GET /api/v1/pods", Page({Item("b", "12"), Item("deleted-after", "13")}, "50"));
  transport_.latency = 1s;
  while (transport_.requests.empty()) time_.RunFor(500ms);
  audit_.OnDeleted("uid-deleted-after");
  time_.RunFor(10s);
  EXPECT_EQ(2U, transport_.requests.size());
  EXPECT_EQ(0, cache_.divergences);
}

TEST_F(CacheAuditTest, WaitsUntilTheCacheIsAsNewAsTheList) {
  Answer({Item("a", "11"), Item("b", "12"), Item("c", "55")}, "55");
  time_.RunFor(1s);
  while (transport_.requests.empty()) time_.RunFor(1min);
  EXPECT_TRUE(Counted(0, 0));
  cache_.Hold("c", "55");
  cache_.shown_version = "55";
  audit_.OnProgress();
  EXPECT_TRUE(Counted(0, 1));
}

TEST_F(CacheAuditTest, GivesUpAndTriesAgainWhenItCannotCompare) {
  server_.On("GET /api/v1/pods", FakeTransport::Status(500, "InternalError"));
  Answer(json::array({Item("a", "99")}), "99");  // which the cache never reaches
  Answer({Item("a", "11"), Item("b", "12")});
  while (transport_.requests.empty()) time_.RunFor(1min);
  time_.RunFor(2 * CacheAudit::kRetry + CacheAudit::kCatchUpMax + 1min);
  EXPECT_EQ(3U, transport_.requests.size());
  EXPECT_TRUE(Counted(0, 1));
}

TEST_F(CacheAuditTest, DoesNothingAfterItWasStopped) {
  audit_.Stop();
  time_.RunFor(60h);
  EXPECT_TRUE(transport_.requests.empty());
}

}  // namespace
}  // namespace ffdl::k8s
