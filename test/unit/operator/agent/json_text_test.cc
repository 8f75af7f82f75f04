#include "operator/agent/json_text.h"

#include <gtest/gtest.h>

namespace ffdl::agent {
namespace {

std::string JsonText(std::string_view bytes) {
  std::string out;
  AppendJsonText(out, bytes);
  EXPECT_EQ(out.size(), JsonTextBytes(bytes));
  EXPECT_GE(out.size(), bytes.size());
  return out;
}

TEST(JsonTextTest, EscapesWhatJsonAsksFor) {
  EXPECT_EQ(R"(a\"b\\c\nd\te\r)", JsonText("a\"b\\c\nd\te\r"));
  EXPECT_EQ("\\u0000\\u001b[0m\x7f", JsonText(std::string_view("\0\x1b[0m\x7f", 6)));
}

TEST(JsonTextTest, KeepsValidUtf8) {
  EXPECT_EQ("ä€😀\xF4\x8F\xBF\xBF", JsonText("ä€😀\xF4\x8F\xBF\xBF"));
}

TEST(JsonTextTest, ReplacesEachByteThatIsNotUtf8) {
  EXPECT_EQ("a�b", JsonText("a\xFF"
                            "b"));
  EXPECT_EQ("��", JsonText("\xC0\xAF"));            // overlong "/"
  EXPECT_EQ("���", JsonText("\xED\xA0\x80"));       // surrogate
  EXPECT_EQ("���", JsonText("\xE0\x9F\xBF"));       // overlong
  EXPECT_EQ("����", JsonText("\xF4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_EQ("�", JsonText("\xC3"));                 // cut off
  EXPECT_EQ("��", JsonText("\xE2\x82"));            // cut off
  EXPECT_EQ("�(", JsonText("\xC3("));
}

TEST(LastJsonTextTest, IsTheLongestEndThatFits) {
  EXPECT_EQ("cdef", LastJsonText("abcdef", 4));
  EXPECT_EQ("abc", LastJsonText("abc", 3));
  EXPECT_EQ("", LastJsonText("abc", 0));
  EXPECT_EQ("\"\"", LastJsonText("\"\"\"\"", 5));
}

TEST(LastJsonTextTest, StartsWithACharacter) { EXPECT_EQ("b", LastJsonText("€b", 3)); }

}  // namespace
}  // namespace ffdl::agent
