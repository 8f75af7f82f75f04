#include "k8s-client/meta/time.h"

#include <gtest/gtest.h>

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;

constexpr Time kMoment =
    std::chrono::sys_days(std::chrono::year(2026) / 2 / 28) + 23h + 59min + 58s + 120ms;

TEST(TimeTest, IsWrittenInBothFormsOfTheApi) {
  EXPECT_EQ("2026-02-28T23:59:58Z", FormatTime(kMoment));
  EXPECT_EQ("2026-02-28T23:59:58.120000Z", FormatMicroTime(kMoment));
}

TEST(TimeTest, IsReadBackFromBothForms) {
  EXPECT_EQ(kMoment, ParseTime("2026-02-28T23:59:58.12Z"));
  EXPECT_EQ(kMoment, ParseTime(FormatMicroTime(kMoment)));
  EXPECT_EQ(kMoment, ParseTime("2026-03-01T01:29:58.120000999+01:30"));
}

TEST(TimeTest, OfNonsenseIsNoTime) {
  for (const char* text : {"", "2026-02-30T00:00:00Z", "2026-02-28", "2026-02-28T24:00:00Z",
                           "2026-02-28T23:59:58", "2026-02-28T23:59:58Zx", "2026-02-28T23:59:58.Z",
                           "9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00+00:01"}) {
    EXPECT_EQ(std::nullopt, ParseTime(text)) << text;
  }
}

}  // namespace
}  // namespace ffdl::k8s
