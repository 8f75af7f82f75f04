#include "k8s-client/meta/json_text.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace ffdl::k8s {
namespace {

using nlohmann::json;

TEST(JsonTextTest, IsWhatDumpWouldWrite) {
  const json value = {
      {"empty", {{"list", json::array()}, {"object", json::object()}, {"text", ""}}},
      {"numbers",
       {0, -1, 42U, std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::uint64_t>::max(), 1.5, -2e300}},
      {"words", {true, false, nullptr}},
      {"key with \"quotes\"", {{"nested", {{"deeper", {1, {2, {3}}}}}}}},
      {"escaped", "tab\t, newline\n, quote\", backslash\\, \x7f, \x01"},
      {"beyond ASCII", "gr\u00fc\u00dfe \u2603 \U0001f600"}};
  EXPECT_EQ(value.dump(), JsonText(value));
  EXPECT_EQ("null", JsonText(json()));
}

TEST(JsonTextTest, ReplacesWhatIsNoText) {
  EXPECT_EQ("{\"log\":\"a\uFFFDb\"}", JsonText({{"log",
                                                 "a\xff"
                                                 "b"}}));
}

}  // namespace
}  // namespace ffdl::k8s
