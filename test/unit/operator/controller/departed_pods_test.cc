#include "operator/controller/departed_pods.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

namespace ffdl::server {
namespace {

constexpr k8s::Time kNow{std::chrono::seconds(1'000'000)};

k8s::Pod PodOf(const std::string& name, const std::string& uid) {
  k8s::Pod pod;
  pod.meta.key = {.ns = "ml", .name = name};
  pod.meta.uid = uid;
  pod.meta.owners = {{.kind = "StatefulSet", .uid = "set", .controller = true}};
  pod.containers = {{.name = "learner", .running = true}};
  return pod;
}

k8s::Pod Evicted(k8s::Pod pod) {
  pod.phase = "Failed";
  return pod;
}

class DepartedPodsTest : public testing::Test {
 protected:
  void Goes(const k8s::Pod& pod) { departed_.OnChange(&pod, nullptr, kNow); }

  std::vector<std::string> Uids(std::string_view owner = "set") {
    const std::array<std::string_view, 1> owners{owner};
    std::vector<std::string> uids;
    for (const k8s::Pod& pod : departed_.Of(owners)) uids.push_back(pod.meta.uid);
    return uids;
  }

  using Strings = std::vector<std::string>;
  DepartedPods departed_;
};

TEST_F(DepartedPodsTest, KeepsThoseThatSaidWhyTheyWent) {
  Goes(PodOf("bert-learner-0", "a"));
  Goes(Evicted(PodOf("bert-learner-1", "b")));
  k8s::Pod drained = PodOf("bert-learner-2", "c");
  drained.disruption_reason = "EvictionByEvictionAPI";
  Goes(drained);
  EXPECT_EQ((Strings{"b", "c"}), Uids());
  EXPECT_EQ(Strings{}, Uids("another set"));
  const std::array<std::string_view, 1> owners{"set"};
  EXPECT_EQ(kNow, departed_.Of(owners).front().meta.deletion_time);
}

TEST_F(DepartedPodsTest, ForgetsOneWhoseSuccessorHasStarted) {
  Goes(Evicted(PodOf("bert-learner-0", "a")));
  k8s::Pod next = PodOf("bert-learner-0", "b");
  next.containers.front().running = false;
  departed_.OnChange(nullptr, &next, kNow);
  EXPECT_EQ(Strings{"a"}, Uids());
  next.containers.front().running = true;
  departed_.OnChange(&next, &next, kNow);
  EXPECT_EQ(Strings{}, Uids());
}

TEST_F(DepartedPodsTest, KeepsTheLastOnes) {
  for (std::size_t i = 0; i <= DepartedPods::kMax; ++i) {
    const std::string name = std::to_string(i);
    Goes(Evicted(PodOf(name, name)));
  }
  EXPECT_EQ(DepartedPods::kMax, Uids().size());
  EXPECT_EQ("1", Uids().front());
}

}  // namespace
}  // namespace ffdl::server
