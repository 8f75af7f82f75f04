#include "operator/controller/debug_pages.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <future>
#include <thread>

#include "test/support/fake_cache.h"
#include "test/support/virtual_time.h"

namespace ffdl::server {
namespace {

using namespace std::chrono_literals;

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(DebugPagesTest, NameEveryThread) {
  std::promise<void> named;
  std::promise<void> done;
  std::jthread thread([&] {
    pthread_setname_np(pthread_self(), "a (b) c");
    named.set_value();
    done.get_future().wait();
  });
  named.get_future().wait();
  const std::string page = ThreadsPage({.text = "[+] loop lease\n"});
  done.set_value();
  EXPECT_TRUE(Has(page, " a (b) c ")) << page;
  EXPECT_TRUE(Has(page, " s CPU\n\n[+] loop lease\n")) << page;
}

TEST(DebugPagesTest, ListCachesAndTheirObjects) {
  test::VirtualTime time;
  time.RunFor(3s);
  test::FakeCache pods(k8s::kPodType);
  pods.Hold({"ml", "bert-0"}, "uid-1");
  EXPECT_TRUE(
      Has(CachePage({&pods}, "", time), "pods: 1 objects, version 10, heard of 3.0 s ago\n"));
  EXPECT_TRUE(Has(CachePage({&pods}, "pods", time), "ml/bert-0 uid=uid-1 version=5 age="));
  EXPECT_TRUE(Has(CachePage({&pods}, "nodes", time), "no cache of nodes; there are:\npods: "));
}

TEST(DebugPagesTest, ShowTheQueueWithItsLanes) {
  EXPECT_EQ(
      "with workers, and for how long: 1\n"
      "       1.500 s  urgent     ml/a\n"
      "waiting, and for how long: 12\n"
      "       0.010 s  child      ml/b\n"
      "  ... and 11 more\n"
      "delayed, and how long still: 0\n",
      QueuePage({.waiting_count = 12,
                 .waiting = {{.item = {{"ml", "b"}, k8s::Lane::kChild}, .time = 10ms}},
                 .processing = {{.item = {{"ml", "a"}, k8s::Lane::kUrgent}, .time = 1500ms}}}));
}

TEST(DebugPagesTest, TellWhatWasDecided) {
  k8s::DecisionTrace trace;
  trace.Record({"ml", "bert"}, {.lane = k8s::Lane::kSpec,
                                .seen = "pods 812",
                                .plan = "create Service ml/bert (service missing)",
                                .result = "done"});
  trace.RecordIdle({"ml", "bert"});
  EXPECT_EQ(
      "1970-01-01T00:00:00.000000Z [spec] create Service ml/bert (service missing)\n"
      "    seen: pods 812\n"
      "    done\n"
      "    then 1 passes with nothing to do\n",
      TracePage(trace, "ml/bert"));
  EXPECT_TRUE(Has(TracePage(trace, ""), "ml/bert\n"));
  EXPECT_EQ("nothing was decided for ml/x lately\n", TracePage(trace, "ml/x"));
  EXPECT_EQ("?key=NAMESPACE/NAME\n", TracePage(trace, "bert"));
}

TEST(DebugPagesTest, ListTheConnectionsOfEachTransport) {
  k8s::TransportReport watches{
      .streams = 5, .requests = 1, .requests_most = 64, .waiting = 2, .silent = 400ms};
  watches.connections = {{.peer = "10.96.0.1:443", .port = 40122, .age = 61s, .streams = 5}};
  EXPECT_EQ(
      "k8s-lease: 0 streams and 0 of at most 64 requests under way, 0 waiting\n"
      "  no connection\n"
      "k8s-watches: 5 streams and 1 of at most 64 requests under way, 2 waiting\n"
      "  read something 0.4 s ago\n"
      "  port 40122 to 10.96.0.1:443, 61.0 s old, 5 streams, 0 requests\n"
      "k8s-requests: its loop does not answer\n",
      ConnectionsPage({{.name = "k8s-lease", .report = k8s::TransportReport{.requests_most = 64}},
                       {.name = "k8s-watches", .report = watches},
                       {.name = "k8s-requests", .report = std::nullopt}}));
}

TEST(DebugPagesTest, TellWhatTheHeapHolds) {
  EXPECT_TRUE(Has(HeapPage(), " bytes in use, "));
  EXPECT_TRUE(Has(HeapPage(), "VmRSS:"));
}

}  // namespace
}  // namespace ffdl::server
