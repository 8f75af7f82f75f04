// The ways to log in, other than by a token of one's own.
#include <atomic>
#include <mutex>
#include <vector>

#include "test/support/virtual_time.h"
#include "test/wire/temporary_file.h"
#include "test/wire/wire_test.h"

namespace ffdl::test {
namespace {

using k8s::Delivery;
using k8s::ErrorCode;

// A server that keeps the heads of its requests and refuses all but one way to log in.
class LoginTest : public testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> Logins() {
    const std::scoped_lock lock(mutex_);
    return logins_;
  }
  void Expect(const std::string& authorization) {
    const std::scoped_lock lock(mutex_);
    expected_ = authorization;
  }

  // A plugin that prints what `answer_` holds and notes its runs.
  [[nodiscard]] k8s::ClusterConfig ConfigWithPlugin() {
    plugin_.Write("#!/bin/sh\necho run >> " + runs_.path() + "\ncat " + answer_.path() + "\n");
    plugin_.MakeExecutable();
    k8s::ClusterConfig config = ConfigFor(server_);
    config.exec = k8s::ExecPlugin{.api_version = "client.authentication.k8s.io/v1",
                                  .command = plugin_.path(),
                                  .interactive = k8s::Interactive::kNever};
    return config;
  }
  void PluginAnswers(const std::string& status) const {
    answer_.Write(
        R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":)" +
        status + "}");
  }
  [[nodiscard]] std::size_t Runs() const { return std::filesystem::file_size(runs_.path()) / 4; }

  TemporaryFile plugin_{"", "plugin"};
  TemporaryFile answer_{"", "answer"};
  TemporaryFile runs_{"", "runs"};
  ScriptedServer server_{TestAuthority(), {}, [this](const SeenRequest& request, Peer& peer) {
                           Serve(request, peer);
                         }};

 private:
  void Serve(const SeenRequest& request, Peer& peer) {
    const std::scoped_lock lock(mutex_);
    const auto login = request.headers.find("authorization");
    logins_.push_back(login == request.headers.end() ? "" : login->second);
    const bool welcome = expected_.empty() || logins_.back() == expected_;
    peer.Write(welcome ? Answer(200, "{}")
                       : Answer(401, R"({"kind":"Status","reason":"Unauthorized"})"));
  }

  std::mutex mutex_;
  std::vector<std::string> logins_;
  std::string expected_;  // "" welcomes everybody
};

TEST_F(LoginTest, ByNameAndPassword) {
  k8s::ClusterConfig config = ConfigFor(server_);
  config.username = "Aladdin";
  config.password = "open sesame";
  EXPECT_TRUE(Exchange(*Connect(config), Request("GET", "/")));
  EXPECT_EQ(std::vector<std::string>{"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}, Logins());  // RFC 7617
}

TEST_F(LoginTest, ByAPluginWhoseTokenIsUsedAgain) {
  PluginAnswers(R"({"token":"one"})");
  const auto transport = Connect(ConfigWithPlugin());
  EXPECT_TRUE(Exchange(*transport, Request("GET", "/")));
  EXPECT_TRUE(Exchange(*transport, Request("GET", "/")));
  EXPECT_EQ((std::vector<std::string>{"Bearer one", "Bearer one"}), Logins());
  EXPECT_EQ(1U, Runs());
}

TEST_F(LoginTest, ByAPluginThatAllTransportsShare) {
  PluginAnswers(R"({"token":"one"})");
  const k8s::ClusterConfig config = ConfigWithPlugin();
  auto plugin = k8s::ExecSource::Start(*config.exec, k8s::SystemClock());
  ASSERT_TRUE(plugin);
  for (int i = 0; i < 3; ++i) {
    auto transport = k8s::CurlTransport::Open(config, {}, nullptr, *plugin);
    ASSERT_TRUE(transport);
    EXPECT_TRUE(Exchange(**transport, Request("GET", "/")));
  }
  EXPECT_EQ(1U, Runs());
}

TEST_F(LoginTest, ByAPluginIsRenewedWhenTheServerRefusesIt) {
  PluginAnswers(R"({"token":"one"})");
  const auto transport = Connect(ConfigWithPlugin());
  ASSERT_TRUE(Exchange(*transport, Request("GET", "/")));
  PluginAnswers(R"({"token":"two"})");
  Expect("Bearer two");
  const Reply reply = Exchange(*transport, Request("POST", "/", "{}"));
  ASSERT_TRUE(reply) << reply.error().error.message;
  EXPECT_EQ(200, reply->status);
  EXPECT_EQ((std::vector<std::string>{"Bearer one", "Bearer one", "Bearer two"}), Logins());
}

TEST_F(LoginTest, ByAPluginThatIsRefusedForEverIsTheCallersBusiness) {
  PluginAnswers(R"({"token":"one"})");
  Expect("Bearer other");
  const auto transport = Connect(ConfigWithPlugin());
  const Reply reply = Exchange(*transport, Request("POST", "/", "{}"));
  ASSERT_TRUE(reply) << reply.error().error.message;
  EXPECT_EQ(401, reply->status);
  EXPECT_EQ(2U, Logins().size());
  EXPECT_LT(0ns, transport->refused_for());
  Expect("");
  ASSERT_TRUE(Exchange(*transport, Request("GET", "/")));
  EXPECT_EQ(0ns, transport->refused_for());
}

TEST_F(LoginTest, ByAPluginIsRenewedWhenItExpires) {
  VirtualTime time;
  PluginAnswers(R"({"token":"one","expirationTimestamp":")" + k8s::FormatTime(time.Now() + 1h) +
                "\"}");
  auto transport = k8s::CurlTransport::Open(ConfigWithPlugin(), {}, &time);
  ASSERT_TRUE(Exchange(**transport, Request("GET", "/")));
  PluginAnswers(R"({"token":"two"})");
  time.Skip(1h);
  ASSERT_TRUE(Exchange(**transport, Request("GET", "/")));
  EXPECT_EQ((std::vector<std::string>{"Bearer one", "Bearer two"}), Logins());
}

TEST_F(LoginTest, ByAPluginThatFailsSendsNothing) {
  answer_.Write("secret");
  RecordingSink sink;
  const auto transport = Connect(ConfigWithPlugin());
  transport->OpenStream(Request("GET", "/watch"), sink);
  const Reply reply = Exchange(*transport, Request("POST", "/", "{}"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(Delivery::kNotSent, reply.error().delivery);
  EXPECT_EQ(ErrorCode::kUnauthorized, reply.error().error.code);
  EXPECT_EQ("POST /: credential plugin " + plugin_.path() + ": the output is no JSON object",
            reply.error().error.message);
  ASSERT_TRUE(sink.WaitForEnd());
  EXPECT_EQ(ErrorCode::kUnauthorized, sink.error()->code);
  EXPECT_EQ(std::vector<std::string>{}, Logins());
}

TEST_F(LoginTest, ByAPluginThatHangsDoesNotHoldUpTheLoop) {
  k8s::ClusterConfig config = ConfigWithPlugin();
  plugin_.Write("#!/bin/sh\nexec sleep 60\n");
  const auto transport = Connect(config);
  k8s::HttpRequest request = Request("POST", "/", "{}");
  request.timeout = 100ms;
  const Reply reply = Exchange(*transport, request);
  ASSERT_FALSE(reply);
  EXPECT_EQ(ErrorCode::kTimeout, reply.error().error.code);
  EXPECT_EQ(Delivery::kNotSent, reply.error().delivery);
}

TEST_F(LoginTest, ByATokenBesideAPluginDoesNotRunIt) {
  k8s::ClusterConfig config = ConfigWithPlugin();
  config.token = "own";
  EXPECT_TRUE(Exchange(*Connect(config), Request("GET", "/")));
  EXPECT_EQ(std::vector<std::string>{"Bearer own"}, Logins());
  EXPECT_EQ(0U, Runs());
}

std::string JsonText(const std::string& text) {
  std::string escaped;
  for (const char c : text) c == '\n' ? escaped += "\\n" : escaped += c;
  return "\"" + escaped + "\"";
}

TEST_F(LoginTest, ByACertificateOfAPluginMakesANewConnectionWhenItChanges) {
  ScriptedServer server(TestAuthority(), {.client_certificate = true},
                        [](const SeenRequest&, Peer& peer) { peer.Write(Answer(200, "{}")); });
  VirtualTime time;
  const auto issue = [&] {
    const Identity identity = TestAuthority().Issue("operator.test");
    PluginAnswers(R"({"expirationTimestamp":")" + k8s::FormatTime(time.Now() + 1h) +
                  R"(","clientCertificateData":)" + JsonText(identity.certificate_pem) +
                  R"(,"clientKeyData":)" + JsonText(identity.key_pem) + "}");
  };
  issue();
  k8s::ClusterConfig config = ConfigWithPlugin();
  config.server = server.url();
  auto transport = k8s::CurlTransport::Open(config, {}, &time);
  const Reply reply = Exchange(**transport, Request("GET", "/"));
  ASSERT_TRUE(reply) << reply.error().error.message;
  ASSERT_TRUE(Exchange(**transport, Request("GET", "/")));
  EXPECT_EQ(1, server.connections());
  issue();
  time.Skip(1h);
  ASSERT_TRUE(Exchange(**transport, Request("GET", "/")));
  EXPECT_EQ(2, server.connections());
}

TEST(ImpersonationTest, StandsInEveryRequest) {
  std::promise<SeenRequest> seen;
  ScriptedServer server(TestAuthority(), {}, [&](const SeenRequest& request, Peer& peer) {
    seen.set_value(request);
    peer.Write(Answer(200, "{}"));
  });
  k8s::ClusterConfig config = ConfigFor(server);
  config.token = "secret";
  config.impersonation = {
      .user = "eve", .uid = "7", .groups = {"dev"}, .extra = {{"example.org/scopes", {"view"}}}};
  ASSERT_TRUE(Exchange(*Connect(config), Request("GET", "/")));
  auto headers = seen.get_future().get().headers;
  EXPECT_EQ("Bearer secret", headers["authorization"]);
  EXPECT_EQ("eve", headers["impersonate-user"]);
  EXPECT_EQ("7", headers["impersonate-uid"]);
  EXPECT_EQ("dev", headers["impersonate-group"]);
  EXPECT_EQ("view", headers["impersonate-extra-example.org%2fscopes"]);
}

}  // namespace
}  // namespace ffdl::test
