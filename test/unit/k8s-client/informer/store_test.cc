#include "k8s-client/informer/store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "k8s-client/meta/compact_tables.h"
#include "k8s-client/meta/workload.h"

namespace ffdl::k8s {
namespace {

Claim MakeClaim(const std::string& name, const std::string& version, const std::string& uid = "u",
                const std::string& owner = "") {
  // A phase of its own, so that each version brings news.
  Claim claim{.meta = {.key = {"ml", name}, .uid = uid, .resource_version = version},
              .phase = "phase of " + version};
  if (!owner.empty()) claim.meta.owners.push_back({.uid = owner, .controller = true});
  return claim;
}

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    store_.OnChange([this](const auto& before, const auto& after) {
      const auto text = [](const auto& claim) {
        return claim ? claim->meta.key.name + claim->meta.resource_version : std::string("-");
      };
      changes_.push_back(text(before) + ">" + text(after));
    });
  }

  StoreVerdict Fill(const std::vector<Claim>& claims, const std::string& version,
                    bool accept_older = false) {
    store_.BeginFill();
    for (const Claim& claim : claims) store_.Put(claim);
    return store_.EndFill(version, accept_older);
  }
  std::vector<std::string> TakeChanges() { return std::exchange(changes_, {}); }

  using Changes = std::vector<std::string>;
  Store<Claim> store_;
  Changes changes_;
};

TEST_F(StoreTest, ShowsNothingBeforeTheFirstFillHasEnded) {
  store_.BeginFill();
  store_.Put(MakeClaim("a", "3"));
  EXPECT_FALSE(store_.filled());
  EXPECT_EQ(0U, store_.size());
  EXPECT_EQ("", store_.resource_version());
  store_.EndFill("7");
  EXPECT_TRUE(store_.filled());
  EXPECT_EQ("7", store_.resource_version());
  EXPECT_EQ(Changes{"->a3"}, TakeChanges());
}

TEST_F(StoreTest, TellsOnlyDifferencesAfterARefill) {
  Fill({MakeClaim("a", "1"), MakeClaim("b", "2"), MakeClaim("c", "3")}, "5");
  TakeChanges();
  Fill({MakeClaim("b", "2"), MakeClaim("c", "6"), MakeClaim("d", "7")}, "8");
  EXPECT_EQ((Changes{"a1>-", "c3>c6", "->d7"}), TakeChanges());
}

TEST_F(StoreTest, DoesNotTellOfAVersionThatBringsNoNews) {
  Fill({MakeClaim("a", "1")}, "5");
  TakeChanges();
  Claim same = MakeClaim("a", "1");
  same.meta.resource_version = "6";
  EXPECT_EQ(StoreVerdict::kNothingNew, store_.Put(same));
  EXPECT_EQ("6", store_.Get({"ml", "a"})->meta.resource_version);
  EXPECT_EQ("6", store_.resource_version());
  same.meta.resource_version = "8";
  Fill({same}, "8");
  EXPECT_EQ("8", store_.Get({"ml", "a"})->meta.resource_version);
  EXPECT_EQ(Changes{}, TakeChanges());
}

TEST_F(StoreTest, WithinAFillTheLastWordOnANameCounts) {
  store_.BeginFill();
  store_.Put(MakeClaim("a", "1"));
  store_.Put(MakeClaim("a", "3"));
  store_.EndFill("4");
  EXPECT_EQ(Changes{"->a3"}, TakeChanges());
}

TEST_F(StoreTest, CountsTheBytesOfItsObjects) {
  EXPECT_EQ(0U, store_.bytes());
  Fill({MakeClaim("a", "1"), MakeClaim("b", "2")}, "5");
  const std::size_t both = store_.bytes();
  EXPECT_GT(both, 0U);
  store_.Remove(MakeClaim("a", "6").meta);
  EXPECT_EQ(both / 2, store_.bytes());
}

TEST_F(StoreTest, FindsTheNamesOfANamespaceThatBeginAlike) {
  Claim elsewhere = MakeClaim("data-b-9", "1");
  elsewhere.meta.key.ns = "nl";
  Fill({MakeClaim("data-a-0", "1"), MakeClaim("data-b-0", "1"), MakeClaim("data-b-1", "1"),
        MakeClaim("data-c-0", "1"), elsewhere},
       "5");
  const auto names = [&](const std::string& prefix) {
    std::vector<std::string> found;
    for (const auto& claim : store_.ByNamePrefix({.ns = "ml", .name = prefix})) {
      found.push_back(claim->meta.key.name);
    }
    return found;
  };
  EXPECT_EQ((std::vector<std::string>{"data-b-0", "data-b-1"}), names("data-b-"));
  EXPECT_EQ((std::vector<std::string>{"data-c-0"}), names("data-c"));
  EXPECT_TRUE(names("data-d").empty());
}

TEST_F(StoreTest, KeepsTheOldContentWhenAFillIsAborted) {
  Fill({MakeClaim("a", "1")}, "5");
  TakeChanges();
  store_.BeginFill();
  store_.Put(MakeClaim("b", "6"));
  store_.AbortFill();
  EXPECT_EQ(1U, store_.size());
  EXPECT_EQ(Changes{}, TakeChanges());
}

TEST_F(StoreTest, TellsANewUidAsDeletionAndAddition) {
  Fill({MakeClaim("a", "1", "old")}, "5");
  TakeChanges();
  store_.Put(MakeClaim("a", "6", "new"));
  EXPECT_EQ((Changes{"a1>-", "->a6"}), TakeChanges());
  Fill({MakeClaim("a", "8", "newest")}, "9");
  EXPECT_EQ((Changes{"a6>-", "->a8"}), TakeChanges());
}

TEST_F(StoreTest, IgnoresTheLateDeletionOfAPredecessor) {
  Fill({MakeClaim("a", "6", "new")}, "6");
  TakeChanges();
  store_.Remove(MakeClaim("a", "7", "old").meta);
  EXPECT_EQ(Changes{}, TakeChanges());
  EXPECT_EQ(1U, store_.size());
}

TEST_F(StoreTest, NeverGoesBackInTime) {
  Fill({MakeClaim("a", "6")}, "6");
  TakeChanges();
  EXPECT_EQ(StoreVerdict::kUnchanged, store_.Put(MakeClaim("a", "6")));
  EXPECT_EQ(StoreVerdict::kTimeTravel, store_.Put(MakeClaim("a", "5")));
  EXPECT_EQ(StoreVerdict::kTimeTravel, Fill({MakeClaim("a", "4")}, "5"));
  EXPECT_EQ(Changes{}, TakeChanges());
  EXPECT_EQ(StoreVerdict::kApplied, Fill({MakeClaim("a", "4")}, "5", /*accept_older=*/true));
  EXPECT_EQ(Changes{"a6>a4"}, TakeChanges());
  EXPECT_EQ("5", store_.resource_version());
}

TEST_F(StoreTest, AdvancesWithEventsAndBookmarks) {
  Fill({}, "5");
  store_.Put(MakeClaim("a", "9"));
  EXPECT_EQ("9", store_.resource_version());
  store_.AdvanceTo("12");
  EXPECT_EQ("12", store_.resource_version());
  store_.AdvanceTo("11");
  EXPECT_EQ("12", store_.resource_version());
}

TEST_F(StoreTest, FindsByControllerAndForgetsEmptyOwners) {
  Fill({MakeClaim("b", "1", "u1", "job"), MakeClaim("a", "2", "u2", "job"), MakeClaim("c", "3")},
       "5");
  ASSERT_EQ(2U, store_.ByOwner("job").objects.size());
  EXPECT_EQ("a", store_.ByOwner("job").objects[0]->meta.key.name);
  store_.Put(MakeClaim("a", "6", "u2", "other"));
  EXPECT_EQ(1U, store_.ByOwner("job").objects.size());
  EXPECT_EQ(1U, store_.ByOwner("other").objects.size());
  store_.Remove(MakeClaim("b", "7", "u1").meta);
  EXPECT_TRUE(store_.ByOwner("job").objects.empty());
}

TEST_F(StoreTest, KeepsTheLastReadableStateOfAnUndecodableObject) {
  Fill({MakeClaim("a", "1", "u", "job")}, "5");
  TakeChanges();
  std::vector<std::string> reported;
  store_.OnUndecodable([&](const Undecodable& object) { reported.push_back(object.error); });
  store_.MarkUndecodable(
      {.identity = MakeClaim("a", "6", "u", "job").meta, .error = "status.phase: not a string"});
  EXPECT_EQ((Changes{"status.phase: not a string"}), reported);
  EXPECT_EQ("1", store_.Get({"ml", "a"})->meta.resource_version);
  EXPECT_TRUE(store_.UndecodableAt({"ml", "a"}).has_value());
  EXPECT_EQ(1U, store_.AllUndecodable().size());
  EXPECT_EQ("6", store_.resource_version());

  store_.Put(MakeClaim("a", "7", "u", "job"));
  EXPECT_FALSE(store_.UndecodableAt({"ml", "a"}).has_value());
  EXPECT_EQ(Changes{"a1>a7"}, TakeChanges());
}

TEST_F(StoreTest, DoesNotTakeAnUndecodableObjectOfAFillForDeleted) {
  Fill({MakeClaim("a", "1")}, "5");
  TakeChanges();
  store_.BeginFill();
  store_.MarkUndecodable({.identity = MakeClaim("a", "6").meta, .error = "broken"});
  store_.EndFill("8");
  EXPECT_EQ(Changes{}, TakeChanges());
  EXPECT_TRUE(store_.UndecodableAt({"ml", "a"}).has_value());
}

TEST(StoreThreadsTest, ReadersSeeWholeFillsWhileTheWriterWorks) {
  Store<Claim> store;
  constexpr int kFills = 200;
  std::atomic<bool> done{false};
  std::atomic<int> torn{0};
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 2; ++i) {
      readers.emplace_back([&] {
        while (!done) {
          // Each fill has two objects of one version.
          const auto both = store.ByOwner("job").objects;
          if (!both.empty() && (both.size() != 2 ||
                                both[0]->meta.resource_version != both[1]->meta.resource_version)) {
            ++torn;
          }
          if (const auto a = store.Get({"ml", "a"})) torn += a->meta.uid == "u" ? 0 : 1;
        }
      });
    }
    for (int i = 1; i <= kFills; ++i) {
      const std::string version = std::to_string(i);
      store.BeginFill();
      store.Put(MakeClaim("a", version, "u", "job"));
      store.Put(MakeClaim("b", version, "u", "job"));
      store.EndFill(version);
    }
    done = true;
  }
  EXPECT_EQ(0, torn);
}

}  // namespace
}  // namespace ffdl::k8s
