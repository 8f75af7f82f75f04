#pragma once

#include <algorithm>
#include <chrono>

namespace ffdl::k8s {

struct InFlightOptions {
  bool adaptive = false;  // else `most` counts from the beginning
  int first = 32;
  int most = 64;
  int least = 1;
  std::chrono::milliseconds slow{1'000};  // an answer that takes longer is a sign of overload
};

// How many requests may be under way at once: one more after each round without trouble, three
// tenths fewer once in a round with a 429 or with more than one slow answer in a hundred (additive
// increase, multiplicative decrease). A round is as many answers as the limit allows requests, so
// about one round trip. Pure; one thread at a time.
class InFlightLimit {
 public:
  explicit InFlightLimit(InFlightOptions options)
      : options_(options),
        limit_(options.adaptive ? std::min(options.first, options.most) : options.most) {}

  [[nodiscard]] int limit() const { return limit_; }

  void OnAnswer(bool too_many_requests, std::chrono::nanoseconds took) {
    if (!options_.adaptive) return;
    ++answers_;
    if (took > options_.slow) ++slow_;
    if (too_many_requests && !cut_) Cut();
    if (answers_ < limit_) return;
    if (!cut_ && slow_ * 100 > answers_) Cut();
    if (!cut_) limit_ = std::min(limit_ + 1, options_.most);
    answers_ = slow_ = 0;
    cut_ = false;
  }

 private:
  void Cut() {
    limit_ = std::max(limit_ * 7 / 10, options_.least);
    cut_ = true;
  }

  const InFlightOptions options_;
  int limit_;
  int answers_ = 0;  // of this round
  int slow_ = 0;
  bool cut_ = false;
};

}  // namespace ffdl::k8s
