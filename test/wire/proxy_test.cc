// Servers that are reached through a proxy.
#include <cstdlib>

#include "test/wire/tls_front.h"
#include "test/wire/tunnel_proxy.h"
#include "test/wire/wire_test.h"

namespace ffdl::test {
namespace {

class ProxyTest : public testing::Test {
 protected:
  // The server under a name that only the proxy can resolve.
  [[nodiscard]] k8s::ClusterConfig ConfigThrough(const std::string& proxy_url) const {
    k8s::ClusterConfig config = ConfigFor(server_);
    config.server = "https://api.test:6443";
    config.proxy_url = proxy_url;
    return config;
  }
  // Of a URL or an authority.
  [[nodiscard]] static int PortOf(const std::string& text) {
    return std::stoi(text.substr(text.rfind(':') + 1));
  }

  ScriptedServer server_{
      TestAuthority(), {.name = "api.test"}, [](const SeenRequest& request, Peer& peer) {
        peer.Write(Answer(200, request.headers.at("host")));
      }};
  TunnelProxy proxy_{PortOf(server_.url())};
};

TEST_F(ProxyTest, OfHttpMakesATunnel) {
  const auto transport = Connect(ConfigThrough("http://" + proxy_.authority()));
  const Reply reply = Exchange(*transport, Request("GET", "/"));
  ASSERT_TRUE(reply) << reply.error().error.message;
  EXPECT_EQ("api.test:6443", reply->body);
  EXPECT_EQ(std::vector<std::string>{"CONNECT api.test:6443"}, proxy_.tunnels());
}

TEST_F(ProxyTest, MayAskForAPassword) {
  const auto transport = Connect(ConfigThrough("http://ada:secret@" + proxy_.authority()));
  EXPECT_TRUE(Exchange(*transport, Request("GET", "/")));
  EXPECT_EQ(
      std::vector<std::string>{"CONNECT api.test:6443 Proxy-Authorization: Basic YWRhOnNlY3JldA=="},
      proxy_.tunnels());
}

// What is asked of the proxy travels by TLS of its own, and the tunnel's TLS within it.
TEST_F(ProxyTest, OfHttpsIsTrustedAsTheClusterIs) {
  const TlsFront front(TestAuthority(), "127.0.0.1", PortOf(proxy_.authority()));
  const auto transport = Connect(ConfigThrough("https://ada:secret@" + front.authority()));
  const Reply reply = Exchange(*transport, Request("GET", "/"));
  ASSERT_TRUE(reply) << reply.error().error.message;
  EXPECT_EQ("api.test:6443", reply->body);
  EXPECT_EQ(1, front.handshakes());
  EXPECT_EQ(
      std::vector<std::string>{"CONNECT api.test:6443 Proxy-Authorization: Basic YWRhOnNlY3JldA=="},
      proxy_.tunnels());
}

TEST_F(ProxyTest, OfHttpsIsNotUsedUnderAnotherName) {
  const TlsFront front(TestAuthority(), "other.test", PortOf(proxy_.authority()));
  const auto transport = Connect(ConfigThrough("https://ada:secret@" + front.authority()));
  const Reply reply = Exchange(*transport, Request("POST", "/", "{}"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(k8s::Delivery::kNotSent, reply.error().delivery);
  EXPECT_EQ(std::vector<std::string>{}, proxy_.tunnels());
}

TEST_F(ProxyTest, OfSocks5ResolvesNamesItself) {
  const auto transport = Connect(ConfigThrough("socks5h://" + proxy_.authority()));
  const Reply reply = Exchange(*transport, Request("GET", "/"));
  ASSERT_TRUE(reply) << reply.error().error.message;
  EXPECT_EQ(std::vector<std::string>{"SOCKS5 api.test:6443"}, proxy_.tunnels());
}

TEST_F(ProxyTest, IsToldTheAddressAndTheServerItsName) {
  k8s::ClusterConfig config = ConfigThrough("http://" + proxy_.authority());
  config.server = "https://other.test:6443";
  config.tls_server_name = "api.test";
  const Reply reply = Exchange(*Connect(config), Request("GET", "/"));
  ASSERT_TRUE(reply) << reply.error().error.message;
  EXPECT_EQ("other.test:6443", reply->body);
  EXPECT_EQ(std::vector<std::string>{"CONNECT other.test:6443"}, proxy_.tunnels());
}

TEST_F(ProxyTest, OfTheEnvironmentIsNotUsedUnlessTheConfigurationSaysSo) {
  setenv("https_proxy", ("http://" + proxy_.authority()).c_str(), 1);
  ScriptedServer direct(TestAuthority(), {},
                        [](const SeenRequest&, Peer& peer) { peer.Write(Answer(200, "{}")); });
  const Reply reply = Exchange(*Connect(ConfigFor(direct)), Request("GET", "/"));
  unsetenv("https_proxy");
  EXPECT_TRUE(reply);
  EXPECT_EQ(std::vector<std::string>{}, proxy_.tunnels());
}

TEST_F(ProxyTest, ThatIsNotThereMeansThatNothingWasSent) {
  const std::string closed = "127.0.0.1:" + std::to_string(ClosedPort());
  const Reply reply =
      Exchange(*Connect(ConfigThrough("http://ada:secret@" + closed)), Request("POST", "/", "{}"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(k8s::Delivery::kNotSent, reply.error().delivery);
  EXPECT_EQ(std::string::npos, reply.error().error.message.find("secret"));
}

}  // namespace
}  // namespace ffdl::test
