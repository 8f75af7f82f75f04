// Certificates that are renewed while we run.
#include <atomic>

#include "test/support/virtual_time.h"
#include "test/wire/temporary_file.h"
#include "test/wire/wire_test.h"

namespace ffdl::test {
namespace {

class RotationTest : public testing::Test {
 protected:
  void Serve(const SeenRequest& request, Peer& peer) {
    if (request.target == "/watch") {
      peer.Write(StreamHead());
      return peer.Hang();
    }
    if (request.target == "/slow") {
      slow_arrived_.set_value();
      finish_slow_.get_future().wait();
    }
    peer.Write(Answer(200, std::to_string(peer.number())));
  }
  [[nodiscard]] std::unique_ptr<k8s::CurlTransport> Open(k8s::CurlTransportOptions options = {}) {
    auto transport = k8s::CurlTransport::Open(config_, std::move(options), &time_);
    return std::move(*transport);
  }
  // The connection that a request comes by.
  [[nodiscard]] static std::string PeerOf(k8s::Transport& transport) {
    const Reply reply = Exchange(transport, Request("GET", "/"));
    return reply ? reply->body : reply.error().error.message;
  }

  const Authority new_authority_{"new authority"};
  TemporaryFile ca_{TestAuthority().pem(), "ca"};
  VirtualTime time_;
  std::promise<void> slow_arrived_;
  std::promise<void> finish_slow_;
  ScriptedServer server_{TestAuthority(), {}, [this](const SeenRequest& request, Peer& peer) {
                           Serve(request, peer);
                         }};
  k8s::ClusterConfig config_{
      .server = server_.url(), .ca_pem = TestAuthority().pem(), .ca_file = ca_.path()};
};

TEST_F(RotationTest, OfTheAuthorityMakesANewConnection) {
  const auto transport = Open();
  EXPECT_EQ("1", PeerOf(*transport));
  time_.Skip(5min);
  EXPECT_EQ("1", PeerOf(*transport));  // the file says the same
  ca_.Write(TestAuthority().pem() + new_authority_.pem());
  time_.Skip(5min);
  EXPECT_EQ("2", PeerOf(*transport));
}

TEST_F(RotationTest, EndsStreamsAndLetsRequestsFinish) {
  const auto transport = Open({.connections_http1_max = 4});
  RecordingSink sink;
  transport->OpenStream(Request("GET", "/watch"), sink);
  ASSERT_TRUE(sink.WaitForHead());
  std::promise<Reply> slow;
  transport->Send(Request("POST", "/slow", "{}"),
                  [&](Reply reply) { slow.set_value(std::move(reply)); });
  slow_arrived_.get_future().wait();

  ca_.Write(TestAuthority().pem() + new_authority_.pem());
  time_.Skip(5min);
  EXPECT_EQ("3", PeerOf(*transport));

  ASSERT_TRUE(sink.WaitForEnd());
  EXPECT_EQ("GET /watch: the connection was replaced: certificates were renewed",
            sink.error().value_or(k8s::Error{}).message);
  finish_slow_.set_value();
  const Reply reply = slow.get_future().get();
  ASSERT_TRUE(reply) << reply.error().error.message;
  EXPECT_EQ("2", reply->body);
}

TEST_F(RotationTest, IsNoticedAtOnceWhenTheServerIsNotTrusted) {
  ca_.Write(new_authority_.pem());
  config_.ca_pem = new_authority_.pem();
  const auto transport = Open();
  EXPECT_FALSE(Exchange(*transport, Request("GET", "/")));
  ca_.Write(TestAuthority().pem());
  EXPECT_TRUE(Exchange(*transport, Request("GET", "/")));  // the clock has not moved
}

TEST_F(RotationTest, ThatIsHalfDoneIsToldOnceAndChangesNothing) {
  std::atomic<int> notices = 0;
  const auto transport = Open({.notice = [&](auto) { ++notices; }});
  EXPECT_EQ("1", PeerOf(*transport));
  ca_.Write("-----BEGIN CERTIFICATE-----\nMIIB");
  for (int i = 0; i < 3; ++i) {
    time_.Skip(5min);
    EXPECT_EQ("1", PeerOf(*transport));
  }
  EXPECT_EQ(1, notices);
}

TEST(ClientCertificateTest, ThatIsRenewedMakesANewConnection) {
  ScriptedServer server(TestAuthority(), {.client_certificate = true},
                        [](const SeenRequest&, Peer& peer) { peer.Write(Answer(200, "{}")); });
  const Identity first = TestAuthority().Issue("operator.test");
  const TemporaryFile certificate(first.certificate_pem, "certificate");
  const TemporaryFile key(first.key_pem, "key");
  VirtualTime time;
  k8s::ClusterConfig config = ConfigFor(server);
  config.client_certificate_pem = first.certificate_pem;
  config.client_certificate_file = certificate.path();
  config.client_key_pem = first.key_pem;
  config.client_key_file = key.path();
  auto transport = k8s::CurlTransport::Open(config, {}, &time);
  ASSERT_TRUE(Exchange(**transport, Request("GET", "/")));
  const Identity second = TestAuthority().Issue("operator.test");
  certificate.Write(second.certificate_pem);
  key.Write(second.key_pem);
  time.Skip(5min);
  ASSERT_TRUE(Exchange(**transport, Request("GET", "/")));
  EXPECT_EQ(2, server.connections());
}

}  // namespace
}  // namespace ffdl::test
