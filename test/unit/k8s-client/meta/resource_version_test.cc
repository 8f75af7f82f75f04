#include "k8s-client/meta/resource_version.h"

#include <gtest/gtest.h>

#include <compare>

namespace ffdl::k8s {
namespace {

TEST(ResourceVersionTest, ComparesAsNumbersOfAnyLength) {
  EXPECT_TRUE(std::is_lt(CompareResourceVersions("9", "10")));
  EXPECT_TRUE(
      std::is_gt(CompareResourceVersions("123456789012345678901", "123456789012345678900")));
  EXPECT_TRUE(std::is_eq(CompareResourceVersions("7", "7")));
  EXPECT_TRUE(std::is_lt(CompareResourceVersions("", "1")));
}

TEST(ResourceVersionTest, DoesNotGuessAboutOtherText) {
  EXPECT_EQ(std::partial_ordering::unordered, CompareResourceVersions("abc", "10"));
  EXPECT_TRUE(std::is_eq(CompareResourceVersions("abc", "abc")));
}

}  // namespace
}  // namespace ffdl::k8s
