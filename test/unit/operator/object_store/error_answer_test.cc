#include "operator/object_store/error_answer.h"

#include <gtest/gtest.h>

namespace ffdl::object_store {
namespace {

TEST(ErrorAnswerTest, HasTheServersWords) {
  const auto answer = ReadErrorAnswer(
      "<?xml version=\"1.0\"?><Error><Code>AuthorizationHeaderMalformed</Code><Message>expecting\n"
      "'eu-west-1'</Message><Region>eu-west-1</Region><StringToSign>x</StringToSign></Error>");
  ASSERT_TRUE(answer);
  EXPECT_EQ("AuthorizationHeaderMalformed", answer->code);
  EXPECT_EQ("expecting 'eu-west-1'", answer->message);
  EXPECT_EQ("eu-west-1", answer->region);
}

TEST(ErrorAnswerTest, IsNothingElse) {
  for (const char* other : {"", "Forbidden", "<html><p></html>", "<Error><Code>A</Code>",
                            "<Error><Message>m</Message></Error>", "<a><Code>A</Code></a>"}) {
    EXPECT_FALSE(ReadErrorAnswer(other)) << other;
  }
}

TEST(QuotedTest, IsOneShortLine) {
  EXPECT_EQ("a b  c", Quoted("a\nb\r\tc"));
  EXPECT_EQ(std::string(300, 'x') + "...", Quoted(std::string(301, 'x')));
  EXPECT_EQ(std::string(300, 'x'), Quoted(std::string(300, 'x')));
  EXPECT_EQ(std::string(299, 'x') + "...", Quoted(std::string(299, 'x') + "ü"));
}

}  // namespace
}  // namespace ffdl::object_store
