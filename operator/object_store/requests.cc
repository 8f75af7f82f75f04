#include "operator/object_store/requests.h"

#include <algorithm>
#include <utility>

namespace ffdl::object_store {
namespace {

constexpr std::chrono::milliseconds kTick{1000};
constexpr int kDoublingsMax = 20;

}  // namespace

Requests::Requests(const Common& common) : common_(common), multi_(curl_multi_init()) {}

Requests::~Requests() {
  GiveUp();
  curl_multi_cleanup(multi_);
}

Result<void> Requests::Run(const std::vector<Request>& requests,
                           const std::function<void()>& tick) {
  for (const Request& request : requests) waiting_.push_back({.request = &request});
  while (!waiting_.empty() || !running_.empty()) {
    StartDue();
    int under_way = 0;
    curl_multi_perform(multi_, &under_way);
    if (Result<void> collected = Collect(); !collected) {
      GiveUp();
      return collected;
    }
    tick();
    curl_multi_poll(multi_, nullptr, 0, WaitMilliseconds(), nullptr);
  }
  return {};
}

void Requests::StartDue() {
  const Clock::time_point now = Clock::now();
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    if (running_.size() >= common_.options.limits.at_once) return;
    if (it->not_before > now) {
      ++it;
      continue;
    }
    auto transfer = std::make_unique<Transfer>(common_, *it->request);
    CURL* const easy = transfer->easy();
    curl_multi_add_handle(multi_, easy);
    running_.emplace(easy, Running{.what = *it, .transfer = std::move(transfer)});
    it = waiting_.erase(it);
  }
}

Result<void> Requests::Collect() {
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const easy = message->easy_handle;
    const CURLcode code = message->data.result;  // gone with the removal
    curl_multi_remove_handle(multi_, easy);
    if (Result<void> finished = Finish(std::move(running_.extract(easy).mapped()), code);
        !finished) {
      return finished;
    }
  }
  return {};
}

Result<void> Requests::Finish(Running done, CURLcode code) {
  const Answer answer = done.transfer->Finish(code);
  std::optional<Failure> failure =
      FailureOf(answer, done.what.request->name, common_.options.region);
  if (!failure) return {};
  const int failures = done.what.failures + 1;
  const int tries = common_.options.limits.tries;
  if (failure->passes && failures < tries) {
    waiting_.push_back({.request = done.what.request,
                        .failures = failures,
                        .not_before = Clock::now() + PauseAfter(failures, answer.retry_after)});
    return {};
  }
  if (failure->passes) {
    failure->error.message += "; tried " + std::to_string(tries) + " times";
  }
  return tl::unexpected(std::move(failure->error));
}

Requests::Clock::duration Requests::PauseAfter(int failures, std::chrono::seconds asked_for) {
  const Limits& limits = common_.options.limits;
  const int doublings = std::min(failures - 1, kDoublingsMax);
  const auto longest = std::min<std::chrono::milliseconds>(
      limits.longest_pause, limits.first_pause * (std::int64_t{1} << doublings));
  std::uniform_int_distribution<std::int64_t> chance(longest.count() / 2, longest.count());
  return std::max<std::chrono::milliseconds>(std::chrono::milliseconds(chance(random_)),
                                             std::min(asked_for, limits.retry_after_max));
}

int Requests::WaitMilliseconds() const {
  std::chrono::milliseconds wait = kTick;
  if (running_.size() < common_.options.limits.at_once) {
    const Clock::time_point now = Clock::now();
    for (const Waiting& next : waiting_) {
      wait = std::min(wait, std::chrono::ceil<std::chrono::milliseconds>(next.not_before - now));
    }
  }
  if (waiting_.empty() && running_.empty()) return 0;
  return static_cast<int>(std::max<std::int64_t>(wait.count(), 0));
}

void Requests::GiveUp() {
  for (const auto& [easy, running] : running_) curl_multi_remove_handle(multi_, easy);
  running_.clear();
  waiting_.clear();
}

}  // namespace ffdl::object_store
