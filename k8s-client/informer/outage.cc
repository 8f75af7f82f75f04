#include "k8s-client/informer/outage.h"

#include <algorithm>

namespace ffdl::k8s {
namespace {

constexpr BackoffOptions kAsking{.first = std::chrono::milliseconds(800),
                                 .longest = std::chrono::milliseconds(1'200),
                                 .jitter_percent = 20};
constexpr BackoffOptions kWaiting{
    .first = std::chrono::seconds(60), .longest = std::chrono::seconds(60), .jitter_percent = 50};

}  // namespace

void Outage::Join(Member& member) { members_.push_back(&member); }

void Outage::Leave(Member& member) {
  std::erase(members_, &member);
  if (asking_ == &member) asking_ = nullptr;
}

const BackoffOptions& Outage::MetNoAnswer(const Member& member) {
  if (asking_ == nullptr) asking_ = &member;
  return asking_ == &member ? kAsking : kWaiting;
}

void Outage::End() {
  asking_ = nullptr;
  for (Member* const member : members_) member->TryNow();
  if (over_) over_();
}

}  // namespace ffdl::k8s
