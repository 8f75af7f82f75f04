// A reflector through an informer of pods, on a virtual clock: the test plays the server and looks
// at what it is asked and at what the store shows.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "k8s-client/informer/informer.h"
#include "test/support/fake_transport.h"
#include "test/support/pod_json.h"
#include "test/support/virtual_time.h"

namespace ffdl::k8s {

using Names = std::vector<std::string>;

// Longer than any delay but those asked for by name.
inline constexpr std::chrono::seconds kBackoffMax{31};

class ReflectorTest : public testing::Test {
 protected:
  ReflectorTest()
      : transport_(time_),
        pods_({.type = kPodType,
               .label_selector = "ffdl.io/job",
               .field_selector = "spec.nodeName=a"},
              ReadPod, transport_, {.clock = time_, .random = random_, .metrics = metrics_}) {
    pods_.store().OnChange([this](const auto& before, const auto& after) {
      const std::string& name = (after ? after : before)->meta.key.name;
      changes_.push_back((before ? (after ? "~" : "-") : "+") + name);
    });
    pods_.OnChange([this](const auto& before, const auto& after, bool first_fill) {
      relevant_.push_back((first_fill ? "first " : "") + (after ? after : before)->meta.key.name);
    });
    pods_.OnProgress([this] { ++progress_; });
    pods_.Start();
    time_.RunReady();
  }

  // The usual beginning: a streaming list of two pods that ends at version 20.
  void FillByStream() {
    transport_.Head(200);
    transport_.Line(test::PodJson("a").Version(11).Event("ADDED"));
    transport_.Line(test::PodJson("b").Version(12).Event("ADDED"));
    transport_.Line(test::BookmarkLine(20, /*ends_fill=*/true));
    TakeChanges();
  }
  void AnswerFill(const std::vector<test::PodJson>& pods, std::int64_t version) {
    transport_.Head(200);
    for (const test::PodJson& pod : pods) transport_.Line(pod.Event("ADDED"));
    transport_.Line(test::BookmarkLine(version, /*ends_fill=*/true));
  }
  Names TakeChanges() { return std::exchange(changes_, {}); }
  [[nodiscard]] bool AsksForFill() const {
    return transport_.streaming() &&
           transport_.stream_path().find("sendInitialEvents=true") != std::string::npos;
  }
  [[nodiscard]] bool ResumesFrom(const std::string& version) const {
    return transport_.streaming() &&
           transport_.stream_path().find("resourceVersion=" + version) != std::string::npos;
  }
  // How long until the next attempt, to 10 ms; 1 hour at most.
  std::chrono::milliseconds UntilNextStream() {
    constexpr std::chrono::milliseconds kStep{10};
    const std::size_t before = transport_.streams.size();
    std::chrono::milliseconds waited{0};
    for (; transport_.streams.size() == before && waited < std::chrono::hours(1); waited += kStep)
      time_.RunFor(kStep);
    return waited;
  }

  test::VirtualTime time_;
  Random random_{1};
  Metrics metrics_;
  test::FakeTransport transport_;
  Names changes_;
  Names relevant_;
  int progress_ = 0;
  Informer<Pod> pods_;
};

}  // namespace ffdl::k8s
