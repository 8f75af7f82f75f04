// A connection over which nothing comes any more although TCP finds nothing wrong.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <atomic>

#include "test/wire/wire_test.h"

namespace ffdl::test {
namespace {

constexpr k8s::LivenessOptions kImpatient{.idle = 150ms, .probe_timeout = 150ms, .misses_max = 2};

// Serves /watch, then falls silent until it is told to thaw.
class FrozenServer {
 public:
  void Thaw() { frozen_ = false; }
  [[nodiscard]] const ScriptedServer& server() const { return server_; }
  // The connection that the last request came by, probes apart.
  [[nodiscard]] int last_peer() const { return last_peer_; }

 private:
  void Serve(const SeenRequest& request, Peer& peer) {
    if (request.target == "/watch") peer.Write(StreamHead());
    if (request.target != "/livez") last_peer_ = peer.number();
    if (frozen_) return peer.Hang();
    peer.Write(Answer(200, "{}"));
  }

  std::atomic<bool> frozen_ = true;
  std::atomic<int> last_peer_ = 0;
  ScriptedServer server_{TestAuthority(), {}, [this](const SeenRequest& request, Peer& peer) {
                           Serve(request, peer);
                         }};
};

TEST(LivenessTest, OfAFrozenServerEndsStreamsAndLeadsToANewConnection) {
  FrozenServer frozen;
  std::atomic<int> notices = 0;
  RecordingSink sink;
  const auto transport = Connect(ConfigFor(frozen.server()),
                                 {.liveness = kImpatient, .notice = [&](auto) { ++notices; }});
  transport->OpenStream(Request("GET", "/watch"), sink);

  EXPECT_TRUE(sink.WaitForEnd());
  EXPECT_EQ(
      "GET /watch: the connection was replaced: nothing was read for too long and probes stayed "
      "unanswered",
      sink.error().value_or(k8s::Error{}).message);
  EXPECT_EQ(1, notices);

  const int peer_of_watch = frozen.last_peer();
  frozen.Thaw();
  EXPECT_TRUE(Exchange(*transport, Request("GET", "/get")));
  EXPECT_LT(peer_of_watch, frozen.last_peer());
}

TEST(LivenessTest, OfAServerThatAnswersProbesIsNotInDoubt) {
  std::atomic<int> probes = 0;
  std::promise<void> probed;
  ScriptedServer server(TestAuthority(), {}, [&](const SeenRequest& request, Peer& peer) {
    if (request.target == "/livez") {
      // Even a refusal is a sign of life.
      peer.Write(Answer(403, "{}"));
      if (++probes == 5) probed.set_value();
      return;
    }
    peer.Write(StreamHead());
    peer.Hang();
  });
  RecordingSink sink;
  const auto transport = Connect(
      ConfigFor(server),
      {.liveness = {
           .idle = 20ms, .probe_timeout = std::chrono::milliseconds(kPatience), .misses_max = 1}});
  transport->OpenStream(Request("GET", "/watch"), sink);
  ASSERT_EQ(std::future_status::ready, probed.get_future().wait_for(kPatience));
  EXPECT_FALSE(sink.ended());
}

// The only descriptor of this process that is connected to `port`; -1 unless there is one.
int SocketTo(int port) {
  constexpr int kDescriptorsMax = 1024;
  int found = -1;
  for (int fd = 0; fd < kDescriptorsMax; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    if (peer.sin_family != AF_INET || ntohs(peer.sin_port) != port) continue;
    if (found >= 0) return -1;
    found = fd;
  }
  return found;
}

int OptionOf(int socket, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return getsockopt(socket, level, name, &value, &size) == 0 ? value : -1;
}

// What nobody acknowledges for 30 s, or does not answer when asked whether he is there.
TEST(LivenessTest, IsAlsoTheBusinessOfTheKernel) {
  ScriptedServer server(TestAuthority(), {},
                        [](const SeenRequest&, Peer& peer) { peer.Write(Answer(200, "{}")); });
  const auto transport = Connect(ConfigFor(server));
  ASSERT_TRUE(Exchange(*transport, Request("GET", "/")));
  const int socket = SocketTo(std::stoi(server.url().substr(server.url().rfind(':') + 1)));
  ASSERT_LE(0, socket);
  EXPECT_EQ(30'000, OptionOf(socket, IPPROTO_TCP, TCP_USER_TIMEOUT));
  EXPECT_EQ(1, OptionOf(socket, SOL_SOCKET, SO_KEEPALIVE));
  EXPECT_EQ(10, OptionOf(socket, IPPROTO_TCP, TCP_KEEPIDLE));
  EXPECT_EQ(5, OptionOf(socket, IPPROTO_TCP, TCP_KEEPINTVL));
  EXPECT_EQ(3, OptionOf(socket, IPPROTO_TCP, TCP_KEEPCNT));
}

TEST(LivenessTest, IsNotAskedForWhileNothingIsUnderWay) {
  std::atomic<int> probes = 0;
  ScriptedServer server(TestAuthority(), {}, [&](const SeenRequest& request, Peer& peer) {
    if (request.target == "/livez") ++probes;
    peer.Write(Answer(200, "{}"));
  });
  constexpr k8s::LivenessOptions kOften{.idle = 300ms, .probe_timeout = 50ms, .misses_max = 2};
  const auto transport = Connect(ConfigFor(server), {.liveness = kOften});
  ASSERT_TRUE(Exchange(*transport, Request("GET", "/")));
  std::promise<void> passed;
  transport->loop().After(2 * kOften.idle + 50ms, [&] { passed.set_value(); });
  passed.get_future().wait();
  EXPECT_EQ(0, probes);
}

}  // namespace
}  // namespace ffdl::test
