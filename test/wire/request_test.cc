// What becomes of requests that have one answer, or none.
#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <set>
#include <vector>

#include "k8s-client/api/client.h"
#include "test/wire/loopback_server.h"
#include "test/wire/wire_test.h"

namespace ffdl::test {
namespace {

using k8s::Delivery;
using k8s::ErrorCode;

TEST(RequestTest, CarriesMethodPathHeadersAndBodyThereAndBack) {
  std::promise<SeenRequest> seen;
  ScriptedServer server(TestAuthority(), {}, [&](const SeenRequest& request, Peer& peer) {
    seen.set_value(request);
    peer.Write(Answer(201, R"({"kind":"Pod"})", "application/json", "Retry-After: 7\r\n"));
  });
  k8s::ClusterConfig config = ConfigFor(server);
  config.path_prefix = "/clusters/c-1";
  config.token = "secret";
  const auto transport = Connect(config, {.user_agent = "test/1", .audit_id_prefix = "a1"});

  const Reply reply = Exchange(*transport, Request("POST", "/api/v1/pods?a=%2F", R"({"a":1})"));

  ASSERT_TRUE(reply) << reply.error().error.message;
  EXPECT_EQ(201, reply->status);
  EXPECT_EQ("application/json", reply->content_type);
  EXPECT_EQ(7s, reply->retry_after);
  EXPECT_EQ(R"({"kind":"Pod"})", reply->body);
  SeenRequest request = seen.get_future().get();
  EXPECT_EQ("POST", request.method);
  EXPECT_EQ("/clusters/c-1/api/v1/pods?a=%2F", request.target);
  EXPECT_EQ(R"({"a":1})", request.body);
  EXPECT_EQ("application/json", request.headers["content-type"]);
  EXPECT_EQ("identity", request.headers["accept-encoding"]);
  EXPECT_EQ("Bearer secret", request.headers["authorization"]);
  EXPECT_EQ("test/1", request.headers["user-agent"]);
  EXPECT_EQ("a1-1", request.headers["audit-id"]);
  EXPECT_EQ("a1-1", reply->audit_id);
  EXPECT_EQ("20s", request.timeout);
}

TEST(RequestTest, SharesOneConnectionWithThoseBeforeIt) {
  ScriptedServer server(TestAuthority(), {},
                        [](const SeenRequest&, Peer& peer) { peer.Write(Answer(200, "{}")); });
  const auto transport = Connect(ConfigFor(server));
  for (const char* method : {"GET", "POST", "DELETE", "PATCH", "GET"}) {
    ASSERT_TRUE(
        Exchange(*transport, Request(method, "/", method == std::string("GET") ? "" : "{}")));
  }
  EXPECT_EQ(1, server.connections());
}

TEST(RequestTest, TellsWhoAsksWhereNobodySaidOtherwise) {
  std::promise<std::string> seen;
  ScriptedServer server(TestAuthority(), {}, [&](const SeenRequest& request, Peer& peer) {
    seen.set_value(request.headers.at("user-agent"));
    peer.Write(Answer(200, "{}"));
  });
  const auto transport = Connect(ConfigFor(server));
  ASSERT_TRUE(Exchange(*transport, Request("GET", "/")));
  EXPECT_THAT(seen.get_future().get(),
              testing::MatchesRegex(R"(ffdl/[0-9]+\.[0-9]+\.[0-9]+ \(linux/[a-z0-9_]+\))"));
}

TEST(RequestTest, GoesOverHttp1OnlyWhereThatIsAskedFor) {
  ScriptedServer server(TestAuthority(), {.claims_http2 = true},
                        [](const SeenRequest&, Peer& peer) { peer.Write(Answer(200, "{}")); });
  // What this server would agree on with others, it cannot speak.
  EXPECT_FALSE(Exchange(*Connect(ConfigFor(server)), Request("POST", "/", "{}")));

  EXPECT_TRUE(
      Exchange(*Connect(ConfigFor(server), {.force_http1 = true}), Request("POST", "/", "{}")));
  k8s::ClusterConfig by_environment = ConfigFor(server);
  by_environment.http1_only = true;
  EXPECT_TRUE(Exchange(*Connect(by_environment), Request("POST", "/", "{}")));
}

TEST(RequestTest, WasNotSentWhenNobodyAnswersTheHandshake) {
  std::promise<void> over;
  LoopbackServer server([done = over.get_future().share()](int, int) { done.wait(); });
  const auto transport = Connect({.server = "https://127.0.0.1:" + std::to_string(server.port())},
                                 {.connect_timeout = 50ms});
  k8s::HttpRequest request = Request("POST", "/", "{}");
  request.timeout = 1h;

  const Reply reply = Exchange(*transport, std::move(request));

  over.set_value();
  ASSERT_FALSE(reply);
  EXPECT_EQ(Delivery::kNotSent, reply.error().delivery);
}

TEST(RequestTest, WasNotSentWhenNobodyListens) {
  const auto transport = Connect({.server = "https://127.0.0.1:" + std::to_string(ClosedPort())});
  const Reply reply = Exchange(*transport, Request("POST", "/", "{}"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(Delivery::kNotSent, reply.error().delivery);
  EXPECT_EQ(ErrorCode::kUnavailable, reply.error().error.code);
}

TEST(RequestTest, WasNotSentWhenTheConnectionIsResetBeforeIt) {
  ScriptedServer server(TestAuthority(), {.reset_before_tls = true}, {});
  const auto transport = Connect(ConfigFor(server));
  const Reply reply = Exchange(*transport, Request("POST", "/", "{}"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(Delivery::kNotSent, reply.error().delivery);
}

TEST(RequestTest, IsOfUnknownOutcomeWhenTheConnectionIsResetAfterIt) {
  ScriptedServer server(TestAuthority(), {}, [](const SeenRequest&, Peer& peer) { peer.Reset(); });
  const auto transport = Connect(ConfigFor(server));
  const Reply reply = Exchange(*transport, Request("POST", "/", "{}"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(Delivery::kUnknown, reply.error().delivery);
  EXPECT_EQ(ErrorCode::kUnavailable, reply.error().error.code);
}

// libcurl itself repeats a request when a connection that was used before ends without an answer.
TEST(RequestTest, IsNeverRepeatedSilentlyWhenItWrites) {
  std::atomic<int> posts = 0;
  ScriptedServer server(TestAuthority(), {}, [&](const SeenRequest& request, Peer& peer) {
    if (request.method == "GET") return peer.Write(Answer(200, "{}"));
    ++posts;
    peer.Close();
  });
  const auto transport = Connect(ConfigFor(server));
  ASSERT_TRUE(Exchange(*transport, Request("GET", "/")));

  const Reply reply = Exchange(*transport, Request("POST", "/", "{}"));

  ASSERT_FALSE(reply);
  EXPECT_EQ(Delivery::kUnknown, reply.error().delivery);
  EXPECT_EQ(1, posts);
}

TEST(RequestTest, IsRepeatedWhenItReadsAndTheOldConnectionEnds) {
  ScriptedServer server(TestAuthority(), {}, [](const SeenRequest& request, Peer& peer) {
    if (request.target == "/second" && peer.number() == 1) return peer.Close();
    peer.Write(Answer(200, "{}"));
  });
  const auto transport = Connect(ConfigFor(server));
  ASSERT_TRUE(Exchange(*transport, Request("GET", "/first")));
  EXPECT_TRUE(Exchange(*transport, Request("GET", "/second")));
  EXPECT_EQ(2, server.connections());
}

TEST(RequestTest, TimesOutWhenTheServerIsSlowAndTheNextOneGetsANewConnection) {
  ScriptedServer server(TestAuthority(), {}, [](const SeenRequest& request, Peer& peer) {
    request.target == "/slow" ? peer.Hang() : peer.Write(Answer(200, "{}"));
  });
  const auto transport = Connect(ConfigFor(server));
  k8s::HttpRequest slow = Request("POST", "/slow", "{}");
  slow.timeout = 50ms;

  const Reply reply = Exchange(*transport, slow);

  ASSERT_FALSE(reply);
  EXPECT_EQ(Delivery::kUnknown, reply.error().delivery);
  EXPECT_EQ(ErrorCode::kTimeout, reply.error().error.code);
  EXPECT_EQ("POST /slow: no answer in time", reply.error().error.message);
  EXPECT_TRUE(Exchange(*transport, Request("GET", "/")));
  EXPECT_EQ(2, server.connections());
}

TEST(RequestTest, GoesOverANewConnectionWhenOneIsWanted) {
  std::promise<void> arrived;
  std::promise<void> go_on;
  ScriptedServer server(TestAuthority(), {}, [&](const SeenRequest& request, Peer& peer) {
    if (request.target == "/watch") {
      peer.Write(StreamHead());
      return peer.Hang();
    }
    if (request.target == "/slow") {
      arrived.set_value();
      go_on.get_future().wait();
    }
    peer.Write(Answer(200, std::to_string(peer.number())));
  });
  RecordingSink sink;
  const auto transport = Connect(ConfigFor(server));
  transport->OpenStream(Request("GET", "/watch"), sink);
  ASSERT_TRUE(sink.WaitForHead());
  std::promise<Reply> slow;
  transport->Send(Request("GET", "/slow"), [&](Reply reply) { slow.set_value(std::move(reply)); });
  arrived.get_future().wait();

  transport->Reconnect("it was told so");

  ASSERT_TRUE(sink.WaitForEnd());
  EXPECT_EQ("GET /watch: the connection was replaced: it was told so",
            sink.error().value_or(k8s::Error{}).message);
  const Reply next = Exchange(*transport, Request("GET", "/next"));
  go_on.set_value();
  const Reply under_way = slow.get_future().get();
  ASSERT_TRUE(next);
  ASSERT_TRUE(under_way) << "a request under way ends where it began";
  EXPECT_LT(std::stoi(under_way->body), std::stoi(next->body));
}

TEST(RequestTest, MayNotBringMoreThanTheCap) {
  ScriptedServer server(TestAuthority(), {}, [](const SeenRequest& request, Peer& peer) {
    peer.Write(Answer(200, std::string(request.target == "/large" ? 1025 : 1024, 'x')));
  });
  const auto transport = Connect(ConfigFor(server), {.response_bytes_max = 1024});

  EXPECT_TRUE(Exchange(*transport, Request("GET", "/small")));
  const Reply reply = Exchange(*transport, Request("GET", "/large"));

  ASSERT_FALSE(reply);
  EXPECT_EQ(ErrorCode::kBadResponse, reply.error().error.code);
  EXPECT_EQ("GET /large: the answer is larger than 1024 bytes", reply.error().error.message);
}

TEST(RequestTest, DoesNotFollowRedirects) {
  ScriptedServer server(TestAuthority(), {}, [](const SeenRequest&, Peer& peer) {
    peer.Write(Answer(302, "", "text/plain", "Location: /elsewhere\r\n"));
  });
  const auto transport = Connect(ConfigFor(server));
  const Reply reply = Exchange(*transport, Request("GET", "/"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(302, reply->status);
}

TEST(RequestTest, ThatIsLargeArrivesWhole) {
  const std::string body(300'000, 'b');
  ScriptedServer server(TestAuthority(), {}, [&](const SeenRequest& request, Peer& peer) {
    peer.Write(Answer(request.body == body ? 200 : 400, "{}"));
  });
  const auto transport = Connect(ConfigFor(server));
  const Reply reply = Exchange(*transport, Request("PATCH", "/", body));
  ASSERT_TRUE(reply) << reply.error().error.message;
  EXPECT_EQ(200, reply->status);
}

std::vector<std::future<Reply>> GetAtOnce(k8s::Transport& transport, int count) {
  std::vector<std::future<Reply>> replies;
  for (int i = 0; i < count; ++i) {
    const auto promise = std::make_shared<std::promise<Reply>>();
    replies.push_back(promise->get_future());
    transport.Send(Request("GET", "/" + std::to_string(i)),
                   [promise](Reply reply) { promise->set_value(std::move(reply)); });
  }
  return replies;
}

TEST(RequestTest, OfManyAtOnceEachGetsItsOwnAnswer) {
  ScriptedServer server(TestAuthority(), {}, [](const SeenRequest& request, Peer& peer) {
    peer.Write(Answer(200, request.target));
  });
  const auto transport =
      Connect(ConfigFor(server), {.connections_http1_max = 4, .in_flight = {.most = 8}});
  std::vector<std::future<Reply>> replies = GetAtOnce(*transport, 100);
  for (std::size_t i = 0; i < replies.size(); ++i) {
    const Reply reply = replies[i].get();
    ASSERT_TRUE(reply) << reply.error().error.message;
    EXPECT_EQ("/" + std::to_string(i), reply->body);
  }
  EXPECT_GE(4, server.connections());
}

TEST(RequestTest, WaitsForItsTurnNoLongerThanItsTimeOut) {
  std::promise<void> arrived;
  ScriptedServer server(TestAuthority(), {}, [&](const SeenRequest&, Peer& peer) {
    arrived.set_value();
    peer.Hang();
  });
  const auto transport = Connect(ConfigFor(server), {.in_flight = {.most = 1}});
  transport->Send(Request("GET", "/first"), [](const Reply&) {});
  arrived.get_future().wait();
  k8s::HttpRequest second = Request("POST", "/second", "{}");
  second.timeout = 20ms;

  const Reply reply = Exchange(*transport, second);

  ASSERT_FALSE(reply);
  EXPECT_EQ(Delivery::kNotSent, reply.error().delivery);
  EXPECT_EQ(ErrorCode::kTimeout, reply.error().error.code);
}

TEST(RequestTest, UnderWayEndsWithAnErrorWhenTheTransportGoes) {
  std::promise<void> arrived;
  ScriptedServer server(TestAuthority(), {}, [&](const SeenRequest&, Peer& peer) {
    arrived.set_value();
    peer.Hang();
  });
  auto transport = Connect(ConfigFor(server));
  std::promise<Reply> done;
  transport->Send(Request("POST", "/", "{}"),
                  [&](Reply reply) { done.set_value(std::move(reply)); });
  arrived.get_future().wait();

  transport.reset();

  const Reply reply = done.get_future().get();
  ASSERT_FALSE(reply);
  EXPECT_EQ(Delivery::kUnknown, reply.error().delivery);
}

TEST(ClientTest, ExplainsThePageOfABrokenProxy) {
  ScriptedServer server(TestAuthority(), {}, [](const SeenRequest&, Peer& peer) {
    peer.Write(Answer(502, "<html>\r\n  <h1>Bad Gateway</h1>\n</html>\n", "text/html"));
  });
  const auto transport = Connect(ConfigFor(server));
  k8s::Client client(*transport);

  const auto got = k8s::WaitFor<k8s::Result<std::string>>(kPatience, [&](auto done) {
    client.Get(k8s::kPodType, {"ml", "bert-0"}, std::move(done));
  });

  ASSERT_TRUE(got.has_value());
  ASSERT_FALSE(got->has_value());
  EXPECT_EQ(ErrorCode::kUnavailable, got->error().code);
  EXPECT_EQ("GET /api/v1/namespaces/ml/pods/bert-0: HTTP 502: <html> <h1>Bad Gateway</h1> </html>",
            got->error().message);
}

}  // namespace
}  // namespace ffdl::test
