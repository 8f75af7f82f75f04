#include "operator/http/query.h"

#include <gtest/gtest.h>

namespace ffdl::http {
namespace {

TEST(QueryValueTest, IsDecoded) {
  EXPECT_EQ("ml/bert", QueryValue("a=1&key=ml%2Fbert&key=other", "key"));
  EXPECT_EQ("ml/bert x", QueryValue("key=ml/bert+x", "key"));
  EXPECT_EQ("100%", QueryValue("key=100%", "key"));
  EXPECT_EQ("%zz", QueryValue("key=%zz", "key"));
  EXPECT_EQ("a=b", QueryValue("key=a=b", "key"));
}

TEST(QueryValueTest, IsEmptyWhenThereIsNone) {
  EXPECT_EQ("", QueryValue("", "key"));
  EXPECT_EQ("", QueryValue("key", "key"));
  EXPECT_EQ("", QueryValue("akey=1&keys=2", "key"));
}

}  // namespace
}  // namespace ffdl::http
