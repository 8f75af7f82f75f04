#include "k8s-client/runtime/leader_elector.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ffdl::k8s {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr int kReleaseAttemptsMax = 3;
constexpr seconds kReleasedDuration{1};
// Several attempts must fit between a renewal and the deadline.
constexpr int kAttemptsPerDeadline = 2;
constexpr std::string_view kFieldManager = "ffdl-leader-election";

}  // namespace

std::string MakeIdentity(const std::string& host, Random& random) {
  return fmt::format("{}_{:016x}{:016x}", host, random.Next(), random.Next());
}

LeaderElector::LeaderElector(LeaderElectorOptions options, Transport& lease, Callbacks callbacks,
                             RuntimeContext context)
    : options_(std::move(options)),
      callbacks_(std::move(callbacks)),
      context_(std::move(context)),
      transport_(lease, options_.renew_deadline / kAttemptsPerDeadline),
      client_(transport_),
      leading_(context_.metrics.GaugeOf("leader_election_master_status",
                                        "1 while this process holds the lease.",
                                        {{"name", options_.lease.name}})),
      slow_paths_(context_.metrics.CounterOf("leader_election_slowpath_total",
                                             "Renewals that had to read the lease first.",
                                             {{"name", options_.lease.name}})) {}

void LeaderElector::Start() {
  transport_.loop().Post(lifeline_.Guard([this] { Tick(); }));
}

bool LeaderElector::MayWrite(milliseconds request_timeout) const {
  const nanoseconds valid_until{valid_until_ns_.load()};
  return context_.clock.Steady() + request_timeout < valid_until;
}

bool LeaderElector::overdue() const {
  const nanoseconds valid_until{valid_until_ns_.load()};
  return leads_ && valid_until > nanoseconds(0) && context_.clock.Steady() >= valid_until;
}

void LeaderElector::Tick() {
  if (life_ != Life::kRunning) return;
  if (!leads_) return Look();
  CheckDeadline();
  if (!leads_) return;
  if (version_.empty()) return Look();
  LeaseRecord renewed = held_;
  renewed.renewed_at = context_.clock.Now();
  Put(renewed);
}

void LeaderElector::Look() {
  if (leads_) slow_paths_.Add();
  client_.Get(kLeaseType, options_.lease, lifeline_.Guard([this](const Result<std::string>& text) {
    if (life_ == Life::kRunning) Judge(text);
  }));
}

void LeaderElector::Judge(const Result<std::string>& text) {
  if (!text && text.error().code == ErrorCode::kNotFound) return Create();
  const Result<StoredLease> lease = text ? ParseLease(*text) : unexpected<Error>(text.error());
  if (!lease) {
    context_.log(LogLevel::kWarning, "cannot read the lease: " + lease.error().message);
    return Retry();
  }
  const LeaseRecord& seen = lease->record;
  const nanoseconds now = context_.clock.Steady();
  if (seen != observed_ || observed_at_ == nanoseconds(0)) {
    observed_ = seen;
    observed_at_ = now;
  }
  version_ = lease->version;
  if (seen.holder == options_.identity) {
    // A write of ours whose answer was lost. It counts from when the next one is sent.
    LeaseRecord renewed = seen;
    renewed.duration = NewRecord().duration;
    renewed.renewed_at = context_.clock.Now();
    return Put(renewed);
  }
  if (leads_) return Lose("held by " + (seen.holder.empty() ? "nobody" : seen.holder));
  // Their clock does not matter: only that nothing has changed for so long on ours.
  const nanoseconds patience = seen.duration > seconds(0) ? nanoseconds(seen.duration)
                                                          : nanoseconds(options_.lease_duration);
  const nanoseconds free_at = observed_at_ + patience;
  if (seen.holder.empty() || now >= free_at) return TakeOver(seen);
  LookAgain(std::chrono::ceil<milliseconds>(free_at - now));
}

void LeaderElector::LookAgain(milliseconds at_latest) {
  // A leader's silence counts from when we saw its last renewal, so we look more than twice as
  // often as it renews; at random, so that followers do not all come at once.
  const milliseconds period = options_.retry_period;
  const milliseconds delay = context_.random.Between(period * 30 / 100, period * 45 / 100);
  tick_timer_ =
      transport_.loop().After(std::min(delay, at_latest), lifeline_.Guard([this] { Tick(); }));
}

LeaseRecord LeaderElector::NewRecord() const {
  return {.holder = options_.identity,
          .duration = std::chrono::ceil<seconds>(options_.lease_duration),
          .acquired_at = context_.clock.Now(),
          .renewed_at = context_.clock.Now()};
}

void LeaderElector::TakeOver(const LeaseRecord& seen) {
  LeaseRecord record = NewRecord();
  record.transitions = seen.transitions + 1;
  Put(record);
}

void LeaderElector::Create() {
  const LeaseRecord record = NewRecord();
  const nanoseconds sent = context_.clock.Steady();
  client_.Create(kLeaseType, options_.lease.ns, LeaseBody(options_.lease, "", record),
                 kFieldManager, lifeline_.Guard([this, sent, record](const WriteResult& result) {
                   OnPut(sent, record, result);
                 }));
}

void LeaderElector::Put(const LeaseRecord& record) {
  // Whatever the answer and whenever it comes: others count from when this reached the server,
  // which is after now.
  const nanoseconds sent = context_.clock.Steady();
  client_.Replace(kLeaseType, options_.lease, LeaseBody(options_.lease, version_, record),
                  lifeline_.Guard([this, sent, record](const WriteResult& result) {
                    OnPut(sent, record, result);
                  }));
}

void LeaderElector::OnPut(nanoseconds sent, const LeaseRecord& record, const WriteResult& result) {
  if (life_ != Life::kRunning) return;
  if (result.outcome == WriteOutcome::kCommitted) {
    version_ = result.resource_version;
    held_ = record;
    return Lead(sent);
  }
  version_.clear();
  if (result.outcome == WriteOutcome::kRejected && leads_ &&
      (result.error.code == ErrorCode::kConflict || result.error.code == ErrorCode::kNotFound)) {
    return Look();
  }
  if (leads_) context_.log(LogLevel::kWarning, "cannot renew the lease: " + result.error.message);
  Retry();
}

void LeaderElector::Lead(nanoseconds sent) {
  const nanoseconds now = context_.clock.Steady();
  const nanoseconds valid_until = sent + options_.lease_duration - options_.margin;
  if (now >= valid_until) return Retry();  // came too late to be worth anything
  renewed_at_ = sent;
  valid_until_ns_ = valid_until.count();
  EventLoop& loop = transport_.loop();
  loop.Cancel(deadline_timer_);
  // Both count from `sent`, so that slow answers do not stretch the time between renewals.
  const auto left_until = [&](nanoseconds moment) {
    return std::max(std::chrono::ceil<milliseconds>(moment - now), milliseconds(0));
  };
  deadline_timer_ = loop.After(left_until(sent + options_.renew_deadline),
                               lifeline_.Guard([this] { CheckDeadline(); }));
  tick_timer_ =
      loop.After(left_until(sent + options_.retry_period), lifeline_.Guard([this] { Tick(); }));
  if (leads_) return;
  leads_ = true;
  leading_.Set(1);
  context_.log(LogLevel::kInfo, fmt::format("leading as {}", options_.identity));
  callbacks_.on_started();
}

void LeaderElector::CheckDeadline() {
  if (life_ != Life::kRunning || !leads_) return;
  if (context_.clock.Steady() < renewed_at_ + options_.renew_deadline) return;
  Lose(fmt::format("no renewal for {} ms", options_.renew_deadline.count()));
}

void LeaderElector::Lose(const std::string& why) {
  valid_until_ns_ = 0;
  leads_ = false;
  life_ = Life::kLost;
  leading_.Set(0);
  context_.log(LogLevel::kError, "lost the lease: " + why);
  callbacks_.on_lost();
}

void LeaderElector::Retry() {
  CheckDeadline();
  if (life_ != Life::kRunning) return;
  // At random, so that followers that met at the lease do not meet again.
  const milliseconds period = options_.retry_period;
  const milliseconds delay =
      leads_ ? period : context_.random.Between(period * 7 / 10, period * 9 / 10);
  tick_timer_ = transport_.loop().After(delay, lifeline_.Guard([this] { Tick(); }));
}

void LeaderElector::Stop(std::function<void()> released) {
  valid_until_ns_ = 0;
  transport_.loop().Post([this, released = std::move(released)] {
    released_ = released;
    life_ = Life::kStopping;
    valid_until_ns_ = 0;  // a renewal may have been answered in between
    transport_.loop().Cancel(tick_timer_);
    transport_.loop().Cancel(deadline_timer_);
    leading_.Set(0);
    if (!leads_.exchange(false)) return End();
    Release(kReleaseAttemptsMax);
  });
}

void LeaderElector::Release(int attempts_left) {
  if (version_.empty()) return LookAndRelease(attempts_left);
  LeaseRecord record = held_;
  record.holder.clear();
  record.duration = kReleasedDuration;
  record.renewed_at = context_.clock.Now();
  client_.Replace(kLeaseType, options_.lease, LeaseBody(options_.lease, version_, record),
                  lifeline_.Guard([this, attempts_left](const WriteResult& result) {
                    if (result.outcome == WriteOutcome::kCommitted) return End();
                    LookAndRelease(attempts_left - 1);
                  }));
}

void LeaderElector::LookAndRelease(int attempts_left) {
  if (attempts_left <= 0) return End();  // the others will wait for it to run out
  client_.Get(kLeaseType, options_.lease,
              lifeline_.Guard([this, attempts_left](const Result<std::string>& text) {
                const Result<StoredLease> lease =
                    text ? ParseLease(*text) : unexpected<Error>(text.error());
                if (!lease) return LookAndRelease(attempts_left - 1);
                if (lease->record.holder != options_.identity) return End();
                version_ = lease->version;
                Release(attempts_left);
              }));
}

void LeaderElector::End() {
  lifeline_.Cut();
  const auto released = std::move(released_);
  released();  // the last thing: the elector may be gone afterwards
}

}  // namespace ffdl::k8s
