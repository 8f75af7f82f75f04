#include <gtest/gtest.h>

#include "k8s-client/api/client.h"

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;

struct StatusCase {
  std::string name;
  int http = 0;
  std::string body;
  Error want;
};

class DecodeStatusTest : public testing::TestWithParam<StatusCase> {};

TEST_P(DecodeStatusTest, Means) {
  const StatusCase& c = GetParam();
  const Error error = DecodeStatus(c.http, c.body, 0ms);
  EXPECT_EQ(ToString(c.want.code), ToString(error.code));
  EXPECT_EQ(c.want.message, error.message);
  EXPECT_EQ(c.want.retry_after, error.retry_after);
}

std::string Status(const std::string& fields) {
  return R"({"kind":"Status","apiVersion":"v1",)" + fields + "}";
}

INSTANTIATE_TEST_SUITE_P(
    All, DecodeStatusTest,
    testing::Values(
        StatusCase{
            "CreateRace",
            409,
            Status(R"("reason":"AlreadyExists","message":"pods \"a\" already exists")"),
            {ErrorCode::kAlreadyExists, "HTTP 409 AlreadyExists: pods \"a\" already exists"}},
        StatusCase{"StaleCopy",
                   409,
                   Status(R"("reason":"Conflict","message":"object has been modified")"),
                   {ErrorCode::kConflict, "HTTP 409 Conflict: object has been modified"}},
        StatusCase{
            "FieldOfAnotherManager",
            409,
            Status(R"("reason":"Conflict","message":"conflict with \"hpa\": .spec.replicas",)"
                   R"("details":{"causes":[{"reason":"FieldManagerConflict"}]})"),
            {ErrorCode::kConflict, "HTTP 409 Conflict: conflict with \"hpa\": .spec.replicas"}},
        StatusCase{"Gone",
                   410,
                   Status(R"("reason":"Expired","message":"too old")"),
                   {ErrorCode::kExpired, "HTTP 410 Expired: too old"}},
        StatusCase{"QuotaExceeded",
                   403,
                   Status(R"("reason":"Forbidden","message":"exceeded quota")"),
                   {ErrorCode::kForbidden, "HTTP 403 Forbidden: exceeded quota"}},
        StatusCase{"ApplyOfAnUnknownField",
                   500,
                   Status(R"("message":"failed to create typed patch object: field not declared")"),
                   {ErrorCode::kInvalid,
                    "HTTP 500: failed to create typed patch object: field not declared"}},
        StatusCase{"ApplyOfABadQuantity",
                   500,
                   Status(R"("reason":"InternalError","message":"failed to convert new object")"),
                   {ErrorCode::kInvalid, "HTTP 500 InternalError: failed to convert new object"}},
        StatusCase{"Invalid",
                   422,
                   Status(R"("reason":"Invalid","message":"spec: wrong")"),
                   {ErrorCode::kInvalid, "HTTP 422 Invalid: spec: wrong"}},
        StatusCase{
            "ApplyWithAnotherUid",
            422,
            Status(R"("reason":"Invalid","message":"metadata.uid: Invalid value: immutable")"),
            {ErrorCode::kConflict, "HTTP 422 Invalid: metadata.uid: Invalid value: immutable"}},
        StatusCase{
            "TooMany",
            429,
            Status(
                R"("reason":"TooManyRequests","message":"later","details":{"retryAfterSeconds":2})"),
            {ErrorCode::kTooManyRequests, "HTTP 429 TooManyRequests: later", 2s}},
        StatusCase{
            "WishThatMakesNoSense",
            429,
            Status(
                R"("reason":"TooManyRequests","details":{"retryAfterSeconds":-9223372036854775808})"),
            {ErrorCode::kTooManyRequests, "HTTP 429 TooManyRequests"}},
        StatusCase{"WishThatIsTooLong",
                   429,
                   Status(R"("details":{"retryAfterSeconds":9223372036854775807})"),
                   {ErrorCode::kTooManyRequests, "HTTP 429", 1h}},
        StatusCase{"ServerTimeout",
                   500,
                   Status(R"("reason":"ServerTimeout","message":"try again")"),
                   {ErrorCode::kUnavailable, "HTTP 500 ServerTimeout: try again"}},
        StatusCase{"Timeout",
                   504,
                   Status(R"("reason":"Timeout","message":"Too large resource version")"),
                   {ErrorCode::kTimeout, "HTTP 504 Timeout: Too large resource version"}},
        StatusCase{"ReasonThatIsNew",
                   403,
                   Status(R"("reason":"Tomorrow","message":"no")"),
                   {ErrorCode::kForbidden, "HTTP 403 Tomorrow: no"}},
        StatusCase{"KindNotServed",
                   404,
                   "404 page not found\n",
                   {ErrorCode::kNotFound, "HTTP 404: 404 page not found"}},
        StatusCase{"PageOfAProxy",
                   503,
                   "<html>\n\t<b>\x1b[31mno backend</b>\x7f</html>",
                   {ErrorCode::kUnavailable, "HTTP 503: <html> <b> [31mno backend</b> </html>"}},
        StatusCase{"EmptyBody", 504, "", {ErrorCode::kTimeout, "HTTP 504"}},
        StatusCase{"OtherJson", 401, R"(["x"])", {ErrorCode::kUnauthorized, R"(HTTP 401: ["x"])"}},
        StatusCase{"StatusWithWrongTypes",
                   400,
                   Status(R"("reason":1,"message":[],"details":"x")"),
                   {ErrorCode::kInvalid, "HTTP 400"}},
        StatusCase{"Redirect", 302, "", {ErrorCode::kBadResponse, "HTTP 302"}}),
    [](const auto& entry) { return entry.param.name; });

TEST(StatusTest, KeepsTheBeginningOfALongBody) {
  EXPECT_EQ("HTTP 500: " + std::string(200, 'x'),
            DecodeStatus(500, std::string(5000, 'x'), 0ms).message);
}

TEST(StatusTest, WaitsForTheLongerOfHeaderAndBody) {
  const std::string body = Status(R"("details":{"retryAfterSeconds":2})");
  EXPECT_EQ(5s, DecodeStatus(429, body, 5s).retry_after);
  EXPECT_EQ(2s, DecodeStatus(429, body, 1s).retry_after);
}

TEST(DecodeStatusTest, KeepsTheFirstCause) {
  const auto decode = [](const std::string& cause) {
    return DecodeStatus(
        409, R"({"kind":"Status","reason":"Conflict","details":{"causes":[)" + cause + "]}}", 0ms);
  };
  EXPECT_TRUE(
      decode(R"({"reason":"FieldManagerConflict"},{"reason":"b"})").IsFieldManagerConflict());
  EXPECT_TRUE(decode(R"({"reason":"DisruptionBudget"})").IsDisruptionBudget());
  for (const char* cause : {"", "7", "{}", R"({"reason":7})"}) EXPECT_EQ("", decode(cause).cause);
}

TEST(DecodeStatusTest, DoesNotTakeApartWhatIsNoStatus) {
  const std::string deep = std::string(500'000, '[') + std::string(500'000, ']');
  EXPECT_EQ(ErrorCode::kUnavailable, DecodeStatus(500, deep, 0ms).code);
  const std::string large =
      R"({"kind":"Status","reason":"Conflict","message":")" + std::string(2'000'000, 'x') + "\"}";
  EXPECT_EQ(ErrorCode::kUnavailable, DecodeStatus(500, large, 0ms).code);
}

}  // namespace
}  // namespace ffdl::k8s
