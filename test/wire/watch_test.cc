// A cache of pods behind a server that misbehaves: whatever comes, the cache ends up right.
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

#include "k8s-client/informer/informer.h"
#include "test/support/pod_json.h"
#include "test/wire/wire_test.h"

namespace ffdl::test {
namespace {

std::string Lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

const std::string pod_a = PodJson("a").Version(11).Event("ADDED");
const std::string pod_b = PodJson("b").Version(21).Event("ADDED");
const std::string fill = Lines({pod_a, BookmarkLine(20, /*ends_fill=*/true)});
const std::string list =
    R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"30"},)"
    R"("items":[)" +
    PodJson("a").Version(11).Text() + "," + PodJson("b").Version(21).Text() + "]}";

// The test says what the server does with the first, second, third stream; then it fills and falls
// silent. Lists have both pods.
class WatchTest : public testing::Test {
 protected:
  using Step = std::function<void(Peer&)>;

  explicit WatchTest(const k8s::Clock& clock = k8s::SystemClock()) : clock_(clock) {}

  void Start(std::vector<Step> steps) {
    steps_ = std::move(steps);
    pods_.store().OnChange([this](const auto&, const auto&) { Wake(); });
    pods_.OnProgress([this] { Wake(); });
    pods_.Start();
  }
  void TearDown() override {
    std::promise<void> stopped;
    pods_.Stop([&] { stopped.set_value(); });
    stopped.get_future().wait();
  }

  [[nodiscard]] bool WaitFor(const std::function<bool()>& holds) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, holds);
  }
  // Until the cache holds these pods as of this version.
  [[nodiscard]] bool WaitForPods(const std::vector<std::string>& names,
                                 const std::string& version) {
    return WaitFor([&] {
      std::vector<std::string> held;
      for (const k8s::ObjectKey& key : pods_.store().Keys()) held.push_back(key.name);
      return held == names && pods_.resource_version() == version;
    });
  }
  // "fill", "list" or the version that was resumed from, for each of those so far.
  [[nodiscard]] std::vector<std::string> Streams() {
    const std::scoped_lock lock(mutex_);
    return streams_;
  }
  // The connection of each of them.
  [[nodiscard]] std::vector<int> Peers() {
    const std::scoped_lock lock(mutex_);
    return peers_;
  }

  static Step Stream(const std::string& text) {
    return [text](Peer& peer) { peer.Write(StreamHead() + Chunk(text) + std::string(kLastChunk)); };
  }
  static Step StreamAndCut(const std::string& text) {
    return [text](Peer& peer) {
      peer.Write(StreamHead() + Chunk(text));
      peer.Close();
    };
  }
  static Step Status(int status, const std::string& reason) {
    return [status, reason](Peer& peer) {
      peer.Write(Answer(status, R"({"kind":"Status","reason":")" + reason + "\"}"));
    };
  }
  static Step FillThen(const std::string& more) { return Stream(fill + more); }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> streams_;  // guarded by mutex_, which WaitFor holds

 private:
  static std::string WhatIsAskedFor(const std::string& target) {
    constexpr std::string_view kVersion = "resourceVersion=";
    if (target.find("watch=1") == std::string::npos) return "list";
    if (target.find("sendInitialEvents=true") != std::string::npos) return "fill";
    return target.substr(target.find(kVersion) + kVersion.size());
  }
  void Wake() {
    const std::scoped_lock lock(mutex_);
    changed_.notify_all();
  }
  void Serve(const SeenRequest& request, Peer& peer) {
    if (request.target == "/livez") return peer.Write(Answer(200, "ok", "text/plain"));
    const std::string asked = WhatIsAskedFor(request.target);
    std::size_t number = 0;
    {
      const std::scoped_lock lock(mutex_);
      number = streams_.size();
      streams_.push_back(asked);
      peers_.push_back(peer.number());
      changed_.notify_all();
    }
    if (asked == "list") return peer.Write(Answer(200, list));
    if (number < steps_.size()) return steps_[number](peer);
    peer.Write(StreamHead());
    if (asked == "fill") {
      peer.Write(Chunk(Lines({pod_a, pod_b, BookmarkLine(30, /*ends_fill=*/true)})));
    }
    peer.Hang();
  }

  const k8s::Clock& clock_;
  std::vector<int> peers_;  // guarded by mutex_
  std::vector<Step> steps_;
  ScriptedServer server_{TestAuthority(), {}, [this](const SeenRequest& request, Peer& peer) {
                           Serve(request, peer);
                         }};

 protected:
  k8s::Random random_{1};
  k8s::Metrics metrics_;
  std::unique_ptr<k8s::CurlTransport> transport_ = Connect(ConfigFor(server_));
  k8s::Informer<k8s::Pod> pods_{
      {.type = k8s::kPodType, .backoff = {.first = 10ms, .longest = 20ms, .jitter_percent = 0}},
      k8s::ReadPod,
      *transport_,
      {.clock = clock_, .random = random_, .metrics = metrics_}};
};

TEST_F(WatchTest, IsTheSameWhenItsBytesAreCutEverywhere) {
  Start({[](Peer& peer) {
    peer.Write(StreamHead());
    for (const char byte : fill + Lines({pod_b})) peer.Write(Chunk({&byte, 1}));
    peer.Hang();
  }});
  EXPECT_TRUE(WaitForPods({"a", "b"}, "21"));
}

TEST_F(WatchTest, IsTheSameWhenItsEventsComeAtOnce) {
  Start({FillThen(Lines({pod_b, PodJson("a").Version(22).Event("DELETED")}))});
  EXPECT_TRUE(WaitForPods({"b"}, "22"));
}

TEST_F(WatchTest, ThatEndsIsResumedWhereItWas) {
  Start({FillThen(""), Stream(Lines({pod_b}))});
  EXPECT_TRUE(WaitFor([this] { return streams_.size() == 3; }));
  EXPECT_EQ((std::vector<std::string>{"fill", "20", "21"}), Streams());
}

TEST_F(WatchTest, ThatIsCutInTheMiddleOfAnEventIsResumedBeforeIt) {
  Start({StreamAndCut(fill + pod_b.substr(0, pod_b.size() / 2)), Stream(Lines({pod_b}))});
  EXPECT_TRUE(WaitForPods({"a", "b"}, "21"));
  EXPECT_EQ("20", Streams().at(1));
}

TEST_F(WatchTest, ThatIsTooOldFillsAgainWhenAnEventSaysSo) {
  Start({FillThen(Lines({ErrorLine(410, "Expired", "too old")}))});
  EXPECT_TRUE(WaitForPods({"a", "b"}, "30"));
  EXPECT_EQ((std::vector<std::string>{"fill", "fill"}), Streams());
}

TEST_F(WatchTest, ThatIsTooOldFillsAgainWhenTheStatusSaysSo) {
  Start({FillThen(""), Status(410, "Gone")});
  EXPECT_TRUE(WaitForPods({"a", "b"}, "30"));
  EXPECT_EQ((std::vector<std::string>{"fill", "20", "fill"}), Streams());
}

TEST_F(WatchTest, ComesBackAfterEveryRefusalThatPasses) {
  Start({FillThen(""), Status(429, "TooManyRequests"), Status(500, "InternalError"),
         Status(503, "ServiceUnavailable"), Status(401, "Unauthorized"),
         [](Peer& peer) { peer.Reset(); }, Stream(Lines({pod_b}))});
  EXPECT_TRUE(WaitForPods({"a", "b"}, "21"));
  for (std::size_t i = 1; i < 7; ++i) EXPECT_EQ("20", Streams().at(i));
}

// A server that restarted from a backup, or one that others are ahead of.
TEST_F(WatchTest, ThatShowsThePastIsAskedForOnANewConnection) {
  Start({FillThen(""), Status(410, "Gone"), Stream(Lines({BookmarkLine(15, /*ends_fill=*/true)}))});
  EXPECT_TRUE(WaitForPods({"a", "b"}, "30"));
  EXPECT_EQ((std::vector<std::string>{"fill", "20", "fill", "fill"}), Streams());
  EXPECT_EQ(Peers().at(1), Peers().at(2));
  EXPECT_LT(Peers().at(2), Peers().at(3));
}

// Forty seconds in each second, so that what comes after minutes of silence comes within seconds.
class FastClock final : public k8s::Clock {
 public:
  [[nodiscard]] k8s::Time Now() const override { return k8s::SystemClock().Now(); }
  [[nodiscard]] std::chrono::nanoseconds Steady() const override {
    return k8s::SystemClock().Steady() * 40;
  }
};

class SilentWatchTest : public WatchTest {
 protected:
  SilentWatchTest() : WatchTest(Fast()) {}

 private:
  static const k8s::Clock& Fast() {
    static const FastClock clock;
    return clock;
  }
};

// A server that does not know sendInitialEvents, and does not say so either.
TEST_F(SilentWatchTest, WithoutTheEndOfItsFillGivesWayToPages) {
  Start({[](Peer& peer) {
    peer.Write(StreamHead() + Chunk(Lines({pod_a})));
    peer.Hang();
  }});
  EXPECT_TRUE(WaitFor([this] { return streams_.size() == 3; }));
  EXPECT_EQ((std::vector<std::string>{"fill", "list", "30"}), Streams());
  EXPECT_TRUE(WaitForPods({"a", "b"}, "30"));
}

// Something on the way keeps the bookmarks to itself.
TEST_F(SilentWatchTest, WithoutBookmarksGoesOnWhereItWas) {
  Start({[](Peer& peer) {
    peer.Write(StreamHead() + Chunk(fill));
    peer.Hang();
  }});
  EXPECT_TRUE(WaitFor([this] { return streams_.size() == 2; }));
  EXPECT_EQ((std::vector<std::string>{"fill", "20"}), Streams());
  EXPECT_TRUE(WaitForPods({"a"}, "20"));
}

struct BadEvent {
  std::string name;
  std::string line;
};

class BadEventTest : public WatchTest, public testing::WithParamInterface<BadEvent> {};

// Filled again, so that nothing is missed: that is what the second stream brings.
TEST_P(BadEventTest, IsNotSkipped) {
  Start({FillThen(GetParam().line + "\n")});
  EXPECT_TRUE(WaitForPods({"a", "b"}, "30"));
}

INSTANTIATE_TEST_SUITE_P(
    Watch, BadEventTest,
    testing::Values(BadEvent{"OfNoJson", "<html>"}, BadEvent{"OfNoType", R"({"object":{}})"},
                    BadEvent{"OfAnUnknownType", R"({"type":"RENAMED","object":{}})"},
                    BadEvent{"ThatIsNoText",
                             "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"\xFF\"}}}"},
                    BadEvent{"WithoutAName", R"({"type":"ADDED","object":{"metadata":{}}})"},
                    BadEvent{"OfAnAbsurdVersion",
                             R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":{}}}})"},
                    BadEvent{"ThatIsVeryDeep",
                             R"({"type":"ADDED","object":)" + std::string(100'000, '[')},
                    BadEvent{"Of20MiB", R"({"type":"ADDED","object":{"a":")" +
                                            std::string(std::size_t{20} << 20U, 'x') + "\"}}"}),
    [](const auto& entry) { return entry.param.name; });

}  // namespace
}  // namespace ffdl::test
