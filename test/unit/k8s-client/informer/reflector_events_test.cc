// What a reflector makes of each way in which a server can say no.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "k8s-client/informer/reflector.h"
#include "test/unit/k8s-client/informer/reflector_fixture.h"

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;
using test::ErrorLine;
using test::PodJson;
using testing::HasSubstr;

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

TEST_F(ReflectorTest, TellsPlannersOnlyOfWhatTheyRead) {
  FillByStream();
  EXPECT_EQ((Names{"first a", "first b"}), std::exchange(relevant_, {}));
  transport_.Line(
      test::PodJson("a").Version(21).Set("/status/podIP", "10.0.0.1").Event("MODIFIED"));
  EXPECT_EQ(Names{}, relevant_);
  EXPECT_NE(std::string::npos,
            metrics_.Text().find("operator_events_without_news_total{resource=\"pods\"} 1\n"));
  EXPECT_EQ("21", pods_.store().Get({"ml", "a"})->meta.resource_version);
  transport_.Line(test::PodJson("a").Version(22).Phase("Failed").Event("MODIFIED"));
  transport_.Line(test::PodJson("a").Version(23).Event("DELETED"));
  EXPECT_EQ((Names{"a", "a"}), relevant_);
}

TEST_F(ReflectorTest, TakesAnObjectThatIsNoLongerSelectedForDeleted) {
  FillByStream();
  // The server tells it so when a label is taken away.
  transport_.Line(test::PodJson("a").Version(21).Event("DELETED"));
  EXPECT_EQ(Names{"-a"}, TakeChanges());
  transport_.Line(test::PodJson("a").Version(22).Event("ADDED"));
  EXPECT_EQ(Names{"+a"}, TakeChanges());
}

TEST_F(ReflectorTest, KnowsWhenItLastHeardOfTheServer) {
  EXPECT_EQ(0ns, pods_.heard_at());
  FillByStream();
  time_.RunFor(30s);
  transport_.Line(test::BookmarkLine(25, /*ends_fill=*/false));
  EXPECT_EQ(time_.Steady(), pods_.heard_at());
  EXPECT_EQ((ObjectVersion{"uid-a", "11"}), pods_.VersionOf({"ml", "a"}));
  EXPECT_EQ(0ns, pods_.restored_at());
}

TEST_F(ReflectorTest, RefusesAListFromThePastThreeTimes) {
  FillByStream();
  transport_.Line(ErrorLine(410, "Expired", "too old"));
  for (int i = 0; i < Reflector::kTimeTravelTriesMax; ++i) {
    time_.RunFor(kBackoffMax);
    ASSERT_TRUE(AsksForFill());
    AnswerFill({}, 15);
    EXPECT_EQ(2U, pods_.store().size()) << i;
    EXPECT_EQ(i + 1, transport_.reconnects);
  }
  time_.RunFor(kBackoffMax);
  AnswerFill({}, 15);
  EXPECT_EQ(0U, pods_.store().size());
  EXPECT_EQ("15", pods_.resource_version());
  EXPECT_EQ(time_.Steady(), pods_.restored_at());
}

}  // namespace
}  // namespace ffdl::k8s
