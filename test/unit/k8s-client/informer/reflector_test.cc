#include "k8s-client/informer/reflector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "test/unit/k8s-client/informer/reflector_fixture.h"

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;
using test::BookmarkLine;
using test::FakeTransport;
using test::PodJson;
using testing::HasSubstr;
using testing::Not;

TEST_F(ReflectorTest, AsksForAConsistentStreamingListFirst) {
  const std::string& path = transport_.stream_path();
  EXPECT_THAT(path, HasSubstr("/api/v1/pods?watch=1&allowWatchBookmarks=true"));
  EXPECT_THAT(path, HasSubstr("sendInitialEvents=true&resourceVersionMatch=NotOlderThan"));
  EXPECT_THAT(path, HasSubstr("&labelSelector=ffdl.io%2Fjob&fieldSelector=spec.nodeName%3Da"));
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
  transport_.Line(PodJson("a").Version(22).Phase("Failed").Event("MODIFIED"));
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
  EXPECT_EQ("/api/v1/pods?limit=500&labelSelector=ffdl.io%2Fjob&fieldSelector=spec.nodeName%3Da",
            transport_.requests[0].path);
  EXPECT_EQ(
      "/api/v1/"
      "pods?limit=500&labelSelector=ffdl.io%2Fjob&fieldSelector=spec.nodeName%3Da&continue=t%2F1%"
      "3D",
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
