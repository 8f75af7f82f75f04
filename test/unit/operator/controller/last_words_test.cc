#include "operator/controller/last_words.h"

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
  pod.reason = "Evicted";
  return pod;
}

class LastWordsTest : public testing::Test {
 protected:
  std::vector<std::string> Uids(std::string_view owner = "set") {
    const std::array<std::string_view, 1> owners{owner};
    std::vector<std::string> uids;
    for (const k8s::Pod& pod : last_words_.Of(owners)) uids.push_back(pod.meta.uid);
    return uids;
  }

  using Strings = std::vector<std::string>;
  LastWords last_words_;
};

TEST_F(LastWordsTest, KeepsThoseThatSayWhyTheyGo) {
  k8s::Pod deleted = PodOf("bert-learner-0", "a");
  deleted.phase = "Failed";
  last_words_.OnChange(deleted, kNow);
  last_words_.OnChange(Evicted(PodOf("bert-learner-1", "b")), kNow);
  k8s::Pod drained = PodOf("bert-learner-2", "c");
  drained.disruption_reason = "EvictionByEvictionAPI";
  last_words_.OnChange(drained, kNow);
  drained.phase = "Failed";
  last_words_.OnChange(drained, kNow);
  EXPECT_EQ((Strings{"b", "c"}), Uids());
  EXPECT_EQ(Strings{}, Uids("another set"));
  const std::array<std::string_view, 1> owners{"set"};
  EXPECT_EQ(kNow, last_words_.Of(owners).front().meta.deletion_time);
  EXPECT_EQ("Failed", last_words_.Of(owners).back().phase) << "the last counts";
}

TEST_F(LastWordsTest, ForgetsOneWhoseSuccessorHasStarted) {
  last_words_.OnChange(Evicted(PodOf("bert-learner-0", "a")), kNow);
  k8s::Pod next = PodOf("bert-learner-0", "b");
  next.containers.front().running = false;
  last_words_.OnChange(next, kNow);
  EXPECT_EQ(Strings{"a"}, Uids());
  next.containers.front().running = true;
  last_words_.OnChange(next, kNow);
  EXPECT_EQ(Strings{}, Uids());
}

TEST_F(LastWordsTest, KeepsTheLastOnes) {
  for (std::size_t i = 0; i <= LastWords::kMax; ++i) {
    const std::string name = std::to_string(i);
    last_words_.OnChange(Evicted(PodOf(name, name)), kNow);
  }
  EXPECT_EQ(LastWords::kMax, Uids().size());
  EXPECT_EQ("1", Uids().front());
}

}  // namespace
}  // namespace ffdl::server
