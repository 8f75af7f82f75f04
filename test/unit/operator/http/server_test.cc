#include "operator/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <future>
#include <latch>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ffdl::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// A client that knows nothing of HTTP: what is sent and what comes back are bytes.
class Connection {
 public:
  explicit Connection(std::uint16_t port)
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    timeval limit{.tv_sec = 20, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }
  ~Connection() { close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }

  void Send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // Until the server closes the connection, or `enough` has been seen.
  [[nodiscard]] std::string Receive(std::string_view enough = {}) const {
    std::string received;
    std::array<char, 4096> buffer{};
    while (enough.empty() || received.find(enough) == std::string::npos) {
      const ssize_t count = recv(socket_, buffer.data(), buffer.size(), 0);
      if (count <= 0) break;
      received.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return received;
  }

 private:
  int socket_;
  bool connected_ = false;
};

std::string Exchange(std::uint16_t port, std::string_view request) {
  const Connection connection(port);
  connection.Send(request);
  return connection.Receive();
}

std::string Get(std::uint16_t port, std::string_view path) {
  return Exchange(
      port, "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
}

std::unique_ptr<Server> ServerOf(Handler handler, const ServerLimits& limits = {}) {
  k8s::Result<std::unique_ptr<Server>> server =
      Server::Listen("127.0.0.1:0", std::move(handler), limits);
  if (!server) throw std::runtime_error(server.error().message);
  return std::move(*server);
}

Response Echo(const Request& request) {
  return {.body = request.method + " " + request.path + " ?" + request.query + " " + request.body};
}

TEST(ServerTest, AnswersWithWhatTheHandlerSays) {
  const auto server = ServerOf([](const Request&) {
    return Response{
        .status = 201, .content_type = "text/html", .body = "made", .headers = {{"x-a", "b"}}};
  });
  const std::string answer = Get(server->port(), "/");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 201 Created\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/html\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 4\r\n"));
  EXPECT_THAT(answer, HasSubstr("x-a: b\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nmade"));
}

TEST(ServerTest, GivesTheHandlerTheDecodedPathTheQueryAndTheBody) {
  const auto server = ServerOf(Echo);
  EXPECT_THAT(Exchange(server->port(),
                       "POST /a%20b/c?x=1%202 HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n"
                       "Connection: close\r\n\r\nbody"),
              EndsWith("\r\n\r\nPOST /a b/c ?x=1%202 body"));
}

TEST(ServerTest, GivesHeaderNamesInLowerCase) {
  const auto server = ServerOf(
      [](const Request& request) { return Response{.body = request.headers.at("x-mixed-case")}; });
  EXPECT_THAT(Exchange(server->port(),
                       "GET / HTTP/1.1\r\nX-Mixed-CASE: Value\r\nConnection: close\r\n\r\n"),
              EndsWith("\r\n\r\nValue"));
}

TEST(ServerTest, KeepsTheConnectionForTheNextRequest) {
  const auto server = ServerOf(Echo);
  const Connection connection(server->port());
  for (const char* path : {"/one", "/two", "/three"}) {
    connection.Send(std::string("GET ") + path + " HTTP/1.1\r\nHost: t\r\n\r\n");
    EXPECT_THAT(connection.Receive(path), HasSubstr("200 OK"));
  }
}

TEST(ServerTest, ServesLargeAnswersWhole) {
  const std::string large(3'000'000, 'x');
  const auto server = ServerOf([&](const Request&) { return Response{.body = large}; });
  EXPECT_THAT(Get(server->port(), "/"), EndsWith("\r\n\r\n" + large));
}

TEST(ServerTest, ServesManyClientsAtOnce) {
  const auto server = ServerOf(Echo);
  std::vector<std::future<std::string>> answers;
  for (int client = 0; client < 24; ++client) {
    answers.push_back(std::async(std::launch::async, [&server, client] {
      return Get(server->port(), "/" + std::to_string(client));
    }));
  }
  for (int client = 0; client < 24; ++client) {
    EXPECT_THAT(answers[static_cast<std::size_t>(client)].get(),
                EndsWith("GET /" + std::to_string(client) + " ? "));
  }
}

TEST(ServerTest, IsNotHeldUpByClientsThatSendNothing) {
  const auto server = ServerOf(Echo);
  std::vector<std::unique_ptr<Connection>> silent;
  for (int client = 0; client < 8; ++client) {
    silent.push_back(std::make_unique<Connection>(server->port()));
    silent.back()->Send("POST /slow HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf");
  }
  EXPECT_THAT(Get(server->port(), "/"), HasSubstr("200 OK"));
}

TEST(ServerTest, StopsWhileManyClientsAreInTheMiddleOfARequest) {
  constexpr int kServers = 20;
  constexpr int kClients = 100;
  for (int round = 0; round < kServers; ++round) {
    auto server = ServerOf(Echo);
    std::vector<std::unique_ptr<Connection>> clients;
    for (int client = 0; client < kClients; ++client) {
      clients.push_back(std::make_unique<Connection>(server->port()));
      clients.back()->Send("POST /slow HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf");
    }
    EXPECT_THAT(Get(server->port(), "/"), HasSubstr("200 OK"));  // all have been let in
    server.reset();
  }
}

TEST(ServerTest, AnswersAnExceptionOfTheHandlerWithoutItsReason) {
  const auto server =
      ServerOf([](const Request&) -> Response { throw std::runtime_error("secret"); });
  const std::string answer = Get(server->port(), "/");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(answer, testing::Not(HasSubstr("secret")));
}

TEST(ServerTest, LetsNoHeaderValueForgeAnother) {
  const auto server = ServerOf([](const Request&) {
    return Response{.headers = {{"x-a", "b\r\nset-cookie: c"}}};
  });
  EXPECT_THAT(Get(server->port(), "/"), testing::Not(HasSubstr("set-cookie")));
}

struct RefusalCase {
  std::string name;
  std::string request;
  std::string status;
};

class RefusalTest : public testing::TestWithParam<RefusalCase> {};

TEST_P(RefusalTest, ReachesNoHandler) {
  const auto server = ServerOf(
      [](const Request&) -> Response {
        ADD_FAILURE() << "the handler was called";
        return {};
      },
      {.body_bytes = 10, .target_bytes = 100, .header_bytes = 1000});
  EXPECT_THAT(Exchange(server->port(), GetParam().request),
              StartsWith("HTTP/1.1 " + GetParam().status + " "));
}

INSTANTIATE_TEST_SUITE_P(
    Server, RefusalTest,
    testing::Values(
        RefusalCase{"NotHttp", "\x16\x03\x01 hello\r\n\r\n", "400"},
        RefusalCase{"NoVersion", "GET /\r\n\r\n", "400"},
        RefusalCase{"HeaderWithoutColon", "GET / HTTP/1.1\r\nnonsense\r\n\r\n", "400"},
        RefusalCase{"PathThatCannotBeDecoded", "GET /%zz HTTP/1.1\r\nConnection: close\r\n\r\n",
                    "400"},
        RefusalCase{"LongBody", "POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n12345678901", "413"},
        RefusalCase{"VeryLongBody",
                    "POST / HTTP/1.1\r\nContent-Length: 500000\r\n\r\n" + std::string(500'000, 'a'),
                    "413"},
        RefusalCase{"LongPath", "GET /" + std::string(100, 'a') + " HTTP/1.1\r\n\r\n", "414"},
        RefusalCase{"LongHeaders", "GET / HTTP/1.1\r\nA: " + std::string(1000, 'a') + "\r\n\r\n",
                    "431"},
        RefusalCase{"BodyOfUnknownLength",
                    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "411"}),
    [](const auto& entry) { return entry.param.name; });

TEST(ServerTest, StopsOnlyWhenTheRequestInFlightIsAnswered) {
  std::latch entered(1);
  std::latch may_answer(1);
  auto server = ServerOf([&](const Request&) {
    entered.count_down();
    may_answer.wait();
    return Response{.body = "finished"};
  });
  const Connection connection(server->port());
  connection.Send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
  entered.wait();
  std::future<void> stopped = std::async(std::launch::async, [&] { server.reset(); });
  EXPECT_EQ(std::future_status::timeout, stopped.wait_for(std::chrono::milliseconds(50)));
  may_answer.count_down();
  EXPECT_THAT(connection.Receive(), EndsWith("finished"));
  stopped.get();
}

TEST(ServerTest, StopsWhileClientsAreConnected) {
  auto server = ServerOf(Echo);
  const Connection silent(server->port());
  const Connection half(server->port());
  half.Send("GET / HT");
  EXPECT_THAT(Get(server->port(), "/"), HasSubstr("200 OK"));
  server.reset();
  EXPECT_EQ("", silent.Receive());
}

TEST(ServerTest, FreesItsPortWhenItStops) {
  auto server = ServerOf(Echo);
  const std::string address = "127.0.0.1:" + std::to_string(server->port());
  server.reset();
  EXPECT_FALSE(Connection(static_cast<std::uint16_t>(std::stoi(address.substr(10)))).connected());
  const auto again = Server::Listen(address, Echo);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_THAT(Get((*again)->port(), "/"), HasSubstr("200 OK"));
}

TEST(ServerTest, SaysThatAPortIsInUseAndLeavesItsOwnerAlone) {
  const auto owner = ServerOf(Echo);
  const std::string address = "127.0.0.1:" + std::to_string(owner->port());
  const auto second = Server::Listen(address, Echo);
  ASSERT_FALSE(second);
  EXPECT_EQ(k8s::ErrorCode::kUnavailable, second.error().code);
  EXPECT_EQ("listen on " + address + ": Address already in use", second.error().message);
  EXPECT_THAT(Get(owner->port(), "/"), HasSubstr("200 OK"));
}

TEST(ServerTest, RunsBesideAnother) {
  const auto one = ServerOf([](const Request&) { return Response{.body = "one"}; });
  const auto other = ServerOf([](const Request&) { return Response{.body = "other"}; });
  EXPECT_THAT(Get(one->port(), "/"), EndsWith("\r\n\r\none"));
  EXPECT_THAT(Get(other->port(), "/"), EndsWith("\r\n\r\nother"));
}

TEST(ServerTest, ListensOnAllAddresses) {
  const auto server = Server::Listen(":0", Echo);
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_THAT(Get((*server)->port(), "/"), HasSubstr("200 OK"));
}

TEST(RouteTest, AnswersByPath) {
  const Handler handler =
      Route({{"/healthz", [](const Request&) { return Response{.body = "ok"}; }}});
  EXPECT_EQ("ok", handler({.method = "GET", .path = "/healthz"}).body);
  EXPECT_EQ(404, handler({.method = "GET", .path = "/other"}).status);
  EXPECT_EQ(404, handler({.method = "GET", .path = "/healthz/"}).status);
  EXPECT_EQ(405, handler({.method = "POST", .path = "/healthz"}).status);
}

TEST(RouteTest, AnswersHeadWithoutABody) {
  const auto server =
      ServerOf(Route({{"/x", [](const Request&) { return Response{.body = "ok"}; }}}));
  EXPECT_THAT(Exchange(server->port(), "HEAD /x HTTP/1.1\r\nConnection: close\r\n\r\n"),
              EndsWith("\r\n\r\n"));
}

}  // namespace
}  // namespace ffdl::http
