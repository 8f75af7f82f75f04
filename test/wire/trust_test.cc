// Whom we trust, and how we prove who we are.
#include <atomic>

#include "test/wire/temporary_file.h"
#include "test/wire/wire_test.h"

namespace ffdl::test {
namespace {

using k8s::Delivery;

const auto answer_all = [](const SeenRequest&, Peer& peer) { peer.Write(Answer(200, "{}")); };

TEST(TrustTest, IsNotGivenToAnotherAuthority) {
  ScriptedServer server(Authority("another authority"), {}, answer_all);
  const auto transport = Connect(ConfigFor(server));
  const Reply reply = Exchange(*transport, Request("POST", "/", "{}"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(Delivery::kNotSent, reply.error().delivery);
  EXPECT_NE(std::string::npos, reply.error().error.message.find("certificate"))
      << reply.error().error.message;
}

TEST(TrustTest, IsNotGivenToAnotherName) {
  ScriptedServer server(TestAuthority(), {.name = "elsewhere.test"}, answer_all);
  const auto transport = Connect(ConfigFor(server));
  EXPECT_FALSE(Exchange(*transport, Request("GET", "/")));
}

TEST(TrustTest, GoesByTheNameOfTheConfiguration) {
  std::promise<std::string> host;
  ScriptedServer server(TestAuthority(), {.name = "api.test"},
                        [&](const SeenRequest& request, Peer& peer) {
                          host.set_value(request.headers.at("host"));
                          peer.Write(Answer(200, "{}"));
                        });
  k8s::ClusterConfig config = ConfigFor(server);
  config.tls_server_name = "api.test";
  const auto transport = Connect(config);
  const Reply reply = Exchange(*transport, Request("GET", "/"));
  ASSERT_TRUE(reply) << reply.error().error.message;
  EXPECT_EQ(server.url(), "https://" + host.get_future().get());
}

TEST(TrustTest, IsGivenToAnyoneOnlyWhenAskedFor) {
  ScriptedServer server(Authority(), {.name = "elsewhere.test"}, answer_all);
  const auto transport = Connect({.server = server.url(), .insecure = true});
  EXPECT_TRUE(Exchange(*transport, Request("GET", "/")));
}

TEST(TrustTest, IsEarnedByAClientCertificate) {
  ScriptedServer server(TestAuthority(), {.client_certificate = true}, answer_all);
  const Identity identity = TestAuthority().Issue("operator.test");
  k8s::ClusterConfig config = ConfigFor(server);
  EXPECT_FALSE(Exchange(*Connect(config), Request("GET", "/")));
  config.client_certificate_pem = identity.certificate_pem;
  config.client_key_pem = identity.key_pem;
  const Reply reply = Exchange(*Connect(config), Request("GET", "/"));
  EXPECT_TRUE(reply) << reply.error().error.message;
}

TEST(TrustTest, IsNotGivenToAnAuthorityThatHasExpired) {
  const Authority expired("expired authority", Authority::Validity::kExpired);
  ScriptedServer server(expired, {}, answer_all);
  const auto transport = Connect({.server = server.url(), .ca_pem = expired.pem()});
  const Reply reply = Exchange(*transport, Request("POST", "/", "{}"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(Delivery::kNotSent, reply.error().delivery);
  EXPECT_NE(std::string::npos, reply.error().error.message.find("certificate has expired"))
      << reply.error().error.message;
}

// A server that knows one token and renews the file when it sees the old one.
class TokenTest : public testing::Test {
 protected:
  TokenTest()
      : server_(TestAuthority(), {}, [this](const SeenRequest& request, Peer& peer) {
          ++requests_;
          if (request.headers.at("authorization") == "Bearer new") {
            peer.Write(Answer(200, R"({"ok":true})"));
          } else {
            file_.Write(renewed_);
            peer.Write(Answer(401, R"({"kind":"Status","reason":"Unauthorized"})"));
          }
        }) {}

  [[nodiscard]] std::unique_ptr<k8s::CurlTransport> ConnectWithFile() {
    k8s::ClusterConfig config = ConfigFor(server_);
    config.token_file = file_.path();
    return Connect(config);
  }

  TemporaryFile file_{"old\n"};
  std::string renewed_ = "new\n";
  std::atomic<int> requests_ = 0;
  ScriptedServer server_;
};

TEST_F(TokenTest, IsReadAgainWhenTheServerRefusesItAndTheRequestRepeated) {
  const auto transport = ConnectWithFile();
  const Reply reply = Exchange(*transport, Request("POST", "/", "{}"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(200, reply->status);
  EXPECT_EQ(R"({"ok":true})", reply->body);
  EXPECT_EQ(2, requests_);
}

TEST_F(TokenTest, IsReadAgainForStreamsToo) {
  RecordingSink sink;
  const auto transport = ConnectWithFile();
  transport->OpenStream(Request("GET", "/"), sink);
  ASSERT_TRUE(sink.WaitForEnd());
  EXPECT_EQ(200, sink.status());
  EXPECT_EQ(R"({"ok":true})", sink.bytes());
}

TEST_F(TokenTest, ThatIsStillRefusedIsTheCallersBusiness) {
  renewed_ = "old\n";
  const auto transport = ConnectWithFile();
  const Reply reply = Exchange(*transport, Request("POST", "/", "{}"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(401, reply->status);
  EXPECT_EQ(1, requests_);
}

TEST_F(TokenTest, ThatChangesEveryTimeIsTriedOnceMoreOnly) {
  renewed_ = "newer\n";
  const auto transport = ConnectWithFile();
  EXPECT_EQ(401, Exchange(*transport, Request("POST", "/", "{}"))->status);
  EXPECT_EQ(2, requests_);
}

TEST_F(TokenTest, ThatCannotBeReadSendsNothing) {
  k8s::ClusterConfig config = ConfigFor(server_);
  config.token_file = file_.path() + ".missing";
  const Reply reply = Exchange(*Connect(config), Request("POST", "/", "{}"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(Delivery::kNotSent, reply.error().delivery);
  EXPECT_EQ(k8s::ErrorCode::kUnauthorized, reply.error().error.code);
  EXPECT_EQ(0, requests_);
}

}  // namespace
}  // namespace ffdl::test
