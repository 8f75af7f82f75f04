#include "k8s-client/runtime/fair_lanes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "k8s-client/runtime/random.h"

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

ObjectKey Key(const std::string& ns, int number) { return {ns, std::to_string(number)}; }

// "a/1 b/1": everything, in the order in which it is taken at one moment.
std::string TakeAll(FairLanes& lanes, nanoseconds now = 0s) {
  std::string text;
  while (const auto taken = lanes.Take(now))
    text += (text.empty() ? "" : " ") + ToString(taken->key);
  return text;
}

TEST(FairLanesTest, LetNamespacesTakeTurns) {
  FairLanes lanes({});
  for (int i = 1; i <= 3; ++i) lanes.Add(Key("a", i), Lane::kChild, 0s);
  for (int i = 1; i <= 2; ++i) lanes.Add(Key("b", i), Lane::kChild, 0s);
  EXPECT_EQ("a/1 b/1 a/2 b/2 a/3", TakeAll(lanes));
}

TEST(FairLanesTest, GiveANamespaceAsManyTurnsAsItsWeight) {
  FairLanes lanes({.weights = {{"a", 2}}});
  for (int i = 1; i <= 4; ++i) lanes.Add(Key("a", i), Lane::kChild, 0s);
  for (int i = 1; i <= 3; ++i) lanes.Add(Key("b", i), Lane::kChild, 0s);
  EXPECT_EQ("a/1 a/2 b/1 a/3 a/4 b/2 b/3", TakeAll(lanes));
}

TEST(FairLanesTest, DoNotLetTenThousandKeysOfOneNamespaceDelayAnother) {
  FairLanes lanes({});
  for (int i = 0; i < 10'000; ++i) lanes.Add(Key("crowd", i), Lane::kChild, 0s);
  lanes.Add(Key("alone", 1), Lane::kChild, 0s);
  EXPECT_EQ("crowd/0", ToString(lanes.Take(0s)->key));
  EXPECT_EQ("alone/1", ToString(lanes.Take(0s)->key));
}

TEST(FairLanesTest, RaiseAWaitingKeyButNeverLowerIt) {
  FairLanes lanes({});
  lanes.Add(Key("a", 1), Lane::kChild, 0s);
  lanes.Add(Key("a", 2), Lane::kBackground, 0s);
  EXPECT_FALSE(lanes.Add(Key("a", 2), Lane::kUrgent, 0s));
  EXPECT_FALSE(lanes.Add(Key("a", 2), Lane::kSpec, 0s));
  EXPECT_EQ(1U, lanes.size(Lane::kUrgent));
  EXPECT_EQ(0U, lanes.size(Lane::kBackground));
  const auto first = lanes.Take(0s);
  EXPECT_EQ("a/2", ToString(first->key));
  EXPECT_EQ(Lane::kUrgent, first->lane);
}

TEST(FairLanesTest, MoveWhatHasWaited30SecondsOneLaneUp) {
  FairLanes lanes({});
  lanes.Add(Key("a", 1), Lane::kBackground, 0s);
  lanes.Add(Key("b", 1), Lane::kChild, 29s);
  EXPECT_EQ("b/1", ToString(lanes.Take(29s)->key));
  lanes.Add(Key("b", 2), Lane::kChild, 30s);
  EXPECT_EQ("b/2", ToString(lanes.Take(30s)->key)) << "a/1 is behind it in the same lane now";
  lanes.Add(Key("b", 3), Lane::kChild, 30s);
  const auto aged = lanes.Take(30s);
  EXPECT_EQ("a/1", ToString(aged->key));
  EXPECT_EQ(Lane::kBackground, aged->lane) << "a retry begins in its own lane";
}

TEST(FairLanesTest, RestartForgetsAge) {
  FairLanes lanes({});
  lanes.Add(Key("a", 2), Lane::kBackground, 0s);
  lanes.Add(Key("b", 1), Lane::kChild, 1h);
  lanes.Restart(1h);
  lanes.Add(Key("c", 1), Lane::kUrgent, 1h);
  EXPECT_EQ("c/1 b/1 a/2", TakeAll(lanes, 1h));
}

// More comes in than can be served, all of it urgent, and yet everything that was there before is
// served within two minutes.
TEST(FairLanesPropertyTest, NothingStarvesBehindAFloodOfUrgentKeys) {
  Random random(11);
  FairLanes lanes({});
  std::map<ObjectKey, nanoseconds> added;
  constexpr int kPatient = 40;
  for (int i = 0; i < kPatient; ++i) {
    const ObjectKey key = Key("patient-" + std::to_string(i % 4), i);
    lanes.Add(key, static_cast<Lane>(1 + i % 3), 0s);
    added[key] = 0s;
  }
  nanoseconds longest{0};
  int flood = 0;
  for (nanoseconds now{0}; now < 5min; now += 100ms) {
    lanes.Add(Key("flood-" + std::to_string(random.Next() % 3), ++flood), Lane::kUrgent, now);
    if (flood % 9 == 0) continue;
    const auto taken = lanes.Take(now);
    if (added.erase(taken->key) > 0) longest = std::max(longest, now - taken->since);
  }
  EXPECT_TRUE(added.empty()) << added.size() << " were never taken";
  EXPECT_LT(longest, 2min);
}

// Against the plainest model: a set of keys, each with its most urgent lane.
TEST(FairLanesPropertyTest, GiveEachKeyOnceWhateverHappens) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    FairLanes lanes({.weights = {{"n1", 3}}});
    std::map<ObjectKey, Lane> model;
    nanoseconds now{0};
    for (int step = 0; step < 2000; ++step) {
      now += random.Between(0ms, 2000ms);
      if (random.Next() % 2 == 0) {
        const ObjectKey key =
            Key("n" + std::to_string(random.Next() % 4), static_cast<int>(random.Next() % 30));
        const auto lane = static_cast<Lane>(random.Next() % kLaneCount);
        const auto [it, added] = model.try_emplace(key, lane);
        it->second = MoreUrgent(it->second, lane);
        ASSERT_EQ(added, lanes.Add(key, lane, now));
      } else if (const auto taken = lanes.Take(now)) {
        const auto it = model.find(taken->key);
        ASSERT_NE(it, model.end()) << "seed " << seed;
        ASSERT_EQ(it->second, taken->lane) << "seed " << seed;
        model.erase(it);
      }
      ASSERT_EQ(model.size(), lanes.size());
      for (std::size_t lane = 0; lane < kLaneCount; ++lane) {
        const auto wanted = std::ranges::count(model, static_cast<Lane>(lane),
                                               [](const auto& entry) { return entry.second; });
        ASSERT_EQ(static_cast<std::size_t>(wanted), lanes.size(static_cast<Lane>(lane)));
      }
    }
  }
}

}  // namespace
}  // namespace ffdl::k8s
