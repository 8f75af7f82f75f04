#include "k8s-client/api/finalizers.h"

#include <gtest/gtest.h>

#include <vector>

namespace ffdl::k8s {
namespace {

const Preconditions seen{.uid = "u-1", .resource_version = "42"};
const std::string tests = R"({"op":"test","path":"/metadata/uid","value":"u-1"},)"
                          R"({"op":"test","path":"/metadata/resourceVersion","value":"42"},)";

TEST(AddFinalizerTest, StartsTheListOnlyOfWhatWasSeen) {
  EXPECT_EQ("[" + tests + R"({"op":"add","path":"/metadata/finalizers","value":["ours"]}])",
            AddFinalizer(seen, {}, "ours").dump());
}

TEST(AddFinalizerTest, GoesBehindTheOthers) {
  const std::vector<std::string> list{"theirs"};
  EXPECT_EQ(R"([{"op":"test","path":"/metadata/uid","value":"u-1"},)"
            R"({"op":"add","path":"/metadata/finalizers/-","value":"ours"}])",
            AddFinalizer({.uid = "u-1"}, list, "ours").dump());
}

TEST(AddFinalizerTest, DoesNothingTwice) {
  const std::vector<std::string> list{"ours"};
  EXPECT_EQ("[]", AddFinalizer(seen, list, "ours").dump());
}

TEST(RemoveFinalizerTest, TestsThatItIsStillThere) {
  const std::vector<std::string> list{"theirs", "ours"};
  EXPECT_EQ("[" + tests +
                R"({"op":"test","path":"/metadata/finalizers/1","value":"ours"},)"
                R"({"op":"remove","path":"/metadata/finalizers/1"}])",
            RemoveFinalizer(seen, list, "ours").dump());
}

TEST(RemoveFinalizerTest, DoesNothingTwice) {
  EXPECT_EQ("[]", RemoveFinalizer(seen, {}, "ours").dump());
}

}  // namespace
}  // namespace ffdl::k8s
