#include "operator/object_store/url.h"

#include <gtest/gtest.h>

namespace ffdl::object_store {
namespace {

TEST(UrlTest, IsOfPathStyle) {
  EXPECT_EQ("https://s3.example:9000/ml/a/b.py", UrlOf("https://s3.example:9000", "ml", "a/b.py"));
  EXPECT_EQ("http://gateway/s3/ml/a", UrlOf("http://gateway/s3/", "ml", "a"));
  EXPECT_EQ("http://h/ml", UrlOf("http://h//", "ml", ""));
  EXPECT_EQ("http://h/ml//a//b/", UrlOf("http://h", "ml", "/a//b/"));
}

// What libcurl 7.88 would sign wrongly.
TEST(UrlTest, EncodesAllThatIsSpecialInUpperCase) {
  EXPECT_EQ("http://h/b/a%20b%2Bc%3Dd%2F", UrlOf("http://h", "b", "a b+c=d") + "%2F");
  EXPECT_EQ("http://h/b/%C3%BC%E8%AA%9E-_.~AZaz09", UrlOf("http://h", "b", "ü語-_.~AZaz09"));
  EXPECT_EQ("http://h/b/%25%3F%23%26%00x", UrlOf("http://h", "b", std::string("%?#&\0x", 6)));
  EXPECT_EQ("http://h/b%2Fc/x", UrlOf("http://h", "b/c", "x"));
}

TEST(UrlTest, SortsTheQueryAndKeepsEmptyValues) {
  EXPECT_EQ("http://h/b?list-type=2&prefix=a%2Fb%20&uploads=",
            UrlOf("http://h", "b", "", {{"uploads", ""}, {"prefix", "a/b "}, {"list-type", "2"}}));
}

TEST(UrlTest, DecodesKeysOfListings) {
  EXPECT_EQ("a b+c/ü", DecodeListed("a+b%2Bc/%C3%BC"));
  EXPECT_EQ("a b", DecodeListed("a%20b"));
  EXPECT_EQ("", DecodeListed(""));
  for (const char* broken : {"%", "a%2", "%zz", "%-1", "%+1", "% 1"}) {
    EXPECT_EQ(std::nullopt, DecodeListed(broken)) << broken;
  }
}

}  // namespace
}  // namespace ffdl::object_store
