// The reflector through an informer of pods, on a virtual clock: what it asks the server, and what
// the store shows after each way in which a list or a watch can go.
#include "k8s-client/informer/reflector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "k8s-client/informer/informer.h"
#include "test/support/fake_transport.h"
#include "test/support/pod_json.h"
#include "test/support/virtual_time.h"

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;
using test::BookmarkLine;
using test::ErrorLine;
using test::FakeTransport;
using test::PodJson;
using testing::HasSubstr;
using testing::Not;
using Names = std::vector<std::string>;

constexpr auto kBackoffMax = 31s;  // longer than any delay but those asked for by name

class ReflectorTest : public testing::Test {
 protected:
  ReflectorTest()
      : transport_(time_),
        pods_({.type = kPodType, .label_selector = "ffdl.io/job"}, ReadPod, transport_,
              {.clock = time_, .random = random_, .metrics = metrics_}) {
    pods_.store().OnChange([this](const auto& before, const auto& after) {
      const std::string& name = (after ? after : before)->meta.key.name;
      changes_.push_back((before ? (after ? "~" : "-") : "+") + name);
    });
    pods_.OnProgress([this] { ++progress_; });
    pods_.Start();
    time_.RunReady();
  }

  // The usual beginning: a streaming list of two pods that ends at version 20.
  void FillByStream() {
    transport_.Head(200);
    transport_.Line(PodJson("a").Version(11).Event("ADDED"));
    transport_.Line(PodJson("b").Version(12).Event("ADDED"));
    transport_.Line(BookmarkLine(20, /*ends_fill=*/true));
    TakeChanges();
  }
  void AnswerFill(const std::vector<PodJson>& pods, std::int64_t version) {
    transport_.Head(200);
    for (const PodJson& pod : pods) transport_.Line(pod.Event("ADDED"));
    transport_.Line(BookmarkLine(version, /*ends_fill=*/true));
  }
  Names TakeChanges() { return std::exchange(changes_, {}); }
  [[nodiscard]] bool AsksForFill() const {
    return transport_.streaming() &&
           transport_.stream_path().find("sendInitialEvents=true") != std::string::npos;
  }
  [[nodiscard]] bool ResumesFrom(const std::string& version) const {
    return transport_.streaming() &&
           transport_.stream_path().find("resourceVersion=" + version) != std::string::npos;
  }
  // How long until the next attempt, to 10 ms; 1 hour at most.
  std::chrono::milliseconds UntilNextStream() {
    const std::size_t before = transport_.streams.size();
    std::chrono::milliseconds waited{0};
    for (; transport_.streams.size() == before && waited < 1h; waited += 10ms) time_.RunFor(10ms);
    return waited;
  }

  test::VirtualTime time_;
  Random random_{1};
  Metrics metrics_;
  FakeTransport transport_;
  Names changes_;
  int progress_ = 0;
  Informer<Pod> pods_;
};

TEST_F(ReflectorTest, AsksForAConsistentStreamingListFirst) {
  const std::string& path = transport_.stream_path();
  EXPECT_THAT(path, HasSubstr("/api/v1/pods?watch=1&allowWatchBookmarks=true"));
  EXPECT_THAT(path, HasSubstr("sendInitialEvents=true&resourceVersionMatch=NotOlderThan"));
  EXPECT_THAT(path, HasSubstr("labelSelector=ffdl.io%2Fjob"));
  EXPECT_THAT(path, Not(HasSubstr("resourceVersion=")));
}

TEST_F(ReflectorTest, FillsAtOnceAndThenFollows) {
  transport_.Head(200);
  transport_.Line(PodJson("a").Version(11).Event("ADDED"));
  transport_.Line(BookmarkLine(15, /*ends_fill=*/false));
  EXPECT_FALSE(pods_.synced());
  transport_.Line(BookmarkLine(20, /*ends_fill=*/true));
  EXPECT_TRUE(pods_.synced());
  EXPECT_EQ("20", pods_.resource_version());
  EXPECT_EQ("watching", pods_.state());

  transport_.Line(PodJson("b").Version(21).Event("ADDED"));
  transport_.Line(PodJson("a").Version(22).Event("MODIFIED"));
  transport_.Line(PodJson("b").Version(23).Event("DELETED"));
  EXPECT_EQ((Names{"+a", "+b", "~a", "-b"}), TakeChanges());
  EXPECT_EQ("23", pods_.resource_version());
}

TEST_F(ReflectorTest, ResumesWhereTheWatchEnded) {
  FillByStream();
  transport_.Line(BookmarkLine(40, /*ends_fill=*/false));
  time_.RunFor(5min);
  // The watchdog has replaced the silent stream once by now; the version is what counts.
  transport_.Head(200);
  time_.RunFor(10s);
  transport_.End();
  EXPECT_LE(UntilNextStream(), 1s + 10ms);
  EXPECT_TRUE(ResumesFrom("40"));
  EXPECT_EQ(Names{}, TakeChanges());
}

TEST_F(ReflectorTest, TellsProgressOnBookmarks) {
  FillByStream();
  const int before = progress_;
  transport_.Line(BookmarkLine(41, /*ends_fill=*/false));
  EXPECT_EQ(before + 1, progress_);
}

TEST_F(ReflectorTest, FillsAgainAfterExpiryAsAnEvent) {
  FillByStream();
  transport_.Line(ErrorLine(410, "Expired", "too old resource version"));
  time_.RunFor(kBackoffMax);
  ASSERT_TRUE(AsksForFill());
  AnswerFill({PodJson("b").Version(12)}, 50);
  EXPECT_EQ(Names{"-a"}, TakeChanges());
}

TEST_F(ReflectorTest, FillsAgainAfterExpiryAsAStatus) {
  FillByStream();
  transport_.End();
  time_.RunFor(2s);
  ASSERT_TRUE(ResumesFrom("20"));
  transport_.Refuse(410, R"({"kind":"Status","code":410,"reason":"Gone","message":"gone"})");
  time_.RunFor(kBackoffMax);
  EXPECT_TRUE(AsksForFill());
}

TEST_F(ReflectorTest, DoesNotSpinWhenEveryWatchExpires) {
  const std::size_t before = transport_.streams.size();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(AsksForFill());
    FillByStream();
    transport_.Line(ErrorLine(410, "Expired", "too old"));
    time_.RunFor(kBackoffMax);
  }
  EXPECT_EQ(before + 20, transport_.streams.size());
}

TEST_F(ReflectorTest, StartsOverWhenTheServerStaysBehind) {
  FillByStream();
  const auto too_large = ErrorLine(504, "Timeout", "Too large resource version: 20, current: 7");
  for (int i = 0; i < Reflector::kTooLargeTriesMax; ++i) {
    transport_.Line(too_large);
    time_.RunFor(kBackoffMax);
    ASSERT_TRUE(ResumesFrom("20")) << i;
    transport_.Head(200);
  }
  transport_.Line(too_large);
  time_.RunFor(kBackoffMax);
  EXPECT_TRUE(AsksForFill());
}

TEST_F(ReflectorTest, WaitsAsLongAsAThrottlingServerAsks) {
  transport_.Refuse(429, "", 7s);
  EXPECT_GE(UntilNextStream(), 7s);
  EXPECT_TRUE(AsksForFill());
}

TEST_F(ReflectorTest, BacksOffFromServerErrorsUpTo30Seconds) {
  std::chrono::milliseconds longest{0};
  for (int i = 0; i < 30; ++i) {
    transport_.Refuse(503, "not JSON");
    longest = std::max(longest, UntilNextStream());
  }
  EXPECT_GT(longest, 10s);
  EXPECT_LE(longest, 30s + 10ms);
}

TEST_F(ReflectorTest, BeginsWithShortDelaysAgainAfterAHealthyWatch) {
  for (int i = 0; i < 10; ++i) {
    transport_.Break();
    UntilNextStream();
  }
  FillByStream();
  time_.RunFor(2min + 1s);
  transport_.Break();
  EXPECT_LE(UntilNextStream(), 800ms + 10ms);
}

TEST_F(ReflectorTest, KeepsTheCacheAndWaitsWhenForbidden) {
  FillByStream();
  transport_.Break();
  UntilNextStream();
  transport_.Refuse(
      403, R"({"kind":"Status","code":403,"reason":"Forbidden","message":"no pods for you"})");
  EXPECT_THAT(pods_.state(), HasSubstr("forbidden: "));
  EXPECT_THAT(pods_.state(), HasSubstr("no pods for you"));
  EXPECT_GE(UntilNextStream(), Reflector::kForbiddenRetry);
  EXPECT_EQ(2U, pods_.store().size());
  EXPECT_TRUE(pods_.synced());
}

TEST_F(ReflectorTest, BacksOffWhenUnauthorized) {
  transport_.Refuse(401, R"({"kind":"Status","code":401,"reason":"Unauthorized"})");
  EXPECT_LE(UntilNextStream(), 800ms + 10ms);
  EXPECT_TRUE(AsksForFill());
}

TEST_F(ReflectorTest, PollsForAKindThatIsNotServed) {
  std::chrono::milliseconds longest{0};
  transport_.Refuse(404, "404 page not found");
  EXPECT_THAT(pods_.state(), HasSubstr("is its CRD installed?"));
  const auto first = UntilNextStream();
  EXPECT_GE(first, 8s);
  EXPECT_LE(first, 10s + 10ms);
  for (int i = 0; i < 10; ++i) {
    transport_.Refuse(404, "404 page not found");
    longest = std::max(longest, UntilNextStream());
  }
  EXPECT_GE(longest, 4min);
  EXPECT_LE(longest, 5min + 10ms);
  AnswerFill({PodJson("a").Version(3)}, 4);
  EXPECT_TRUE(pods_.synced());
}

TEST_F(ReflectorTest, BacksOffFromVeryShortWatches) {
  FillByStream();
  std::chrono::milliseconds longest{0};
  for (int i = 0; i < 15; ++i) {
    transport_.End();
    longest = std::max(longest, UntilNextStream());
    transport_.Head(200);
  }
  EXPECT_GT(longest, 5s);
}

TEST_F(ReflectorTest, ReplacesAWatchThatWentSilent) {
  FillByStream();
  const std::size_t before = transport_.streams.size();
  time_.RunFor(149s);
  EXPECT_EQ(before, transport_.streams.size());
  time_.RunFor(7s);
  EXPECT_EQ(before + 1, transport_.streams.size());
  EXPECT_EQ(nullptr, transport_.streams[before - 1].sink);
  EXPECT_TRUE(ResumesFrom("20"));
}

TEST_F(ReflectorTest, ReplacesAWatchThatTheServerDoesNotEnd) {
  FillByStream();
  const std::size_t before = transport_.streams.size();
  for (int i = 0; i < 11 && transport_.streams.size() == before; ++i) {
    transport_.Line(BookmarkLine(20 + i, /*ends_fill=*/false));
    time_.RunFor(1min);
  }
  EXPECT_EQ(before + 1, transport_.streams.size());
}

TEST_F(ReflectorTest, ListsPageByPageWhereStreamingListsAreRefused) {
  test::ScriptedServer server;
  server
      .On("GET /api/v1/pods",
          FakeTransport::Ok(R"({"metadata":{"resourceVersion":"30","continue":"t/1="},"items":[)" +
                            PodJson("a").Version(11).Text() + "]}"))
      .On("GET /api/v1/pods",
          FakeTransport::Ok(R"({"kind":"PodList","items":[)" + PodJson("b").Version(12).Text() +
                            R"(],"metadata":{"resourceVersion":"30"}})"));
  transport_.server = server;
  transport_.Refuse(422, R"({"kind":"Status","code":422,"reason":"Invalid"})");
  time_.RunFor(1s);
  ASSERT_EQ(2U, transport_.requests.size());
  EXPECT_EQ("/api/v1/pods?limit=500&labelSelector=ffdl.io%2Fjob", transport_.requests[0].path);
  EXPECT_EQ("/api/v1/pods?limit=500&labelSelector=ffdl.io%2Fjob&continue=t%2F1%3D",
            transport_.requests[1].path);
  EXPECT_EQ((Names{"+a", "+b"}), TakeChanges());
  EXPECT_TRUE(ResumesFrom("30"));
}

TEST_F(ReflectorTest, ListsAgainFromTheFirstPageWhenTheTokenExpires) {
  test::ScriptedServer server;
  const auto first =
      FakeTransport::Ok(R"({"metadata":{"resourceVersion":"30","continue":"t"},"items":[)" +
                        PodJson("gone").Version(11).Text() + "]}");
  server.On("GET /api/v1/pods", first)
      .On("GET /api/v1/pods", FakeTransport::Status(410, "Expired"))
      .On("GET /api/v1/pods",
          FakeTransport::Ok(R"({"metadata":{"resourceVersion":"33"},"items":[]})"));
  transport_.server = server;
  transport_.Refuse(400);
  time_.RunFor(kBackoffMax);
  EXPECT_EQ(Names{}, TakeChanges());
  EXPECT_TRUE(pods_.synced());
  EXPECT_TRUE(ResumesFrom("33"));
}

TEST_F(ReflectorTest, FallsBackToPagesWhenTheEndOfTheFillNeverComes) {
  test::ScriptedServer server;
  server.On("GET /api/v1/pods",
            FakeTransport::Ok(R"({"metadata":{"resourceVersion":"30"},"items":[]})"));
  transport_.server = server;
  transport_.Head(200);
  transport_.Line(PodJson("a").Version(11).Event("ADDED"));
  time_.RunFor(9s);
  EXPECT_TRUE(transport_.requests.empty());
  time_.RunFor(7s);
  EXPECT_EQ(1U, transport_.requests.size());
  EXPECT_TRUE(ResumesFrom("30"));
}

TEST_F(ReflectorTest, MarksAnUndecodableObjectAndGoesOn) {
  FillByStream();
  transport_.Line(PodJson("a").Version(30).Set("/status/phase", 7).Event("MODIFIED"));
  transport_.Line(PodJson("c").Version(31).Event("ADDED"));
  EXPECT_EQ(Names{"+c"}, TakeChanges());
  const auto marked = pods_.store().UndecodableAt({"ml", "a"});
  ASSERT_TRUE(marked.has_value());
  EXPECT_EQ("status.phase: not a string", marked->error);
  EXPECT_EQ("31", pods_.resource_version());
  // Its deletion needs no more than its name.
  transport_.Line(PodJson("a").Version(32).Set("/status/phase", 7).Event("DELETED"));
  EXPECT_EQ(Names{"-a"}, TakeChanges());
  EXPECT_FALSE(pods_.store().UndecodableAt({"ml", "a"}).has_value());
}

TEST_F(ReflectorTest, FillsAgainWhenNotEvenTheNameCanBeRead) {
  for (const std::string& line :
       {std::string(R"({"type":"MODIFIED","object":{"metadata":{"name":7}}})"),
        std::string(R"({"type":"MODIFIED","object":{"metadata":)"), std::string("garbage"),
        std::string(R"({"type":"NEWS","object":{}})")}) {
    FillByStream();
    transport_.Line(line);
    EXPECT_FALSE(transport_.streaming()) << line;
    time_.RunFor(kBackoffMax);
    ASSERT_TRUE(AsksForFill()) << line;
  }
}

TEST_F(ReflectorTest, RefusesAListFromThePastThreeTimes) {
  FillByStream();
  transport_.Line(ErrorLine(410, "Expired", "too old"));
  for (int i = 0; i < Reflector::kTimeTravelTriesMax; ++i) {
    time_.RunFor(kBackoffMax);
    ASSERT_TRUE(AsksForFill());
    AnswerFill({}, 15);
    EXPECT_EQ(2U, pods_.store().size()) << i;
  }
  time_.RunFor(kBackoffMax);
  AnswerFill({}, 15);
  EXPECT_EQ(0U, pods_.store().size());
  EXPECT_EQ("15", pods_.resource_version());
}

TEST_F(ReflectorTest, FillsAgainWhenAsked) {
  FillByStream();
  pods_.RequestRefill();
  time_.RunReady();
  EXPECT_TRUE(AsksForFill());
  const std::size_t streams = transport_.streams.size();
  pods_.RequestRefill();
  time_.RunReady();
  EXPECT_EQ(streams, transport_.streams.size());
}

TEST_F(ReflectorTest, DoesNothingAfterItWasStopped) {
  FillByStream();
  bool stopped = false;
  pods_.Stop([&] { stopped = true; });
  time_.RunFor(1h);
  EXPECT_TRUE(stopped);
  EXPECT_FALSE(transport_.streaming());
  EXPECT_EQ(1U, transport_.streams.size());
}

}  // namespace
}  // namespace ffdl::k8s
