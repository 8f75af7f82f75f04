// What a transport tells of itself.
#include <atomic>

#include "test/wire/wire_test.h"

namespace ffdl::test {
namespace {

class TransportReportTest : public testing::Test {
 protected:
  [[nodiscard]] k8s::TransportReport Report() {
    return *k8s::WaitFor<k8s::TransportReport>(
        kPatience, [&](auto done) { transport_->Report(std::move(done)); });
  }
  [[nodiscard]] std::string Authority() const {
    return server_.url().substr(server_.url().find("//") + 2);
  }

  std::promise<void> slow_arrived_;
  ScriptedServer server_{TestAuthority(), {}, [this](const SeenRequest& request, Peer& peer) {
                           if (request.target == "/get") return peer.Write(Answer(200, "{}"));
                           if (request.target == "/slow") slow_arrived_.set_value();
                           if (request.target == "/watch") peer.Write(StreamHead());
                           peer.Hang();
                         }};
  RecordingSink sink_;
  std::unique_ptr<k8s::CurlTransport> transport_ =
      Connect(ConfigFor(server_), {.in_flight = {.most = 1}});
};

TEST_F(TransportReportTest, IsEmptyBeforeAnythingWasSent) {
  const k8s::TransportReport report = Report();
  EXPECT_TRUE(report.connections.empty());
  EXPECT_EQ(0, report.streams + report.requests + report.waiting);
}

TEST_F(TransportReportTest, NamesEachConnectionWithWhatItCarries) {
  transport_->OpenStream(Request("GET", "/watch"), sink_);
  ASSERT_TRUE(sink_.WaitForHead());
  transport_->Send(Request("GET", "/slow"), [](const Reply&) {});
  slow_arrived_.get_future().wait();
  transport_->Send(Request("GET", "/get"), [](const Reply&) {});

  const k8s::TransportReport report = Report();

  EXPECT_EQ(1, report.streams);
  EXPECT_EQ(1, report.requests);
  EXPECT_EQ(1, report.requests_most);
  EXPECT_EQ(1, report.waiting);
  ASSERT_EQ(2U, report.connections.size());
  for (const auto& connection : report.connections) {
    EXPECT_EQ(Authority(), connection.peer);
    EXPECT_LT(0, connection.port);
  }
  EXPECT_EQ(1, report.connections[0].streams) << "the older one";
  EXPECT_EQ(0, report.connections[0].requests);
  EXPECT_EQ(0, report.connections[1].streams);
  EXPECT_EQ(1, report.connections[1].requests);
  EXPECT_GE(report.connections[0].age, report.connections[1].age);
}

TEST_F(TransportReportTest, KeepsAnIdleConnectionUntilItIsReplaced) {
  ASSERT_TRUE(Exchange(*transport_, Request("GET", "/get")));
  const k8s::TransportReport idle = Report();
  ASSERT_EQ(1U, idle.connections.size());
  transport_->Reconnect("a test");
  ASSERT_TRUE(Exchange(*transport_, Request("GET", "/get")));
  const k8s::TransportReport replaced = Report();
  ASSERT_EQ(1U, replaced.connections.size());
  EXPECT_NE(idle.connections[0].port, replaced.connections[0].port);
}

}  // namespace
}  // namespace ffdl::test
