#include "test/e2e/harness/cluster_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <deque>
#include <iostream>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "crds/v1/training_job.h"
#include "k8s-client/runtime/random.h"
#include "test/e2e/harness/cluster_user.h"
#include "test/e2e/harness/operator_process.h"
#include "test/e2e/harness/proxied_server.h"
#include "test/e2e/harness/story_failure.h"
#include "test/support/digest.h"

namespace ffdl::e2e {
namespace {

using simulation::Fault;
using simulation::FaultKind;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr milliseconds kLook{300};
// Without a write for so long, events included, which come a second late, the run is at rest.
constexpr milliseconds kRest{2500};
constexpr seconds kReachMax{180};
constexpr int kStartsMax = 10;  // an operator that ends by itself is not started for ever

// Counts the writes that pass the proxy, and says which of them the plan wants to spoil.
class WriteCounter {
 public:
  explicit WriteCounter(const simulation::FaultPlan& plan) : plan_(plan) {}

  test::Fault Meet(const test::SeenRequest& request) {
    if (request.method == "GET") return test::Fault::kNone;
    const std::scoped_lock lock(mutex_);
    last_ = steady_clock::now();
    ++count_;
    const simulation::Place place{.where = simulation::Where::kWrite, .nth = count_};
    const auto fault = std::ranges::find(plan_, place, &Fault::place);
    if (fault == plan_.end()) return test::Fault::kNone;
    ++struck_;
    return fault->kind == FaultKind::kCrashBefore ? test::Fault::kNotSent : test::Fault::kLost;
  }

  [[nodiscard]] int count() const {
    const std::scoped_lock lock(mutex_);
    return count_;
  }
  [[nodiscard]] int struck() const {
    const std::scoped_lock lock(mutex_);
    return struck_;
  }
  [[nodiscard]] bool IsAtRest() const {
    const std::scoped_lock lock(mutex_);
    return steady_clock::now() - last_ >= kRest;
  }

 private:
  const simulation::FaultPlan& plan_;
  mutable std::mutex mutex_;
  int count_ = 0;
  int struck_ = 0;
  steady_clock::time_point last_ = steady_clock::now();
};

// The namespace of a run, for as long as this lives.
class OwnNamespace {
 public:
  OwnNamespace(ClusterApi& api, const std::string& scenario)
      : api_(api), name_(fmt::format("e2e-{}-{:08x}", scenario, k8s::SystemSeed() & 0xFFFFFFFFU)) {
    api_.Create(kNamespaceType, "",
                {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name_}}}});
    // Pods are refused before it is there.
    const std::string account =
        k8s::ResourcePath({"", "v1", "ServiceAccount", "serviceaccounts"}, name_, "default");
    const auto ready = [&] { return !api_.Get(account).is_null(); };
    if (!Eventually(ready, seconds(30))) throw StoryFailure(name_ + " gets no service account");
  }
  ~OwnNamespace() {
    try {
      api_.Delete(k8s::ResourcePath(kNamespaceType, "", name_));
    } catch (const StoryFailure& failure) {
      std::cerr << failure.what() << '\n';
    }
  }
  OwnNamespace(const OwnNamespace&) = delete;
  OwnNamespace& operator=(const OwnNamespace&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  ClusterApi& api_;
  const std::string name_;
};

class ClusterRun {
 public:
  ClusterRun(ClusterApi& api, const simulation::RunSpec& spec)
      : api_(api),
        spec_(spec),
        expected_(simulation::ExpectedEnd(*spec.scenario)),
        ns_(api, std::string(spec.scenario->name)),
        counter_(spec.plan),
        server_([this](const test::SeenRequest& request) { return counter_.Meet(request); },
                [this] { Kill(); }) {
    for (int i = 1; i <= spec.scenario->jobs; ++i) {
      users_.emplace_back(api_, *spec.scenario, ns_.name(), simulation::JobName(i));
    }
  }
  ~ClusterRun() {
    const std::scoped_lock lock(mutex_);
    operator_.reset();
  }
  ClusterRun(const ClusterRun&) = delete;
  ClusterRun& operator=(const ClusterRun&) = delete;

  ClusterRunResult Play() {
    const auto begin = steady_clock::now();
    SetScene(api_, *spec_.scenario, ns_.name());
    ClusterRunResult result{.violation = PlayToEnd()};
    result.struck = counter_.struck();
    result.writes = counter_.count();
    result.seconds = std::chrono::duration<double>(steady_clock::now() - begin).count();
    return result;
  }

 private:
  // On a thread of the proxy: at this very write, and before the operator can learn of its fate.
  void Kill() {
    const std::scoped_lock lock(mutex_);
    if (operator_) operator_->Signal(SIGKILL);
    killed_ = true;
  }

  // Starts the operator when there is none; says what is wrong if it ended by itself.
  std::optional<std::string> KeepOperator() {
    const std::scoped_lock lock(mutex_);
    if (operator_ && !operator_->WaitFor(milliseconds(0))) return std::nullopt;
    if (operator_ && !std::exchange(killed_, false)) {
      return "the operator ended by itself: " + operator_->Log();
    }
    if (++starts_ > kStartsMax) return "the operator was started too often";
    operator_ = std::make_unique<OperatorProcess>(
        "operator", server_.kubeconfig(),
        Words{"--leader_elect=false", "--namespace=" + ns_.name()});
    return std::nullopt;
  }

  std::string Digest() {
    return test::DigestOf({.jobs = api_.List(v1::kTrainingJobType, ns_.name()),
                           .services = api_.List(k8s::kServiceType, ns_.name()),
                           .claims = api_.List(k8s::kClaimType, ns_.name()),
                           .network_policies = api_.List(k8s::kNetworkPolicyType, ns_.name()),
                           .disruption_budgets = api_.List(k8s::kDisruptionBudgetType, ns_.name()),
                           .stateful_sets = api_.List(k8s::kStatefulSetType, ns_.name()),
                           .pods = api_.List(k8s::kPodType, ns_.name())},
                          !spec_.scenario->attempts_vary);
  }

  std::optional<std::string> PlayToEnd() {
    const auto limit = steady_clock::now() + kReachMax;
    while (steady_clock::now() < limit) {
      if (auto wrong = KeepOperator()) return wrong;
      for (ClusterUser& user : users_) user.MaybeAct();
      const bool done = std::ranges::all_of(users_, &ClusterUser::done);
      if (done && counter_.IsAtRest() && Digest() == expected_) return std::nullopt;
      std::this_thread::sleep_for(kLook);
    }
    const std::scoped_lock lock(mutex_);
    return fmt::format(
        "the end was not reached within {} s\n--- expected\n{}--- reached\n{}--- operator\n{}",
        kReachMax.count(), expected_, Digest(), operator_->Log());
  }

  ClusterApi& api_;
  const simulation::RunSpec& spec_;
  const std::string expected_;
  const OwnNamespace ns_;
  WriteCounter counter_;
  std::deque<ClusterUser> users_;
  std::mutex mutex_;
  bool killed_ = false;
  int starts_ = 0;
  std::unique_ptr<OperatorProcess> operator_;
  ProxiedServer server_;  // its threads use the rest
};

}  // namespace

bool CanStrike(FaultKind kind) {
  return kind == FaultKind::kCrashBefore || kind == FaultKind::kCrashAfter;
}

ClusterRunResult PlayOnCluster(ClusterApi& api, const simulation::RunSpec& spec) {
  try {
    return ClusterRun(api, spec).Play();
  } catch (const std::exception& failure) {
    return {.violation = failure.what()};
  }
}

}  // namespace ffdl::e2e
