#include "k8s-client/informer/resource_version.h"

#include <gtest/gtest.h>

namespace ffdl::k8s {
namespace {

TEST(ResourceVersionTest, ComparesAsNumbersOfAnyLength) {
  EXPECT_TRUE(CompareResourceVersions("9", "10") < 0);
  EXPECT_TRUE(CompareResourceVersions("123456789012345678901", "123456789012345678900") > 0);
  EXPECT_TRUE(CompareResourceVersions("7", "7") == 0);
  EXPECT_TRUE(CompareResourceVersions("", "1") < 0);
}

TEST(ResourceVersionTest, DoesNotGuessAboutOtherText) {
  const auto order = CompareResourceVersions("abc", "10");
  EXPECT_FALSE(order < 0 || order > 0 || order == 0);
  EXPECT_TRUE(CompareResourceVersions("abc", "abc") == 0);
}

}  // namespace
}  // namespace ffdl::k8s
