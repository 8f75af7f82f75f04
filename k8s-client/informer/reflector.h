#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "k8s-client/informer/line_framer.h"
#include "k8s-client/informer/outage.h"
#include "k8s-client/informer/padded_json.h"
#include "k8s-client/meta/resource_type.h"
#include "k8s-client/meta/result.h"
#include "k8s-client/net/transport.h"
#include "k8s-client/runtime/backoff.h"
#include "k8s-client/runtime/context.h"
#include "k8s-client/runtime/lifeline.h"

namespace ffdl::k8s {

// What an event did to the cache.
enum class EventVerdict {
  kTaken,       // stored, or marked undecodable
  kUnreadable,  // not even its key could be read: the cache no longer knows what it misses
  kTimeTravel,  // older than what the cache holds
};

// The cache that a reflector keeps up to date. All calls come on the transport's loop.
class ReflectorSink {
 public:
  virtual ~ReflectorSink() = default;
  virtual void BeginFill() = 0;
  virtual EventVerdict Upsert(PaddedJson object) = 0;  // also between BeginFill and EndFill
  virtual EventVerdict Remove(PaddedJson object) = 0;
  // kTimeTravel refuses the fill, unless `accept_older`.
  virtual EventVerdict EndFill(std::string_view version, bool accept_older) = 0;
  virtual void AbortFill() = 0;
  virtual void Bookmark(std::string_view version) = 0;
  // Where to resume; "" when there was no fill yet.
  [[nodiscard]] virtual std::string version() const = 0;
};

struct ReflectorOptions {
  ResourceType type;
  std::string ns;  // "" watches all namespaces
  std::string label_selector;
  std::string field_selector;

  // The numbers of client-go where it has them.
  BackoffOptions backoff{.first = std::chrono::milliseconds(800),
                         .longest = std::chrono::seconds(30),
                         .jitter_percent = 100};
  BackoffOptions absent_backoff{
      .first = std::chrono::seconds(10), .longest = std::chrono::minutes(5), .jitter_percent = 20};

  // Shared with the other reflectors of the server, borrowed. While no answer comes at all its
  // waits count, not `backoff`. None: it is alone.
  Outage* outage = nullptr;
};

// Lists and watches one type for ever: fills the cache by a streaming list (by a paged list where
// the server has no such thing), follows the changes, resumes after every interruption and fills
// again when the server has forgotten where we were. Never asks for resourceVersion=0: the answer
// may be from long ago.
//
// Start and Stop may be called from any thread; everything else happens on the transport's loop.
class Reflector final : private StreamSink, private Outage::Member {
 public:
  static constexpr std::chrono::seconds kInitialEndPatience{
      10};                                                    // silence before the end of a fill
  static constexpr std::chrono::seconds kSilenceMax{150};     // bookmarks come each minute
  static constexpr std::chrono::seconds kWatchShortest{300};  // timeoutSeconds, at random so that
  static constexpr std::chrono::seconds kWatchLongest{600};   // watches do not end together
  static constexpr std::chrono::seconds kOverdue{10};         // after timeoutSeconds
  static constexpr std::chrono::seconds kLookEvery{5};
  static constexpr std::chrono::seconds kPageTimeout{55};  // the server gives up after 60
  static constexpr std::chrono::milliseconds kResumeJitter{1000};
  static constexpr std::chrono::seconds kVeryShortWatch{1};
  static constexpr std::chrono::minutes kHealthyAfter{2};
  static constexpr std::chrono::seconds kForbiddenRetry{30};
  static constexpr int kPageSize = 500;
  static constexpr int kTooLargeTriesMax = 2;    // ResourceVersionTooLarge, before starting over
  static constexpr int kTimeTravelTriesMax = 3;  // then the server's state was restored, and counts
  static constexpr std::size_t kErrorBodyBytesMax = std::size_t{64} << 10U;

  // Borrows.
  Reflector(ReflectorOptions options, Transport& transport, ReflectorSink& sink,
            RuntimeContext context);
  ~Reflector() override;
  Reflector(const Reflector&) = delete;
  Reflector& operator=(const Reflector&) = delete;

  void Start();
  // `stopped` is called when the reflector has done its last; only then, or when the loop has
  // ended, may it be destroyed.
  void Stop(std::function<void()> stopped);
  // Drops the watch and fills the cache again; nothing while it is being filled.
  void RequestRefill();

  // One line for people: "watching", "filling", "forbidden: ...; next try in 30 s". Any thread.
  [[nodiscard]] std::string state() const;

 private:
  enum class Phase { kIdle, kStreamingFill, kPagedFill, kWatching };

  // One attempt: a fill or a watch, from its request to whatever ends it.
  void Attempt();
  void StartStreamingFill();
  void StartPagedFill();
  void StartWatch();
  void OpenStream(std::string_view query);
  void RequestPage(const std::string& continue_token);
  void OnPage(tl::expected<HttpResponse, TransportError> answer);
  void TakePage(std::string body);
  void EndAttempt();
  void HearFromServer();
  void Look();  // the watchdog

  // StreamSink
  void OnHead(int status, std::chrono::milliseconds retry_after) override;
  void OnBytes(std::string_view bytes) override;
  void OnEnd(const Error* error) override;

  void TryNow() override;  // Outage::Member

  // Each returns whether the attempt goes on.
  bool OnLine(PaddedJson line);
  bool OnBookmark(PaddedJson object);
  bool OnVerdict(EventVerdict verdict);
  bool FinishFill(std::string_view version);

  // What went wrong decides what comes next.
  void Route(const Error& error);
  void FillAgain(std::string_view why);
  void RetryAfter(std::chrono::milliseconds delay, std::string_view reason, std::string_view why);
  void RetryAfterFailure(std::string_view reason, std::string_view why,
                         std::chrono::milliseconds at_least = {});
  void SetState(std::string state, LogLevel level);
  [[nodiscard]] std::string SelectorQuery() const;

  const ReflectorOptions options_;
  Transport& transport_;
  ReflectorSink& sink_;
  const RuntimeContext context_;
  Lifeline lifeline_;

  // Where we are
  bool must_fill_ = true;
  bool streaming_list_works_ = true;
  int failures_ = 0;  // in a row
  int absent_polls_ = 0;
  int too_large_tries_ = 0;
  int time_travels_ = 0;
  bool unreachable_ = false;  // the last attempt met no answer at all
  EventLoop::TimerId retry_timer_ = 0;

  // The attempt
  Phase phase_ = Phase::kIdle;
  std::uint64_t attempt_ = 0;  // tells answers of an attempt that has ended
  Transport::StreamId stream_ = 0;
  EventLoop::TimerId watchdog_ = 0;
  LineFramer framer_;
  int http_status_ = 0;  // 0 until the head of the answer came
  std::chrono::milliseconds retry_after_{0};
  std::string error_body_;
  std::chrono::nanoseconds opened_at_{0};
  std::chrono::nanoseconds heard_at_{0};
  std::chrono::nanoseconds ends_at_{0};
  bool saw_event_ = false;

  mutable std::mutex state_mutex_;
  std::string state_ = "not started";
};

}  // namespace ffdl::k8s
