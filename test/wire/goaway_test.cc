// What becomes of requests when an HTTP/2 server ends the connection in order.
#include <atomic>

#include "test/wire/http2_server.h"
#include "test/wire/wire_test.h"

namespace ffdl::test {
namespace {

using k8s::Delivery;

[[nodiscard]] k8s::ClusterConfig ConfigOf(const Http2Server& server) {
  return {.server = server.url(), .ca_pem = TestAuthority().pem()};
}

TEST(GoAwayTest, LetsARequestThatWasNotLookedAtGoToANewConnection) {
  Http2Server server(TestAuthority(), [](std::uint32_t stream, Http2Peer& peer) {
    if (peer.number() == 1 && stream > 1) return peer.GoAway(1);
    peer.Answer(stream, std::to_string(peer.number()));
  });
  const auto transport = Connect(ConfigOf(server));
  ASSERT_EQ("1", Exchange(*transport, Request("POST", "/first", "{}"))->body);

  const Reply reply = Exchange(*transport, Request("POST", "/second", "{}"));

  ASSERT_TRUE(reply) << reply.error().error.message;
  EXPECT_EQ("2", reply->body);
}

TEST(GoAwayTest, DoesNotRepeatAWriteThatMayHaveBeenCarriedOut) {
  std::atomic<int> writes = 0;
  Http2Server server(TestAuthority(), [&](std::uint32_t stream, Http2Peer& peer) {
    if (stream == 1 && peer.number() == 1) return peer.Answer(stream, "{}");
    ++writes;
    peer.GoAway(stream);
    peer.Close();
  });
  const auto transport = Connect(ConfigOf(server));
  ASSERT_TRUE(Exchange(*transport, Request("POST", "/first", "{}")));

  const Reply reply = Exchange(*transport, Request("POST", "/second", "{}"));

  ASSERT_FALSE(reply);
  EXPECT_EQ(Delivery::kUnknown, reply.error().delivery);
  EXPECT_EQ(1, writes);
}

TEST(GoAwayTest, LetsWhatWasLookedAtFinish) {
  Http2Server server(TestAuthority(), [](std::uint32_t stream, Http2Peer& peer) {
    if (peer.number() == 1) peer.GoAway(stream);
    peer.Answer(stream, std::to_string(peer.number()));
  });
  const auto transport = Connect(ConfigOf(server));
  const Reply first = Exchange(*transport, Request("POST", "/first", "{}"));
  ASSERT_TRUE(first) << first.error().error.message;
  EXPECT_EQ("1", first->body);
  EXPECT_EQ("2", Exchange(*transport, Request("POST", "/second", "{}"))->body);
}

TEST(GoAwayTest, LetsAStreamThatWasNotLookedAtGoToANewConnection) {
  Http2Server server(TestAuthority(), [](std::uint32_t stream, Http2Peer& peer) {
    if (peer.number() == 1 && stream > 1) return peer.GoAway(1);
    peer.Answer(stream, "{}");
  });
  const auto transport = Connect(ConfigOf(server));
  ASSERT_TRUE(Exchange(*transport, Request("GET", "/first")));
  RecordingSink sink;
  transport->OpenStream(Request("GET", "/watch"), sink);
  ASSERT_TRUE(sink.WaitForEnd());
  EXPECT_EQ(200, sink.status());
  EXPECT_EQ(std::nullopt, sink.error());
}

TEST(RefusedStreamTest, IsARequestThatWasNotSent) {
  std::atomic<int> refusals = 0;
  Http2Server server(TestAuthority(), [&](std::uint32_t stream, Http2Peer& peer) {
    if (refusals++ == 0) return peer.Refuse(stream);
    peer.Answer(stream, "{}");
  });
  const auto transport = Connect(ConfigOf(server));
  const Reply reply = Exchange(*transport, Request("POST", "/", "{}"));
  EXPECT_TRUE(reply) << reply.error().error.message;
}

}  // namespace
}  // namespace ffdl::test
