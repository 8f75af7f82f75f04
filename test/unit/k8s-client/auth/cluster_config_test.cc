#include "k8s-client/auth/cluster_config.h"

#include "test/unit/k8s-client/auth/temporary_directory.h"

namespace ffdl::k8s {
namespace {

std::string Kubeconfig(const std::string& server) {
  return "current-context: c\ncontexts: [{name: c, context: {cluster: c}}]\nclusters: [{name: c, "
         "cluster: "
         "{server: '" +
         server + "'}}]\n";
}

class ClusterConfigTest : public testing::Test {
 protected:
  ClusterConfigTest() {
    directory_.Write("sa/ca.crt", "-----BEGIN CERTIFICATE-----");
    directory_.Write("sa/token", "secret");
    directory_.Write("sa/namespace", "ffdl");
    directory_.Write(".kube/config", Kubeconfig("https://home"));
    // Everything that can be there is there; each test takes away what would beat the source it is
    // about.
    sources_.kubeconfig = directory_.Write("named", Kubeconfig("https://named"));
    sources_.kubeconfig_list = directory_.Write("listed", Kubeconfig("https://listed"));
    sources_.service_host = "10.96.0.1";
    sources_.service_port = "443";
    sources_.service_account = directory_.path() + "/sa";
    sources_.home = directory_.path();
  }
  [[nodiscard]] std::string Server() const {
    const Result<ClusterConfig> config = LoadClusterConfig(sources_);
    return config ? config->server : config.error().message;
  }

  test::TemporaryDirectory directory_;
  ConfigSources sources_;
};

TEST_F(ClusterConfigTest, ComesFromTheFirstSourceThatIsThere) {
  EXPECT_EQ("https://named", Server());
  sources_.kubeconfig = "";
  EXPECT_EQ("https://listed", Server());
  sources_.kubeconfig_list = "";
  EXPECT_EQ("https://10.96.0.1:443", Server());
  sources_.service_host = "";
  EXPECT_EQ("https://home", Server());
  sources_.home = "";
  EXPECT_EQ(
      "no cluster is configured: name a kubeconfig, set KUBECONFIG, or run in a pod with a service "
      "account",
      Server());
}

TEST_F(ClusterConfigTest, DoesNotFallThroughWhenTheNamedFileIsMissing) {
  sources_.kubeconfig = directory_.path() + "/missing";
  EXPECT_EQ("kubeconfig: " + sources_.kubeconfig + ": No such file or directory", Server());
}

TEST_F(ClusterConfigTest, SkipsMissingFilesOfTheListUnlessAllAre) {
  sources_.kubeconfig = "";
  const std::string missing = directory_.path() + "/missing";
  sources_.kubeconfig_list = "::" + missing + ":" + directory_.path() + "/listed:" + missing;
  EXPECT_EQ("https://listed", Server());
  sources_.kubeconfig_list = missing;
  EXPECT_EQ("KUBECONFIG names only files that are not there: " + missing, Server());
}

TEST_F(ClusterConfigTest, InAPodIsTheServiceAccount) {
  sources_.kubeconfig = sources_.kubeconfig_list = "";
  sources_.service_host = "fd00::1";
  const Result<ClusterConfig> config = LoadClusterConfig(sources_);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ("https://[fd00::1]:443", config->server);
  EXPECT_EQ("-----BEGIN CERTIFICATE-----", config->ca_pem);
  EXPECT_EQ(directory_.path() + "/sa/ca.crt", config->ca_file);
  EXPECT_EQ(directory_.path() + "/sa/token", config->token_file);
  EXPECT_EQ("ffdl", config->ns);
  EXPECT_EQ("in-cluster", config->origin);
}

TEST_F(ClusterConfigTest, TakesTheProxyOfTheEnvironmentUnlessTheKubeconfigNamesOne) {
  sources_.proxy.https_proxy = "proxy:3128";
  sources_.http1_only = true;
  Result<ClusterConfig> config = LoadClusterConfig(sources_);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ("http://proxy:3128", config->proxy_url);
  EXPECT_TRUE(config->http1_only);
  sources_.proxy.no_proxy = "named";
  EXPECT_EQ("", LoadClusterConfig(sources_)->proxy_url);
  sources_.kubeconfig = directory_.Write("proxied", Kubeconfig("https://a', proxy-url: 'http://b"));
  EXPECT_EQ("http://b", LoadClusterConfig(sources_)->proxy_url);
  sources_.kubeconfig = directory_.path() + "/named";
  sources_.proxy = {.https_proxy = "ftp://ada:secret@proxy"};
  EXPECT_EQ("HTTPS_PROXY: the proxy must be an http, https or socks5 URL", Server());
}

TEST_F(ClusterConfigTest, NamesOnlyPluginsThatMayBeRun) {
  const auto server_with = [&](const std::string& command) {
    sources_.kubeconfig = directory_.Write(
        "plugin",
        "current-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n"
        "clusters: [{name: c, cluster: {server: 'https://named'}}]\n"
        "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, "
        "interactiveMode: Never, command: '" +
            command + "'}}}]\n");
    return Server();
  };
  EXPECT_EQ("https://named", server_with("aws"));
  sources_.plugins = {{"gcp", directory_.path() + "/bin/login"}};
  EXPECT_EQ("https://named", server_with("gcp"));
  EXPECT_EQ("https://named", server_with("bin/login"));
  EXPECT_EQ("context c of " + sources_.kubeconfig +
                ": exec.command: aws is none of the credential plugins that may be run",
            server_with("aws"));
  EXPECT_NE("https://named", server_with("bin/gcp")) << "a name stands for what is in $PATH";
  sources_.plugins = std::vector<std::string>();
  EXPECT_NE("https://named", server_with("gcp"));
}

TEST_F(ClusterConfigTest, InAPodWithoutATokenIsAnError) {
  sources_.kubeconfig = sources_.kubeconfig_list = "";
  std::filesystem::remove(directory_.path() + "/sa/token");
  EXPECT_EQ(
      "in-cluster configuration: " + directory_.path() + "/sa/token: No such file or directory",
      Server());
}

}  // namespace
}  // namespace ffdl::k8s
