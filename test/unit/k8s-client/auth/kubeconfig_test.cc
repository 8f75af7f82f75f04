#include "k8s-client/auth/kubeconfig.h"

#include "test/unit/k8s-client/auth/temporary_directory.h"

namespace ffdl::k8s {
namespace {

const std::string kPem = "-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----\n";
// The same as base64.
const std::string kPemData =
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tClFRPT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=";

const std::string kContext = R"(
current-context: dev
contexts: [{name: dev, context: {cluster: dev, user: ada, namespace: ml}}]
)";

class KubeconfigTest : public testing::Test {
 protected:
  [[nodiscard]] Result<ClusterConfig> Load(const std::string& text,
                                           const std::string& context = "") {
    return LoadKubeconfig({directory_.Write("config", text)}, context);
  }
  [[nodiscard]] std::string ErrorOf(const std::string& text) {
    const Result<ClusterConfig> config = Load(text);
    if (config) return "no error";
    std::string message = config.error().message;
    const std::size_t path = message.find(directory_.path());
    if (path != std::string::npos) message.erase(path, directory_.path().size() + 1);
    return message;
  }

  test::TemporaryDirectory directory_;
};

TEST_F(KubeconfigTest, IsReadWhole) {
  const Result<ClusterConfig> config = Load(kContext + R"(
apiVersion: v1
kind: Config
preferences: {colors: true}
clusters:
- name: other
  cluster: {server: 'https://wrong'}
- name: dev
  cluster:
    server: https://api.example.org:6443/k8s/
    tls-server-name: kubernetes
    certificate-authority-data: )" + kPemData +
                                            R"(
    extensions: [{name: unknown, extension: {a: b}}]
users:
- name: ada
  user:
    client-certificate-data: )" + kPemData + R"(
    client-key-data: )" + kPemData + R"(
    token: secret
)");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ("https://api.example.org:6443", config->server);
  EXPECT_EQ("/k8s", config->path_prefix);
  EXPECT_EQ("kubernetes", config->tls_server_name);
  EXPECT_FALSE(config->insecure);
  EXPECT_EQ(kPem, config->ca_pem);
  EXPECT_EQ(kPem, config->client_certificate_pem);
  EXPECT_EQ(kPem, config->client_key_pem);
  EXPECT_EQ("secret", config->token);
  EXPECT_EQ("ml", config->ns);
  EXPECT_EQ("context dev of " + directory_.path() + "/config", config->origin);
}

TEST_F(KubeconfigTest, TakesPathsFromTheDirectoryOfTheFileThatHasThem) {
  directory_.Write("pki/ca.pem", kPem);
  directory_.Write("pki/client.pem", kPem);
  const Result<ClusterConfig> config =
      Load(kContext + R"(
clusters: [{name: dev, cluster: {server: 'https://a', certificate-authority: pki/ca.pem}}]
users:
- name: ada
  user: {client-certificate: pki/client.pem, client-key: ")" +
           directory_.path() + R"(/pki/client.pem", tokenFile: token}
)");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(kPem, config->ca_pem);
  EXPECT_EQ(kPem, config->client_certificate_pem);
  EXPECT_EQ(kPem, config->client_key_pem);
  EXPECT_EQ(directory_.path() + "/token", config->token_file);
}

TEST_F(KubeconfigTest, PrefersDataToFiles) {
  const Result<ClusterConfig> config = Load(kContext + R"(
clusters:
- name: dev
  cluster: {server: 'https://a', certificate-authority: missing, certificate-authority-data: )" +
                                            kPemData + R"(}
users: [{name: ada, user: {}}]
)");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(kPem, config->ca_pem);
}

TEST_F(KubeconfigTest, UsesTheContextThatIsAskedFor) {
  const Result<ClusterConfig> config = Load(kContext + R"(
clusters: [{name: dev, cluster: {server: 'https://a'}}]
users: []
)",
                                            "none");
  ASSERT_FALSE(config);
  EXPECT_EQ("kubeconfig: the context asked for: no entry named \"none\" in contexts",
            config.error().message);
  const Result<ClusterConfig> without_user = Load(R"(
contexts: [{name: local, context: {cluster: dev}}]
clusters: [{name: dev, cluster: {server: 'http://127.0.0.1:8001'}}]
)",
                                                  "local");
  ASSERT_TRUE(without_user) << without_user.error().message;
  EXPECT_EQ("default", without_user->ns);
}

TEST_F(KubeconfigTest, OfSeveralFilesTakesEachEntryFromTheFirstThatHasIt) {
  const std::string first = directory_.Write("one/config", R"(
clusters: [{name: dev, cluster: {server: 'https://first'}}]
)");
  const std::string second = directory_.Write("two/config", kContext + R"(
clusters: [{name: dev, cluster: {server: 'https://second', tls-server-name: lost}}]
users: [{name: ada, user: {tokenFile: token}}]
)");
  const Result<ClusterConfig> config = LoadKubeconfig({first, second}, "");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ("https://first", config->server);
  EXPECT_EQ("", config->tls_server_name);
  EXPECT_EQ(directory_.path() + "/two/token", config->token_file);
}

TEST_F(KubeconfigTest, ErrorsNameFileAndKey) {
  const std::string cluster =
      kContext + "clusters: [{name: dev, cluster: {server: 'https://a'}}]\n";
  const auto of_cluster = [&](const std::string& fields) {
    return ErrorOf(kContext + "users: [{name: ada, user: {}}]\nclusters: [{name: dev, cluster: {" +
                   fields + "}}]\n");
  };
  const auto of_user = [&](const std::string& fields) {
    return ErrorOf(cluster + "users: [{name: ada, user: {" + fields + "}}]\n");
  };
  EXPECT_EQ("kubeconfig: config: current-context is missing; name a context", ErrorOf("{}"));
  EXPECT_EQ("kubeconfig: config: current-context: no entry named \"dev\" in contexts",
            ErrorOf("current-context: dev"));
  EXPECT_EQ("kubeconfig: config: contexts[dev].cluster: no entry named \"dev\" in clusters",
            ErrorOf(kContext));
  EXPECT_EQ("kubeconfig: config: contexts[dev].user: no entry named \"ada\" in users",
            ErrorOf(cluster));
  EXPECT_EQ("kubeconfig: config: clusters[dev].server is missing", of_cluster(""));
  EXPECT_EQ("kubeconfig: config: clusters[dev].server must be text", of_cluster("server: []"));
  EXPECT_EQ(
      "kubeconfig: config: clusters[dev].server cannot be used: \"ftp://a\" is neither http nor "
      "https",
      of_cluster("server: 'ftp://a'"));
  EXPECT_EQ("kubeconfig: config: clusters[dev].insecure-skip-tls-verify must be true or false",
            of_cluster("server: 'https://a', insecure-skip-tls-verify: yes"));
  EXPECT_EQ("kubeconfig: config: clusters[dev].insecure-skip-tls-verify must be true or false",
            of_cluster("server: 'https://a', insecure-skip-tls-verify: 'true'"));
  EXPECT_EQ(
      "kubeconfig: config: clusters[dev].insecure-skip-tls-verify contradicts the certificate "
      "authority "
      "beside it: remove one of them",
      of_cluster(
          "server: 'https://a', insecure-skip-tls-verify: true, certificate-authority-data: " +
          kPemData));
  EXPECT_EQ("kubeconfig: config: clusters[dev].certificate-authority-data is not base64",
            of_cluster("server: 'https://a', certificate-authority-data: '*'"));
  EXPECT_EQ("kubeconfig: config: clusters[dev].certificate-authority-data holds no PEM text",
            of_cluster("server: 'https://a', certificate-authority-data: c2VjcmV0"));
  EXPECT_EQ(
      "kubeconfig: config: clusters[dev].proxy-url is not supported: the API server must be "
      "reachable "
      "without a proxy",
      of_cluster("server: 'https://a', proxy-url: 'http://proxy'"));
  EXPECT_EQ("kubeconfig: config: users[ada].client-key is missing beside client-certificate",
            of_user("client-certificate-data: " + kPemData));
  EXPECT_EQ("kubeconfig: config: users[ada].client-certificate is missing beside client-key",
            of_user("client-key-data: " + kPemData));
  EXPECT_EQ(
      "kubeconfig: config: users[ada].exec needs a credential plugin, which is not supported: use "
      "a token, "
      "a tokenFile or a client certificate",
      of_user("exec: {command: aws}"));
}

TEST_F(KubeconfigTest, RefusesWaysToLogInThatItDoesNotKnow) {
  for (const char* fields :
       {"auth-provider: {name: gcp}", "username: ada, password: secret", "as: root", "as-uid: '1'",
        "as-groups: [a]", "as-user-extra: {a: [b]}"}) {
    const std::string error =
        ErrorOf(kContext + "clusters: [{name: dev, cluster: {server: 'https://a'}}]\n" +
                "users: [{name: ada, user: {" + fields + "}}]\n");
    EXPECT_NE(std::string::npos, error.find("not supported")) << error;
    EXPECT_EQ(std::string::npos, error.find("secret")) << error;
  }
}

TEST_F(KubeconfigTest, RefusesNamesThatAreGivenTwice) {
  EXPECT_EQ("kubeconfig: config: contexts has two entries named \"dev\"",
            ErrorOf("current-context: dev\ncontexts: [{name: dev}, {name: dev}]"));
}

TEST_F(KubeconfigTest, RefusesFilesThatAreNoYamlWithoutQuotingThem) {
  EXPECT_EQ("kubeconfig: config: no valid YAML at line 3", ErrorOf("a: b\ntoken: [secret\n"));
  EXPECT_EQ("kubeconfig: config: is no map", ErrorOf("- a\n"));
}

TEST_F(KubeconfigTest, RefusesFilesThatAreMadeToHurt) {
  const std::string refused =
      "kubeconfig: config: too deep, too many entries, or keys that are no text";
  EXPECT_EQ(refused, ErrorOf("a: " + std::string(40, '[') + std::string(40, ']')));
  EXPECT_EQ(refused, ErrorOf("a: &a [*a]"));
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string last = ", *a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [x";
    for (int j = 0; j < 10; ++j) laughs += last;
    laughs += "]\n";
  }
  EXPECT_EQ(refused, ErrorOf(laughs));
  EXPECT_EQ("kubeconfig: config: larger than 1048576 bytes", ErrorOf(std::string(1048577, '#')));
  EXPECT_NE("no error", ErrorOf("a: " + std::string(100'000, '[')));
}

}  // namespace
}  // namespace ffdl::k8s
