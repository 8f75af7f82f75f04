#include "operator/controller/catalogue.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "test/support/fake_transport.h"
#include "test/support/pod_json.h"
#include "test/support/virtual_time.h"

namespace ffdl::server {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class CatalogueTest : public testing::Test {
 protected:
  CatalogueTest() {
    catalogue_.OnChange([this] { ++changes_; });
    catalogue_.Start();
    time_.RunReady();
  }
  void Send(const std::string& type, int version, const json& data) {
    const json object = {{"metadata",
                          {{"name", "ffdl-frameworks"},
                           {"namespace", "ffdl-system"},
                           {"uid", "u"},
                           {"resourceVersion", std::to_string(version)}}},
                         {"data", data}};
    transport_.Line(json{{"type", type}, {"object", object}}.dump());
  }
  void Fill(const json& data) {
    transport_.Head(200);
    Send("ADDED", 10, data);
    transport_.Line(test::BookmarkLine(20, /*ends_fill=*/true));
  }

  test::VirtualTime time_;
  k8s::Random random_{1};
  k8s::Metrics metrics_;
  std::vector<std::string> log_;
  k8s::RuntimeContext context_{
      .clock = time_,
      .random = random_,
      .metrics = metrics_,
      .log = [this](k8s::LogLevel, std::string_view line) { log_.emplace_back(line); }};
  test::FakeTransport transport_{time_};
  k8s::Outage outage_;
  Catalogue catalogue_{
      {.ns = "ffdl-system", .name = "ffdl-frameworks"}, outage_, transport_, context_};
  int changes_ = 0;
};

TEST_F(CatalogueTest, AsksForNoOtherConfigMap) {
  EXPECT_THAT(transport_.stream_path(), HasSubstr("/api/v1/namespaces/ffdl-system/configmaps?"));
  EXPECT_THAT(transport_.stream_path(),
              HasSubstr("&fieldSelector=metadata.name%3Dffdl-frameworks"));
}

TEST_F(CatalogueTest, SaysThatItHasNotBeenRead) {
  EXPECT_EQ("ConfigMap ffdl-system/ffdl-frameworks has not been read yet",
            catalogue_.Current().trouble);
}

TEST_F(CatalogueTest, FollowsTheConfigMap) {
  Fill({{"jax.1.cpu", "a"}});
  EXPECT_EQ((v1::FrameworkCatalogue{.images = {{"jax.1.cpu", "a"}}}), catalogue_.Current());
  Send("MODIFIED", 21, {{"jax.2.cpu", "b"}});
  EXPECT_EQ((v1::FrameworkCatalogue{.images = {{"jax.2.cpu", "b"}}}), catalogue_.Current());
  EXPECT_EQ(2, changes_);
}

TEST_F(CatalogueTest, KeepsTheLastGoodOneAndTellsWhy) {
  Fill({{"jax.1.cpu", "a"}});
  Send("MODIFIED", 21, {{"jax.2.tpu", "b"}});

  EXPECT_EQ((k8s::Labels{{"jax.1.cpu", "a"}}), catalogue_.Current().images);
  const std::string trouble =
      "ConfigMap ffdl-system/ffdl-frameworks is malformed, so what it said before, if anything, "
      "holds: its key 'jax.2.tpu' is not like 'pytorch.2.5.gpu' (framework, version and cpu or "
      "gpu), "
      "'env.pytorch' or 'gpu-type.nvidia-h200'";
  EXPECT_EQ(trouble, catalogue_.Current().trouble);
  EXPECT_THAT(log_, testing::Contains("frameworks: " + trouble));

  Send("MODIFIED", 22, {{"jax.2.cpu", "b"}});
  EXPECT_EQ((v1::FrameworkCatalogue{.images = {{"jax.2.cpu", "b"}}}), catalogue_.Current());
}

TEST_F(CatalogueTest, KeepsTheLastGoodOneWhenTheConfigMapCannotBeRead) {
  Fill({{"jax.1.cpu", "a"}});
  Send("MODIFIED", 21, {{"jax.1.cpu", 1}});

  EXPECT_EQ((k8s::Labels{{"jax.1.cpu", "a"}}), catalogue_.Current().images);
  EXPECT_THAT(catalogue_.Current().trouble, HasSubstr("not a string"));
}

TEST_F(CatalogueTest, DoesNotTakeAConfigMapThatCannotBeReadForNone) {
  Fill({{"jax.1.cpu", 1}});

  EXPECT_THAT(catalogue_.Current().trouble, HasSubstr("not a string"));
}

TEST_F(CatalogueTest, IsEmptyWithoutTheConfigMap) {
  transport_.Head(200);
  transport_.Line(test::BookmarkLine(20, /*ends_fill=*/true));
  EXPECT_EQ("ConfigMap ffdl-system/ffdl-frameworks does not exist", catalogue_.Current().trouble);

  Send("ADDED", 21, {{"jax.1.cpu", "a"}});
  EXPECT_EQ("", catalogue_.Current().trouble);
  Send("DELETED", 22, {{"jax.1.cpu", "a"}});
  EXPECT_EQ(
      (v1::FrameworkCatalogue{.trouble = "ConfigMap ffdl-system/ffdl-frameworks does not exist"}),
      catalogue_.Current());
}

TEST(NoCatalogueTest, WatchesNothingWithoutAName) {
  test::VirtualTime time;
  k8s::Random random{1};
  k8s::Metrics metrics;
  test::FakeTransport transport{time};
  k8s::Outage outage;
  Catalogue catalogue({}, outage, transport, {.clock = time, .random = random, .metrics = metrics});
  catalogue.Start();
  time.RunReady();

  EXPECT_TRUE(transport.streams.empty());
  EXPECT_EQ("the operator runs with an empty `--frameworks`", catalogue.Current().trouble);
}

}  // namespace
}  // namespace ffdl::server
