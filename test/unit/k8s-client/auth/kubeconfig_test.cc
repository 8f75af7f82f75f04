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
    // Lines are the business of one test, which looks at whole messages.
    const std::size_t line = message.find("config:", std::string("kubeconfig: ").size());
    if (line == std::string::npos) return message;
    const std::size_t begin = line + std::string("config").size();
    const std::size_t end = message.find_first_not_of(":0123456789", begin);
    return message.replace(begin, end - begin, ":");
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
  EXPECT_EQ(directory_.path() + "/pki/ca.pem", config->ca_file);
  EXPECT_EQ(pem_text, config->client_certificate_pem);
  EXPECT_EQ(directory_.path() + "/pki/client.pem", config->client_certificate_file);
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
  const std::string third = directory_.Write("three/config", "current-context: other\n");
  const Result<ClusterConfig> config = LoadKubeconfig({first, second, third}, "");
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
      {WithCluster("server: 'https://a', proxy-url: 'ftp://ada:secret@proxy'"),
       "clusters[dev].proxy-url cannot be used: the proxy must be an http, https or socks5 URL"},
      {WithUser("client-certificate-data: " + pem_data),
       "users[ada].client-key is missing beside client-certificate"},
      {WithUser("client-key-data: " + pem_data),
       "users[ada].client-certificate is missing beside client-key"},
      {WithUser("auth-provider: {name: gcp}"),
       "users[ada].auth-provider is not supported, nor by Kubernetes any more: use exec, a token, "
       "a "
       "tokenFile or a client certificate"},
      {WithUser("username: ada, password: secret, token: secret"),
       "users[ada].username contradicts the token beside it: remove one of them"},
      {WithUser("password: secret"), "users[ada].username is missing beside password"},
      {WithUser("as-uid: '1'"),
       "users[ada].as is missing beside as-uid, as-groups or as-user-extra"},
      {WithUser("as: root, as-groups: admins"), "users[ada].as-groups must be a list of texts"},
      {WithUser("as: root, as-user-extra: {a: b}"),
       "users[ada].as-user-extra.a must be a list of texts"},
      {WithUser("as: \"a\\nb\""), "users[ada].as and its like must not have control characters"},
      {WithUser("token: \"secret\\n\""), "users[ada].token must not have control characters"},
      {WithUser("exec: {command: aws}"),
       "users[ada].exec.apiVersion must be client.authentication.k8s.io/v1 or "
       "client.authentication.k8s.io/v1beta1"},
      {WithUser("exec: {command: aws, apiVersion: client.authentication.k8s.io/v1alpha1}"),
       "users[ada].exec.apiVersion must be client.authentication.k8s.io/v1 or "
       "client.authentication.k8s.io/v1beta1"},
      {WithUser("exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}"),
       "users[ada].exec.command is missing"},
      {WithUser("exec: {apiVersion: client.authentication.k8s.io/v1, command: aws}"),
       "users[ada].exec.interactiveMode must be Never, IfAvailable or Always"},
      {WithUser("exec: {env: [a]}"), "users[ada].exec.env must be a list of maps"},
  };
  for (const ErrorCase& c : cases) {
    EXPECT_EQ("kubeconfig: config: " + c.want, ErrorOf(c.config)) << c.config;
  }
}

TEST_F(KubeconfigTest, ErrorsNameTheLine) {
  const std::string path = directory_.Write("config", dev_context + R"(
clusters:
- name: dev
  cluster:
    insecure-skip-tls-verify: maybe
)");
  const std::string missing = directory_.Write("second", dev_context + R"(
clusters:
- name: dev
  cluster:
    tls-server-name: a
)");
  EXPECT_EQ(
      "kubeconfig: " + path + ":8: clusters[dev].insecure-skip-tls-verify must be true or false",
      LoadKubeconfig({path}, "").error().message);
  // A key that is not there: the line where it should be.
  EXPECT_EQ("kubeconfig: " + missing + ":8: clusters[dev].server is missing",
            LoadKubeconfig({missing}, "").error().message);
}

TEST_F(KubeconfigTest, KnowsPasswordsImpersonationAndProxies) {
  const Result<ClusterConfig> config = Load(dev_context + R"(
clusters: [{name: dev, cluster: {server: 'https://a', proxy-url: 'socks5://proxy:1080/'}}]
users:
- name: ada
  user:
    username: ada
    password: secret
    as: eve
    as-uid: "7"
    as-groups: [dev, ops]
    as-user-extra: {scopes: [view, edit]}
)");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ("ada", config->username);
  EXPECT_EQ("secret", config->password);
  EXPECT_EQ("socks5h://proxy:1080", config->proxy_url);
  EXPECT_EQ("eve", config->impersonation.user);
  EXPECT_EQ("7", config->impersonation.uid);
  EXPECT_EQ((std::vector<std::string>{"dev", "ops"}), config->impersonation.groups);
  EXPECT_EQ((std::map<std::string, std::vector<std::string>>{{"scopes", {"view", "edit"}}}),
            config->impersonation.extra);
}

TEST_F(KubeconfigTest, KnowsCredentialPlugins) {
  const Result<ClusterConfig> config = Load(dev_context + R"(
clusters:
- name: dev
  cluster:
    server: https://a:6443
    certificate-authority-data: )" + pem_data +
                                            R"(
    extensions:
    - name: client.authentication.k8s.io/exec
      extension: {audience: "42", depth: 3, on: true, list: [a, 1.5]}
users:
- name: ada
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: bin/login
      args: [token, --quiet]
      env: [{name: A, value: b}]
      provideClusterInfo: true
      installHint: install it
)");
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_TRUE(config->exec);
  EXPECT_EQ(directory_.path() + "/bin/login", config->exec->command);
  EXPECT_EQ((std::vector<std::string>{"token", "--quiet"}), config->exec->args);
  EXPECT_EQ("A", config->exec->env.front().first);
  EXPECT_EQ("b", config->exec->env.front().second);
  EXPECT_EQ(Interactive::kIfAvailable, config->exec->interactive);
  EXPECT_EQ("install it", config->exec->install_hint);
  EXPECT_EQ(R"({"certificate-authority-data":")" + pem_data +
                R"(","config":{"audience":"42","depth":3,"list":["a",1.5],"on":true},)"
                R"("server":"https://a:6443"})",
            config->exec->cluster_info);
}

TEST_F(KubeconfigTest, LooksPluginsWithoutADirectoryUpInThePath) {
  const Result<ClusterConfig> config = Load(WithUser(
      "exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, interactiveMode: Never}"));
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ("aws", config->exec->command);
  EXPECT_EQ("", config->exec->cluster_info);
  EXPECT_EQ(Interactive::kNever, config->exec->interactive);
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
