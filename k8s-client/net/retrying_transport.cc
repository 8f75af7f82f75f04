#include "k8s-client/net/retrying_transport.h"

#include <algorithm>

namespace ffdl::k8s {
namespace {

constexpr int kTooManyRequests = 429;

bool IsLost(const tl::expected<HttpResponse, TransportError>& answer) {
  return !answer && answer.error().delivery == Delivery::kUnknown;
}

// The server, or what stands before it, could not say what became of the request.
bool IsFailure(const HttpResponse& answer) {
  const bool passing = answer.status >= 502 && answer.status <= 504;
  const bool server = answer.status >= 500 && answer.status < 600;
  return passing || (server && answer.retry_after.count() > 0);
}

bool IsWorthAnotherTry(Repeat repeat, const tl::expected<HttpResponse, TransportError>& answer) {
  if (repeat == Repeat::kNever) return false;
  if (answer && answer->status == kTooManyRequests) return answer->retry_after.count() > 0;
  if (repeat != Repeat::kAnyTime) return false;
  return answer ? IsFailure(*answer) : IsLost(answer);
}

}  // namespace

struct RetryingTransport::Tries {
  HttpRequest request;
  Done done;
  std::chrono::nanoseconds deadline{0};
  int count = 0;
  int unasked = 0;
  bool in_doubt = false;  // one of them may have been carried out
};

void RetryingTransport::Send(HttpRequest request, Done done) {
  if (request.repeat == Repeat::kNever) return base_.Send(std::move(request), std::move(done));
  const std::chrono::nanoseconds deadline = clock_.Steady() + request.timeout;
  Try(std::make_shared<Tries>(
      Tries{.request = std::move(request), .done = std::move(done), .deadline = deadline}));
}

void RetryingTransport::Try(const std::shared_ptr<Tries>& tries) {
  ++tries->count;
  HttpRequest request = tries->request;
  request.timeout = std::chrono::ceil<std::chrono::milliseconds>(tries->deadline - clock_.Steady());
  base_.Send(std::move(request),
             [this, tries](Answer answer) { OnAnswer(tries, std::move(answer)); });
}

void RetryingTransport::OnAnswer(const std::shared_ptr<Tries>& tries, Answer answer) {
  const std::chrono::milliseconds wait = WaitAfter(*tries, answer);
  const bool in_time = clock_.Steady() + wait < tries->deadline;
  const bool asked = answer && answer->retry_after.count() > 0;
  const bool left =
      tries->count < options_.tries_max && (asked || tries->unasked < options_.unasked_max);
  if (IsWorthAnotherTry(tries->request.repeat, answer) && in_time && left) {
    if (!asked) ++tries->unasked;
    tries->request.answered_before = answer ? std::to_string(answer->status) : "<error>";
    tries->in_doubt = tries->in_doubt || IsLost(answer) || (answer && IsFailure(*answer));
    loop().After(wait, [this, tries] { Try(tries); });
    return;
  }
  if (!answer && tries->in_doubt) answer.error().delivery = Delivery::kUnknown;
  tries->done(std::move(answer));
}

std::chrono::milliseconds RetryingTransport::WaitAfter(const Tries& tries,
                                                       const Answer& answer) const {
  const int doublings = std::min(tries.count - 1, 16);
  const std::chrono::milliseconds wait =
      std::min(options_.first_wait * (1 << doublings), options_.longest_wait);
  return answer ? std::max(wait, answer->retry_after) : wait;
}

}  // namespace ffdl::k8s
