#include <gtest/gtest.h>

#include "k8s-client/api/client.h"

namespace ffdl::k8s {
namespace {

constexpr ResourceType kNodeType{"", "v1", "Node", "nodes"};

TEST(PathTest, NamesGroupNamespaceAndObject) {
  EXPECT_EQ("/api/v1/namespaces/ml/pods/bert-0", ResourcePath(kPodType, "ml", "bert-0"));
  EXPECT_EQ("/apis/apps/v1/namespaces/ml/statefulsets", ResourcePath(kStatefulSetType, "ml"));
  EXPECT_EQ("/apis/apps/v1/statefulsets", ResourcePath(kStatefulSetType, ""));
  EXPECT_EQ("/api/v1/nodes/gpu-a-07", ResourcePath(kNodeType, "", "gpu-a-07"));
}

TEST(PathTest, CannotBeLeftByAName) {
  EXPECT_EQ("/api/v1/namespaces/ml/pods/a%2F..%2Fb%3Fc", ResourcePath(kPodType, "ml", "a/../b?c"));
}

TEST(QueryTest, EncodesWhatSelectorsAndTokensAreMadeOf) {
  EXPECT_EQ("app%20in%20%28a%2Cb%29", EncodeQueryValue("app in (a,b)"));
  EXPECT_EQ("a%21%3Db", EncodeQueryValue("a!=b"));
  EXPECT_EQ("eyJ2IjoiLi4uIn0%3D%2B%2F", EncodeQueryValue("eyJ2IjoiLi4uIn0=+/"));
  EXPECT_EQ("Az09-._~", EncodeQueryValue("Az09-._~"));
  EXPECT_EQ("%C3%A9", EncodeQueryValue("\xC3\xA9"));
}

}  // namespace
}  // namespace ffdl::k8s
