#include "operator/controller/options.h"

#include <gtest/gtest.h>

namespace ffdl::server {
namespace {

Options Usable() { return {.agent_image = "localhost/ffdl:1"}; }

std::string ComplaintAbout(const Options& options) {
  const auto checked = Check(options);
  return checked ? "" : checked.error().message;
}

TEST(OptionsTest, AreUsableWithNothingButTheImage) { EXPECT_EQ("", ComplaintAbout(Usable())); }

TEST(OptionsTest, NameTheFlagThatIsWrongAndWhatItMustBe) {
  Options options = Usable();
  options.agent_image = "";
  EXPECT_EQ("--agent_image must name the image of this operator, which learner pods start from",
            ComplaintAbout(options));

  options = Usable();
  options.log_level = "loud";
  EXPECT_EQ("--log_level must be debug, info, warning or error", ComplaintAbout(options));

  options = Usable();
  options.agent_pull_policy = "Sometimes";
  EXPECT_EQ("--agent_pull_policy must be Always, IfNotPresent or Never", ComplaintAbout(options));

  options = Usable();
  options.workers = 0;
  EXPECT_EQ("--workers must be between 1 and 64", ComplaintAbout(options));

  options = Usable();
  options.gpu_resource = "gpu";
  EXPECT_EQ("--gpu_resource must be an extended resource such as nvidia.com/gpu",
            ComplaintAbout(options));
}

TEST(OptionsTest, ShowDebugPagesToThisMachineAlone) {
  Options options = Usable();
  for (const char* const address : {"127.0.0.1:6060", "127.1.2.3:0", "localhost:6060"}) {
    options.debug_address = address;
    EXPECT_EQ("", ComplaintAbout(options)) << address;
  }
  for (const char* const address :
       {":6060", "0.0.0.0:6060", "10.1.2.3:6060", "127.0.0.1.evil.test:6060", "pod:6060", "6060"}) {
    options.debug_address = address;
    EXPECT_EQ(
        "--debug_address must be of this machine alone, such as 127.0.0.1:6060: its pages ask "
        "nobody who he is",
        ComplaintAbout(options))
        << address;
  }
}

TEST(OptionsTest, RefuseACollectorThatIsNoUrl) {
  Options options = Usable();
  options.otlp_endpoint = "http://collector.monitoring:4318/otlp";
  EXPECT_EQ("", ComplaintAbout(options));
  for (const char* const endpoint : {"grpc://collector:4317", "http://", "http://a/?b"}) {
    options.otlp_endpoint = endpoint;
    EXPECT_EQ(
        "--otlp_endpoint must be a URL of http or https without query, such as "
        "http://collector.monitoring:4318",
        ComplaintAbout(options))
        << endpoint;
  }
}

TEST(OptionsTest, NameThePluginsThatMayBeRun) {
  EXPECT_EQ(std::nullopt, PluginsOf("*"));
  EXPECT_EQ(std::vector<std::string>(), PluginsOf(""));
  EXPECT_EQ((std::vector<std::string>{"aws", "/opt/login"}), PluginsOf("aws,,/opt/login,"));
}

TEST(OptionsTest, RefuseALeaseThatCouldOverlapWithAnothers) {
  Options options = Usable();
  options.renew_deadline = std::chrono::seconds(13);
  EXPECT_NE("", ComplaintAbout(options));

  options = Usable();
  options.retry_period = std::chrono::seconds(9);
  EXPECT_NE("", ComplaintAbout(options));
}

TEST(OptionsTest, RefuseALeaseThatIsTooShortToWriteAnythingIn) {
  Options options = Usable();
  options.lease_duration = std::chrono::seconds(10);
  options.renew_deadline = std::chrono::seconds(3);
  options.retry_period = std::chrono::seconds(1);
  EXPECT_EQ(
      "--lease_duration_seconds must be more than 10 with this --retry_period_seconds, or no "
      "write would ever fit into the lease",
      ComplaintAbout(options));

  options.lease_duration = std::chrono::seconds(11);
  EXPECT_EQ("", ComplaintAbout(options));
}

}  // namespace
}  // namespace ffdl::server
