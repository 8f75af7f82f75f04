#include "k8s-client/auth/kubeconfig.h"

#include <vector>

#include "test/unit/k8s-client/auth/temporary_directory.h"

namespace ffdl::k8s {
namespace {

const std::string pem_text = "-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----\n";
// The same as base64.
const std::string pem_data =
    "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tClFRPT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=";

const std::string dev_context = R"(
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
  const Result<ClusterConfig> config = Load(dev_context + R"(
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
    certificate-authority-data: )" + pem_data +
                                            R"(
    extensions: [{name: unknown, extension: {a: b}}]
users:
- name: ada
  user:
    client-certificate-data: )" + pem_data + R"(
    client-key-data: )" + pem_data + R"(
    token: secret
)");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ("https://api.example.org:6443", config->server);
  EXPECT_EQ("/k8s", config->path_prefix);
  EXPECT_EQ("kubernetes", config->tls_server_name);
  EXPECT_FALSE(config->insecure);
  EXPECT_EQ(pem_text, config->ca_pem);
  EXPECT_EQ(pem_text, config->client_certificate_pem);
  EXPECT_EQ(pem_text, config->client_key_pem);
  EXPECT_EQ("secret", config->token);
  EXPECT_EQ("ml", config->ns);
  EXPECT_EQ("context dev of " + directory_.path() + "/config", config->origin);
}

TEST_F(KubeconfigTest, TakesPathsFromTheDirectoryOfTheFileThatHasThem) {
  directory_.Write("pki/ca.pem", pem_text);
  directory_.Write("pki/client.pem", pem_text);
  const Result<ClusterConfig> config =
      Load(dev_context + R"(
clusters: [{name: dev, cluster: {server: 'https://a', certificate-authority: pki/ca.pem}}]
users:
- name: ada
  user: {client-certificate: pki/client.pem, client-key: ")" +
           directory_.path() + R"(/pki/client.pem", tokenFile: token}
)");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(pem_text, config->ca_pem);
  EXPECT_EQ(pem_text, config->client_certificate_pem);
  EXPECT_EQ(pem_text, config->client_key_pem);
  EXPECT_EQ(directory_.path() + "/token", config->token_file);
}

TEST_F(KubeconfigTest, PrefersDataToFiles) {
  const Result<ClusterConfig> config = Load(dev_context + R"(
clusters:
- name: dev
  cluster: {server: 'https://a', certificate-authority: missing, certificate-authority-data: )" +
                                            pem_data + R"(}
users: [{name: ada, user: {}}]
)");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(pem_text, config->ca_pem);
}

TEST_F(KubeconfigTest, UsesTheContextThatIsAskedFor) {
  const Result<ClusterConfig> config = Load(dev_context + R"(
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
  const std::string second = directory_.Write("two/config", dev_context + R"(
clusters: [{name: dev, cluster: {server: 'https://second', tls-server-name: lost}}]
users: [{name: ada, user: {tokenFile: token}}]
)");
  const Result<ClusterConfig> config = LoadKubeconfig({first, second}, "");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ("https://first", config->server);
  EXPECT_EQ("", config->tls_server_name);
  EXPECT_EQ(directory_.path() + "/two/token", config->token_file);
}

struct ErrorCase {
  std::string config;
  std::string want;  // after "kubeconfig: config: "
};

const std::string dev_cluster =
    dev_context + "clusters: [{name: dev, cluster: {server: 'https://a'}}]\n";

std::string WithCluster(const std::string& fields) {
  return dev_context + "users: [{name: ada, user: {}}]\nclusters: [{name: dev, cluster: {" +
         fields + "}}]\n";
}

std::string WithUser(const std::string& fields) {
  return dev_cluster + "users: [{name: ada, user: {" + fields + "}}]\n";
}

TEST_F(KubeconfigTest, ErrorsNameFileAndKey) {
  const std::vector<ErrorCase> cases{
      {"{}", "current-context is missing; name a context"},
      {"current-context: dev", "current-context: no entry named \"dev\" in contexts"},
      {dev_context, "contexts[dev].cluster: no entry named \"dev\" in clusters"},
      {dev_cluster, "contexts[dev].user: no entry named \"ada\" in users"},
      {WithCluster(""), "clusters[dev].server is missing"},
      {WithCluster("server: []"), "clusters[dev].server must be text"},
      {WithCluster("server: 'ftp://a'"),
       "clusters[dev].server cannot be used: \"ftp://a\" is neither http nor https"},
      {WithCluster("server: 'https://a', insecure-skip-tls-verify: yes"),
       "clusters[dev].insecure-skip-tls-verify must be true or false"},
      {WithCluster("server: 'https://a', insecure-skip-tls-verify: 'true'"),
       "clusters[dev].insecure-skip-tls-verify must be true or false"},
      {WithCluster(
           "server: 'https://a', insecure-skip-tls-verify: true, certificate-authority-data: " +
           pem_data),
       "clusters[dev].insecure-skip-tls-verify contradicts the certificate authority beside it: "
       "remove one "
       "of them"},
      {WithCluster("server: 'https://a', certificate-authority-data: '*'"),
       "clusters[dev].certificate-authority-data is not base64"},
      {WithCluster("server: 'https://a', certificate-authority-data: c2VjcmV0"),
       "clusters[dev].certificate-authority-data holds no PEM text"},
      {WithCluster("server: 'https://a', proxy-url: 'http://proxy'"),
       "clusters[dev].proxy-url is not supported: the API server must be reachable without a "
       "proxy"},
      {WithUser("client-certificate-data: " + pem_data),
       "users[ada].client-key is missing beside client-certificate"},
      {WithUser("client-key-data: " + pem_data),
       "users[ada].client-certificate is missing beside client-key"},
      {WithUser("exec: {command: aws}"),
       "users[ada].exec needs a credential plugin, which is not supported: use a token, a "
       "tokenFile or a "
       "client certificate"},
  };
  for (const ErrorCase& c : cases) {
    EXPECT_EQ("kubeconfig: config: " + c.want, ErrorOf(c.config)) << c.config;
  }
}

TEST_F(KubeconfigTest, RefusesWaysToLogInThatItDoesNotKnow) {
  for (const char* fields :
       {"auth-provider: {name: gcp}", "username: ada, password: secret", "as: root", "as-uid: '1'",
        "as-groups: [a]", "as-user-extra: {a: [b]}"}) {
    const std::string error = ErrorOf(WithUser(fields));
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

// Ten lists, each of which holds the one before it ten times.
std::string TenBillionEntries() {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [x";
    for (int j = 0; j < 10; ++j) text += ", *a" + std::to_string(i - 1);
    text += "]\n";
  }
  return text;
}

TEST_F(KubeconfigTest, RefusesFilesThatAreMadeToHurt) {
  const std::string refused =
      "kubeconfig: config: too deep, too many entries, or keys that are no text";
  EXPECT_EQ(refused, ErrorOf("a: " + std::string(40, '[') + std::string(40, ']')));
  EXPECT_EQ(refused, ErrorOf("a: &a [*a]"));
  EXPECT_EQ(refused, ErrorOf(TenBillionEntries()));
  EXPECT_EQ("kubeconfig: config: larger than 1048576 bytes", ErrorOf(std::string(1048577, '#')));
  EXPECT_NE("no error", ErrorOf("a: " + std::string(100'000, '[')));
}

}  // namespace
}  // namespace ffdl::k8s
