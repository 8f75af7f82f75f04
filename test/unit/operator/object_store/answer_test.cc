#include "operator/object_store/answer.h"

#include <gtest/gtest.h>

namespace ffdl::object_store {
namespace {

std::string Refusal(const std::string& code, const std::string& more = "") {
  return "<Error><Code>" + code + "</Code><Message>no</Message>" + more + "</Error>";
}

Failure Judge(const Answer& answer) {
  return FailureOf(answer, "get 'a'", "us-east-1")
      .value_or(Failure{.error = {.message = "no failure"}});
}

ErrorKind KindOf(long status, const std::string& body = "") {
  return Judge({.status = status, .body = body}).error.kind;
}

TEST(AnswerTest, IsGoodWithStatus200) {
  EXPECT_FALSE(FailureOf({.status = 200}, "get 'a'", "us-east-1"));
}

TEST(AnswerTest, TellsKindsApart) {
  EXPECT_EQ(ErrorKind::kMissing, KindOf(404, Refusal("NoSuchKey")));
  EXPECT_EQ(ErrorKind::kMissing, KindOf(404));
  EXPECT_EQ(ErrorKind::kInvalid, KindOf(404, "<html>"));
  EXPECT_EQ(ErrorKind::kDenied, KindOf(401));
  EXPECT_EQ(ErrorKind::kDenied, KindOf(403, "blocked by the proxy"));
  EXPECT_EQ(ErrorKind::kDenied, KindOf(400, Refusal("ExpiredToken")));
  EXPECT_EQ(ErrorKind::kDenied, KindOf(400, Refusal("AuthorizationHeaderMalformed")));
  EXPECT_EQ(ErrorKind::kChanged, KindOf(412));
  EXPECT_EQ(ErrorKind::kInvalid, KindOf(400, Refusal("InvalidBucketName")));
  EXPECT_EQ(ErrorKind::kInvalid, KindOf(204));
  EXPECT_EQ(ErrorKind::kInvalid, KindOf(301));
  EXPECT_EQ(ErrorKind::kUnavailable, KindOf(501));
}

TEST(AnswerTest, PassesWhenTheServerIsBusyOrBroken) {
  for (const long status : {429, 500, 502, 503, 504}) {
    EXPECT_TRUE(Judge({.status = status}).passes) << status;
    EXPECT_EQ(ErrorKind::kUnavailable, KindOf(status)) << status;
  }
  for (const long status : {301, 400, 401, 403, 404, 412, 501}) {
    EXPECT_FALSE(Judge({.status = status}).passes) << status;
  }
}

TEST(AnswerTest, SaysWhatTheServerSaid) {
  const Failure failure = Judge({.status = 403, .body = Refusal("AccessDenied")});
  EXPECT_EQ("get 'a'", failure.error.request);
  EXPECT_EQ("AccessDenied: no (HTTP status 403)", failure.error.message);
  EXPECT_EQ("AccessDenied", failure.error.code);
  EXPECT_EQ("HTTP status 502", Judge({.status = 502}).error.message);
  EXPECT_EQ("HTTP status 502, not as an object store says it: <p> bad",
            Judge({.status = 502, .body = "<p>\nbad"}).error.message);
}

TEST(AnswerTest, KnowsTheRegionOfTheBucket) {
  const auto region = [](const Answer& answer) {
    const Failure failure = Judge(answer);
    EXPECT_EQ(!failure.error.region.empty(), failure.error.kind == ErrorKind::kWrongRegion);
    return failure.error.region;
  };
  EXPECT_EQ("eu-west-1", region({.status = 301, .bucket_region = "eu-west-1"}));
  EXPECT_EQ("eu-west-1", region({.status = 307, .bucket_region = "eu-west-1"}));
  EXPECT_EQ(
      "eu-west-1",
      region({.status = 400,
              .body = Refusal("AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>")}));
  EXPECT_EQ("", region({.status = 400, .bucket_region = "us-east-1"}));
  EXPECT_EQ("", region({.status = 403, .bucket_region = "eu-west-1"}));
}

TEST(AnswerTest, KeepsTheProblemOfTheNetwork) {
  const Failure failure = Judge({.problem = "Connection refused", .problem_passes = true});
  EXPECT_EQ("Connection refused", failure.error.message);
  EXPECT_TRUE(failure.passes);
  // Also when a status came before it broke.
  EXPECT_FALSE(Judge({.status = 200, .problem = "cut"}).error.message.empty());
}

}  // namespace
}  // namespace ffdl::object_store
