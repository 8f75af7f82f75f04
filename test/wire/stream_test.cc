// What becomes of answers that have no end.
#include <future>
#include <string_view>
#include <vector>

#include "test/wire/wire_test.h"

namespace ffdl::test {
namespace {

using k8s::ErrorCode;

const std::string kEvent = R"({"type":"ADDED","object":{"kind":"Pod"}})"
                           "\n";

TEST(StreamTest, IsTheSameHoweverItsBytesAreCut) {
  ScriptedServer server(TestAuthority(), {}, [](const SeenRequest&, Peer& peer) {
    const std::string bytes =
        StreamHead() + Chunk(kEvent) + Chunk(kEvent) + std::string(kLastChunk);
    for (const char byte : bytes) peer.Write({&byte, 1});  // a TLS record for each
  });
  RecordingSink sink;
  const auto transport = Connect(ConfigFor(server));
  transport->OpenStream(Request("GET", "/"), sink);
  ASSERT_TRUE(sink.WaitForEnd());
  EXPECT_EQ(200, sink.status());
  EXPECT_EQ(kEvent + kEvent, sink.bytes());
  EXPECT_EQ(std::nullopt, sink.error());
}

TEST(StreamTest, CutInTheMiddleOfAnEventEndsWithAnError) {
  ScriptedServer server(TestAuthority(), {}, [](const SeenRequest&, Peer& peer) {
    peer.Write(StreamHead() + Chunk(kEvent) + Chunk(kEvent).substr(0, 10));
    peer.Close();
  });
  RecordingSink sink;
  const auto transport = Connect(ConfigFor(server));
  transport->OpenStream(Request("GET", "/watch?secret"), sink);
  ASSERT_TRUE(sink.WaitForEnd());
  EXPECT_TRUE(sink.bytes().starts_with(kEvent));
  ASSERT_TRUE(sink.error());
  EXPECT_EQ(ErrorCode::kUnavailable, sink.error()->code);
  EXPECT_TRUE(sink.error()->message.starts_with("GET /watch: ")) << sink.error()->message;
}

TEST(StreamTest, ThatIsRefusedBringsStatusRetryAfterAndBody) {
  ScriptedServer server(TestAuthority(), {}, [](const SeenRequest&, Peer& peer) {
    peer.Write(Answer(429, R"({"kind":"Status"})", "application/json", "Retry-After: 3\r\n"));
  });
  RecordingSink sink;
  const auto transport = Connect(ConfigFor(server));
  transport->OpenStream(Request("GET", "/"), sink);
  ASSERT_TRUE(sink.WaitForEnd());
  EXPECT_EQ(429, sink.status());
  EXPECT_EQ(3s, sink.retry_after());
  EXPECT_EQ(R"({"kind":"Status"})", sink.bytes());
  EXPECT_EQ(std::nullopt, sink.error());
}

TEST(StreamTest, EndsWithAnErrorWhenItsHeadIsSlow) {
  ScriptedServer server(TestAuthority(), {}, [](const SeenRequest&, Peer& peer) { peer.Hang(); });
  RecordingSink sink;
  const auto transport = Connect(ConfigFor(server));
  k8s::HttpRequest request = Request("GET", "/");
  request.timeout = 50ms;
  transport->OpenStream(request, sink);
  ASSERT_TRUE(sink.WaitForEnd());
  EXPECT_EQ(0, sink.status());
  ASSERT_TRUE(sink.error());
  EXPECT_EQ(ErrorCode::kTimeout, sink.error()->code);
}

TEST(StreamTest, OutlivesTheTimeOutOfItsHead) {
  std::promise<void> more;
  auto allowed = more.get_future().share();
  ScriptedServer server(TestAuthority(), {}, [allowed](const SeenRequest& request, Peer& peer) {
    if (request.target == "/slow") return peer.Hang();
    peer.Write(StreamHead());
    allowed.wait();
    peer.Write(Chunk(kEvent) + std::string(kLastChunk));
  });
  RecordingSink sink;
  const auto transport = Connect(ConfigFor(server));
  k8s::HttpRequest request = Request("GET", "/");
  request.timeout = 500ms;
  transport->OpenStream(request, sink);
  ASSERT_TRUE(sink.WaitForHead());
  std::promise<void> passed;
  transport->loop().After(600ms, [&] { passed.set_value(); });
  passed.get_future().wait();
  more.set_value();
  ASSERT_TRUE(sink.WaitForEnd());
  EXPECT_EQ(std::nullopt, sink.error());
  EXPECT_EQ(kEvent, sink.bytes());
}

// With HTTP/1.1 a watch fills a connection; the limit of one is for HTTP/2.
TEST(StreamTest, DoesNotKeepOthersWaitingOverHttp1) {
  ScriptedServer server(TestAuthority(), {}, [](const SeenRequest& request, Peer& peer) {
    if (request.target == "/get") return peer.Write(Answer(200, "{}"));
    peer.Write(StreamHead() + Chunk(kEvent));
    peer.Hang();
  });
  std::vector<RecordingSink> sinks(3);
  const auto transport = Connect(ConfigFor(server));
  for (RecordingSink& sink : sinks) transport->OpenStream(Request("GET", "/watch"), sink);
  EXPECT_TRUE(Exchange(*transport, Request("GET", "/get")));
  for (RecordingSink& sink : sinks) EXPECT_TRUE(sink.WaitForBytes(kEvent.size()));
}

// Ends its own stream from within OnBytes.
class ClosingSink final : public k8s::StreamSink {
 public:
  explicit ClosingSink(k8s::Transport& transport) : transport_(transport) {}
  void Open() { id_ = transport_.OpenStream(Request("GET", "/watch"), *this); }

  void OnHead(int, std::chrono::milliseconds) override {}
  void OnBytes(std::string_view) override {
    ++calls_;
    transport_.Close(id_);
    closed_.set_value();
  }
  void OnEnd(const k8s::Error*) override { ++calls_; }

  void WaitUntilClosed() { closed_.get_future().wait(); }
  [[nodiscard]] int calls() const { return calls_; }

 private:
  k8s::Transport& transport_;
  k8s::Transport::StreamId id_ = 0;
  std::atomic<int> calls_ = 0;
  std::promise<void> closed_;
};

TEST(StreamTest, IsSilentOnceItIsClosed) {
  ScriptedServer server(TestAuthority(), {}, [](const SeenRequest& request, Peer& peer) {
    if (request.target == "/get") return peer.Write(Answer(200, "{}"));
    peer.Write(StreamHead());
    for (int i = 0; i < 100; ++i) peer.Write(Chunk(kEvent));
    peer.Hang();
  });
  auto transport = Connect(ConfigFor(server));
  ClosingSink sink(*transport);
  transport->loop().Post([&] { sink.Open(); });
  sink.WaitUntilClosed();
  EXPECT_TRUE(Exchange(*transport, Request("GET", "/get")));
  transport.reset();
  EXPECT_EQ(1, sink.calls());
}

TEST(StreamTest, ClosedBeforeItWasStartedIsNeverHeardOf) {
  ScriptedServer server(TestAuthority(), {},
                        [](const SeenRequest&, Peer& peer) { peer.Write(Answer(200, "{}")); });
  RecordingSink sink;
  const auto transport = Connect(ConfigFor(server));
  transport->loop().Post(
      [&] { transport->Close(transport->OpenStream(Request("GET", "/"), sink)); });
  EXPECT_TRUE(Exchange(*transport, Request("GET", "/")));
  EXPECT_EQ(0, sink.status());
  EXPECT_FALSE(sink.ended());
}

TEST(StreamTest, EndsWithAnErrorWhenTheTransportGoes) {
  ScriptedServer server(TestAuthority(), {}, [](const SeenRequest&, Peer& peer) {
    peer.Write(StreamHead());
    peer.Hang();
  });
  RecordingSink sink;
  auto transport = Connect(ConfigFor(server));
  transport->OpenStream(Request("GET", "/"), sink);
  ASSERT_TRUE(sink.WaitForHead());
  transport.reset();
  ASSERT_TRUE(sink.error());
  EXPECT_EQ("GET /: shutting down", sink.error()->message);
}

// As a watch does: it asks for a timer, to try again later.
class StubbornSink final : public k8s::StreamSink {
 public:
  explicit StubbornSink(k8s::Transport& transport) : transport_(transport) {}
  void OnHead(int /*status*/, std::chrono::milliseconds /*retry_after*/) override {
    head_.set_value();
  }
  void OnBytes(std::string_view /*bytes*/) override {}
  void OnEnd(const k8s::Error* /*error*/) override {
    transport_.loop().After(1h, [] {});
    ended_ = true;
  }
  [[nodiscard]] bool WaitForHead() {
    return head_.get_future().wait_for(kPatience) == std::future_status::ready;
  }
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  k8s::Transport& transport_;
  std::promise<void> head_;
  bool ended_ = false;  // read once the transport's thread is gone
};

TEST(StreamTest, MayStillUseTheLoopWhenTheTransportGoes) {
  ScriptedServer server(TestAuthority(), {}, [](const SeenRequest&, Peer& peer) {
    peer.Write(StreamHead());
    peer.Hang();
  });
  auto transport = Connect(ConfigFor(server));
  StubbornSink sink(*transport);
  transport->OpenStream(Request("GET", "/"), sink);
  ASSERT_TRUE(sink.WaitForHead());
  transport.reset();
  EXPECT_TRUE(sink.ended());
}

}  // namespace
}  // namespace ffdl::test
