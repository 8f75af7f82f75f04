// Answers that a Kubernetes client must survive: each is an error that names the request and says
// what was wrong, and none makes a write happen twice.
#include <atomic>
#include <thread>
#include <vector>

#include "k8s-client/api/client.h"
#include "k8s-client/net/retrying_transport.h"
#include "test/wire/gzip.h"
#include "test/wire/wire_test.h"

namespace ffdl::test {
namespace {

using k8s::Delivery;
using k8s::ErrorCode;
using k8s::WriteOutcome;

// A server that carries each write out, or not, and answers what the test wants.
class FaultTest : public testing::Test {
 protected:
  using Script = ScriptedServer::Script;

  void Serve(Script script) {
    server_ = std::make_unique<ScriptedServer>(TestAuthority(), ScriptedServer::Options{},
                                               std::move(script));
    transport_ = Connect(ConfigFor(*server_), {.response_bytes_max = 1024UL * 1024});
  }
  void ServeAlways(const std::string& answer) {
    Serve([answer](const SeenRequest&, Peer& peer) { peer.Write(answer); });
  }
  [[nodiscard]] k8s::WriteResult Create() {
    k8s::Client client(*transport_);
    return *k8s::WaitFor<k8s::WriteResult>(kPatience, [&](auto done) {
      client.Create(k8s::kServiceType, "ml", {{"a", 1}}, "f", std::move(done));
    });
  }
  [[nodiscard]] k8s::Error ErrorOfGet() {
    const Reply reply = Exchange(*transport_, Request("GET", "/api/v1/pods?limit=1"));
    return reply ? k8s::DecodeStatus(*reply) : reply.error().error;
  }

  std::unique_ptr<ScriptedServer> server_;
  std::unique_ptr<k8s::CurlTransport> transport_;
};

TEST_F(FaultTest, DelayIsWaitedFor) {
  Serve([](const SeenRequest&, Peer& peer) {
    std::this_thread::sleep_for(20ms);
    peer.Write(Answer(200, "{}"));
  });
  EXPECT_EQ(WriteOutcome::kCommitted, Create().outcome);
}

TEST_F(FaultTest, TooManyRequestsIsRefusedWithTheWishOfTheServer) {
  ServeAlways(Answer(429, R"({"kind":"Status","reason":"TooManyRequests"})", "application/json",
                     "Retry-After: 7\r\nX-Kubernetes-PF-FlowSchema-UID: u-1\r\n"));
  const k8s::WriteResult refused = Create();
  EXPECT_EQ(WriteOutcome::kRejected, refused.outcome);
  EXPECT_EQ(7s, refused.error.retry_after);
  EXPECT_EQ("HTTP 429 TooManyRequests (flow schema u-1)", refused.error.message);
  EXPECT_NE("", refused.error.audit_id);
}

TEST_F(FaultTest, TooManyRequestsWithoutAWishIsRefused) {
  ServeAlways(Answer(429, ""));
  const k8s::WriteResult refused = Create();
  EXPECT_EQ(WriteOutcome::kRejected, refused.outcome);
  EXPECT_EQ(0s, refused.error.retry_after);
}

TEST_F(FaultTest, TooManyRequestsIsWaitedForByARetryingTransport) {
  std::atomic<int> requests = 0;
  Serve([&](const SeenRequest&, Peer& peer) {
    if (requests++ > 0) return peer.Write(Answer(201, "{}"));
    peer.Write(Answer(429, "", "application/json", "Retry-After: 1\r\n"));
  });
  k8s::RetryingTransport retrying(*transport_, k8s::SystemClock());
  k8s::Client client(retrying);
  const auto written = k8s::WaitFor<k8s::WriteResult>(kPatience, [&](auto done) {
    client.Create(k8s::kServiceType, "ml", {{"a", 1}}, "f", std::move(done));
  });
  EXPECT_EQ(WriteOutcome::kCommitted, written->outcome);
  EXPECT_EQ(2, requests);
}

TEST_F(FaultTest, ServerErrorsLeaveAWriteInDoubt) {
  for (const int status : {500, 502, 503, 504}) {
    ServeAlways(Answer(status, ""));
    EXPECT_EQ(WriteOutcome::kUnknown, Create().outcome) << status;
  }
}

TEST_F(FaultTest, ResetInTheMiddleOfAnAnswerLeavesAWriteInDoubt) {
  Serve([](const SeenRequest&, Peer& peer) {
    const std::string answer = Answer(201, std::string(1000, 'a'));
    peer.Write(answer.substr(0, answer.size() / 2));
    peer.Reset();
  });
  const k8s::WriteResult cut = Create();
  EXPECT_EQ(WriteOutcome::kUnknown, cut.outcome);
  EXPECT_TRUE(cut.error.message.starts_with("POST /api/v1/namespaces/ml/services: "))
      << cut.error.message;
}

TEST_F(FaultTest, UnauthorizedForEverIsCounted) {
  ServeAlways(Answer(401, R"({"kind":"Status","reason":"Unauthorized","message":"no"})"));
  EXPECT_EQ(0ns, transport_->refused_for());
  EXPECT_EQ(ErrorCode::kUnauthorized, ErrorOfGet().code);
  const auto first = transport_->refused_for();
  EXPECT_EQ("HTTP 401 Unauthorized: no", ErrorOfGet().message);
  EXPECT_LT(first, transport_->refused_for());
}

TEST_F(FaultTest, PageOfAProxyIsNamed) {
  ServeAlways(Answer(502, "<html>\r\n  <h1>Bad Gateway</h1>\n</html>\n", "text/html"));
  const k8s::Error error = ErrorOfGet();
  EXPECT_EQ(ErrorCode::kUnavailable, error.code);
  EXPECT_EQ("GET /api/v1/pods: HTTP 502: <html> <h1>Bad Gateway</h1> </html>", error.message);
  EXPECT_EQ("POST /api/v1/namespaces/ml/services: HTTP 502: <html> <h1>Bad Gateway</h1> </html>",
            Create().error.message);
}

TEST_F(FaultTest, PageWithStatus200IsNoAnswerOfTheApi) {
  ServeAlways(Answer(200, "<h1>Log in</h1>", "text/html"));
  EXPECT_EQ(ErrorCode::kBadResponse, ErrorOfGet().code);
  EXPECT_EQ("GET /api/v1/pods: the answer is text/html, not application/json",
            ErrorOfGet().message);
  EXPECT_EQ(WriteOutcome::kUnknown, Create().outcome);
}

TEST_F(FaultTest, PageWithStatus200IsNoWatch) {
  ServeAlways(Answer(200, "<h1>Log in</h1>", "text/html"));
  RecordingSink sink;
  transport_->OpenStream(Request("GET", "/watch"), sink);
  ASSERT_TRUE(sink.WaitForEnd());
  EXPECT_EQ(0, sink.status());
  EXPECT_EQ("", sink.bytes());
  EXPECT_EQ("GET /watch: the answer is text/html, not application/json",
            sink.error().value_or(k8s::Error{}).message);
}

TEST_F(FaultTest, LogIsTextOfAnyType) {
  ServeAlways(Answer(200, "line 1\nline 2\n", "text/plain"));
  RecordingSink sink;
  k8s::Client client(*transport_);
  client.StreamLog({"ml", "bert-0"}, {.follow = true}, sink);
  ASSERT_TRUE(sink.WaitForEnd());
  EXPECT_EQ("line 1\nline 2\n", sink.bytes());
  EXPECT_EQ(std::nullopt, sink.error());
}

// A streaming list as API servers of Kubernetes 1.37 compress it: a gzip member for each flush.
void WriteCompressed(Peer& peer, const std::vector<std::string>& lines) {
  peer.Write(StreamHead("Content-Encoding: gzip\r\n"));
  for (const std::string& line : lines) peer.Write(Chunk(GzipMember(line)));
  peer.Write(kLastChunk);
}

const std::vector<std::string> two_lines{"{\"a\":1}\n", "{\"b\":2}\n"};

// libcurl would undo the first member and fail on the second.
TEST_F(FaultTest, CompressionThatNobodyAskedForIsNamed) {
  Serve([](const SeenRequest&, Peer& peer) { WriteCompressed(peer, two_lines); });
  RecordingSink sink;
  transport_->OpenStream(Request("GET", "/watch"), sink);
  ASSERT_TRUE(sink.WaitForEnd());
  EXPECT_EQ("", sink.bytes());
  EXPECT_EQ("GET /watch: the answer is compressed (gzip) although none was asked for",
            sink.error().value_or(k8s::Error{}).message);
}

TEST_F(FaultTest, CompressionInSeveralMembersIsNotAskedFor) {
  Serve([](const SeenRequest& request, Peer& peer) {
    const auto wish = request.headers.find("accept-encoding");
    if (wish != request.headers.end() && wish->second.find("gzip") != std::string::npos) {
      return WriteCompressed(peer, two_lines);
    }
    peer.Write(StreamHead() + Chunk(two_lines[0]) + Chunk(two_lines[1]) + std::string(kLastChunk));
  });
  RecordingSink sink;
  transport_->OpenStream(Request("GET", "/watch"), sink);
  ASSERT_TRUE(sink.WaitForEnd());
  EXPECT_EQ(std::nullopt, sink.error());
  EXPECT_EQ(two_lines[0] + two_lines[1], sink.bytes());
}

TEST_F(FaultTest, HeadWithoutEndIsCut) {
  Serve([](const SeenRequest&, Peer& peer) {
    peer.Write("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 10'000; ++i) peer.Write("X-Filler: " + std::string(100, 'x') + "\r\n");
    peer.Close();
  });
  EXPECT_EQ("GET /api/v1/pods: the head of the answer is larger than 262144 bytes",
            ErrorOfGet().message);
}

TEST_F(FaultTest, BodyWithoutEndIsCut) {
  Serve([](const SeenRequest&, Peer& peer) {
    peer.Write(StreamHead());
    for (int i = 0; i < 200; ++i) peer.Write(Chunk(std::string(16 * 1024, 'x')));
    peer.Close();
  });
  EXPECT_EQ("GET /api/v1/pods: the answer is larger than 1048576 bytes", ErrorOfGet().message);
}

TEST_F(FaultTest, StatusThatIsNoneIsTakenByItsNumber) {
  const std::string deep = std::string(100'000, '[');
  for (const std::string& body : {std::string("{\"kind\":\"Status\",\"message\":\"\xFF\"}"), deep,
                                  std::string(R"({"kind":7,"reason":[]})")}) {
    ServeAlways(Answer(403, body));
    EXPECT_EQ(ErrorCode::kForbidden, ErrorOfGet().code);
    EXPECT_LE(ErrorOfGet().message.size(), 250U);
  }
}

TEST_F(FaultTest, RedirectIsNotFollowed) {
  ServeAlways(Answer(302, "", "text/plain", "Location: https://127.0.0.1:1/\r\n"));
  EXPECT_EQ(ErrorCode::kBadResponse, ErrorOfGet().code);
  EXPECT_EQ(WriteOutcome::kRejected, Create().outcome);
}

TEST_F(FaultTest, WarningsAreToldOnceEach) {
  std::vector<std::string> notices;
  Serve([](const SeenRequest&, Peer& peer) {
    peer.Write(Answer(200, "{}", "application/json",
                      "Warning: 299 - \"unknown field\"\r\nWARNING: 299 - \"deprecated\"\r\n"));
  });
  transport_ = Connect(ConfigFor(*server_),
                       {.notice = [&](std::string_view text) { notices.emplace_back(text); }});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Exchange(*transport_, Request("GET", "/")));
  transport_.reset();
  EXPECT_EQ((std::vector<std::string>{"the API server warns: unknown field",
                                      "the API server warns: deprecated"}),
            notices);
}

TEST_F(FaultTest, MoreStreamsThanAServerAllowsAreNotOpened) {
  Serve([](const SeenRequest&, Peer& peer) {
    peer.Write(StreamHead());
    peer.Hang();
  });
  transport_ = Connect(ConfigFor(*server_), {.streams_max = 1});
  RecordingSink first;
  RecordingSink second;
  transport_->OpenStream(Request("GET", "/watch"), first);
  ASSERT_TRUE(first.WaitForHead());
  transport_->OpenStream(Request("GET", "/watch"), second);
  ASSERT_TRUE(second.WaitForEnd());
  EXPECT_EQ("GET /watch: too many streams are open", second.error()->message);
  EXPECT_FALSE(first.ended());
  transport_.reset();  // before the sinks
}

// Over HTTP/1.1 each request that is under way at the same time needs a connection of its own.
TEST_F(FaultTest, TooManyRequestsLetFewerOutAtOnce) {
  ServeAlways(Answer(429, ""));
  transport_ =
      Connect(ConfigFor(*server_), {.in_flight = {.adaptive = true, .first = 8, .least = 1}});
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(Exchange(*transport_, Request("GET", "/")));
  std::vector<std::future<Reply>> replies;
  for (int i = 0; i < 8; ++i) {
    const auto promise = std::make_shared<std::promise<Reply>>();
    replies.push_back(promise->get_future());
    transport_->Send(Request("GET", "/"),
                     [promise](Reply reply) { promise->set_value(std::move(reply)); });
  }
  for (auto& reply : replies) EXPECT_TRUE(reply.get());
  EXPECT_EQ(1, server_->connections());
}

}  // namespace
}  // namespace ffdl::test
