#include "k8s-client/net/warnings.h"

#include <gtest/gtest.h>

namespace ffdl::k8s {
namespace {

TEST(WarningTest, IsReadFromItsHeader) {
  EXPECT_EQ("unknown field \"spec.a\"", ReadWarning(R"(299 - "unknown field \"spec.a\"")"));
  EXPECT_EQ("old", ReadWarning(R"(299 kube-apiserver "old" "Tue, 02 Jan 2026 03:04:05 GMT")"));
  EXPECT_EQ("two lines", ReadWarning("299 - \"two\nlines\""));
}

TEST(WarningTest, IsNotMadeFromAnythingElse) {
  for (const char* value : {"", "299", "299 -", R"(199 - "a")", R"(299 - "a)", R"(299 - "a\)"}) {
    EXPECT_EQ(std::nullopt, ReadWarning(value)) << value;
  }
}

TEST(WarningsTest, AreNewOnce) {
  Warnings warnings;
  EXPECT_TRUE(warnings.IsNew("a"));
  EXPECT_TRUE(warnings.IsNew("b"));
  EXPECT_FALSE(warnings.IsNew("a"));
}

TEST(WarningsTest, DoNotFillTheMemory) {
  Warnings warnings;
  for (std::size_t i = 0; i < Warnings::kTextsMax; ++i) {
    EXPECT_TRUE(warnings.IsNew(std::to_string(i)));
  }
  EXPECT_FALSE(warnings.IsNew("one more"));
  const std::string text = "299 - \"" + std::string(100'000, 'a') + "\"";
  EXPECT_EQ(Warnings::kTextBytesMax, ReadWarning(text)->size());
}

}  // namespace
}  // namespace ffdl::k8s
