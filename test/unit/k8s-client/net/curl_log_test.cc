#include "k8s-client/net/curl_log.h"

#include <gtest/gtest.h>

namespace ffdl::k8s {
namespace {

using Kind = LogFact::Kind;

TEST(CurlLogTest, TellsWhatTheServerLookedAt) {
  EXPECT_EQ(Kind::kRefused, ReadLogLine("REFUSED_STREAM, retrying a fresh connect\n").kind);
  for (const char* line : {"recveived GOAWAY, error=0, last_stream=2147483647\n",
                           "received GOAWAY, error=0, last_stream=2147483647"}) {
    const LogFact going = ReadLogLine(line);
    EXPECT_EQ(Kind::kGoAway, going.kind);
    EXPECT_EQ(2147483647U, going.number);
  }
}

TEST(CurlLogTest, TellsNothingInOtherLines) {
  for (const char* line :
       {"", "Connection #0 to host left intact", "Using Stream ID: 17 (easy handle 0x55d0)",
        "h2h3 [:path: /REFUSED_STREAM]", "received GOAWAY"}) {
    EXPECT_EQ(Kind::kNothing, ReadLogLine(line).kind) << line;
  }
}

}  // namespace
}  // namespace ffdl::k8s
