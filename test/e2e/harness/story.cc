#include "test/e2e/harness/story.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <iostream>
#include <random>
#include <thread>

#include "test/e2e/harness/story_failure.h"

namespace ffdl::e2e {
namespace {

// "e2e-suspend-keeps-claims-and-goes-on-3f2a": readable in any listing, and new each time.
std::string FreshName() {
  constexpr std::size_t kReadableMax = 40;
  std::string name = "e2e";
  for (const char c : std::string(testing::UnitTest::GetInstance()->current_test_info()->name())) {
    if (std::isupper(static_cast<unsigned char>(c)) != 0) name += '-';
    const bool fits = std::isalnum(static_cast<unsigned char>(c)) != 0;  // not the / of a parameter
    name += fits ? static_cast<char>(std::tolower(static_cast<unsigned char>(c))) : '-';
  }
  name.resize(std::min(name.size(), kReadableMax));
  std::random_device random;
  constexpr std::string_view kDigits = "0123456789abcdef";
  name += '-';
  for (int i = 0; i < 4; ++i) name += kDigits[random() % kDigits.size()];
  return name;
}

double Seconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

bool Eventually(const std::function<bool()>& condition, std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (true) {
    if (condition()) return true;
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(kPollPeriod);
  }
}

Story::Story() : ns_(FreshName()) {}

void Story::SetUp() {
  const CommandResult made = RunCommand({"kubectl", "create", "namespace", ns_});
  if (!made.ok()) throw StoryFailure(Describe(made));
  // Pods are refused before it is there.
  MustKubectl({"wait", "--for=create", "serviceaccount/default", "--timeout=30s"});
  jobs_ = std::make_unique<Watch>(ns_, "trainingjobs");
}

void Story::TearDown() {
  if (HasFailure()) Dump();
  jobs_.reset();
  pods_.reset();
  const CommandResult deleted =
      RunCommand({"kubectl", "delete", "namespace", ns_, "--wait=false", "--ignore-not-found"});
  EXPECT_TRUE(deleted.ok()) << deleted;
}

const Watch& Story::jobs() { return *jobs_; }

void Story::WatchPods() { pods_ = std::make_unique<Watch>(ns_, "pods"); }

const Watch& Story::pods() {
  if (!pods_) throw StoryFailure("a story that looks at pods begins with WatchPods()");
  return *pods_;
}

CommandResult Story::Kubectl(Words words, CommandOptions options) {
  words.insert(words.begin(), {"kubectl", "--namespace", ns_});
  return RunCommand(words, options);
}

std::string Story::MustKubectl(Words words, CommandOptions options) {
  CommandResult result = Kubectl(std::move(words), std::move(options));
  if (!result.ok()) throw StoryFailure(Describe(result));
  return std::move(result.out);
}

void Story::Apply(const Json& manifest) {
  MustKubectl({"apply", "--filename", "-"}, {.input = manifest.dump()});
}

CommandResult Story::TryEdit(const std::string& job, const Json& spec) {
  return Kubectl({"patch", "tj", job, "--type=merge", "--patch", Json({{"spec", spec}}).dump()});
}

void Story::Edit(const std::string& job, const Json& spec) {
  const CommandResult edited = TryEdit(job, spec);
  if (!edited.ok()) throw StoryFailure(Describe(edited));
}

void Story::Evict(const std::string& pod) {
  const Json eviction = {{"apiVersion", "policy/v1"},
                         {"kind", "Eviction"},
                         {"metadata", {{"name", pod}, {"namespace", ns()}}}};
  MustKubectl(
      {"create", "--raw", "/api/v1/namespaces/" + ns() + "/pods/" + pod + "/eviction", "-f", "-"},
      {.input = eviction.dump()});
}

Json Story::Get(const std::string& kind, const std::string& name) {
  const std::string text =
      MustKubectl({"get", kind, name, "--ignore-not-found", "--output", "json"});
  return text.empty() ? Json() : Json::parse(text);
}

std::vector<Json> Story::List(const std::string& kind, const std::string& selector) {
  return Json::parse(
      MustKubectl({"get", kind, "--selector", selector, "--output", "json"}))["items"];
}

Words Story::ChildrenOf(const std::string& job) {
  Words children;
  for (const char* kind : {"pod", "statefulset", "service", "persistentvolumeclaim"}) {
    for (const Json& child : List(kind, "ffdl.io/job=" + job)) {
      children.push_back(std::string(kind) + "/" + TextAt(child, "/metadata/name"));
    }
  }
  return children;
}

Json Story::Await(const std::string& job, const std::string& what,
                  const std::function<bool(const Json&)>& wanted, std::size_t from,
                  std::chrono::seconds limit) {
  std::string last = "it was never seen";
  const std::optional<Change> found = jobs().WaitFor(
      [&](const Change& change) {
        if (TextAt(change.object, "/metadata/name") != job) return false;
        last = At(change.object, "/status").dump(2);
        return change.type != "DELETED" && wanted(change.object);
      },
      limit, from);
  if (found) return found->object;
  throw StoryFailure("TrainingJob " + job + " did not become " + what + " within " +
                     std::to_string(limit.count()) + " s; its status: " + last);
}

Json Story::AwaitState(const std::string& job, const std::string& state, std::size_t from) {
  return Await(
      job, state,
      [&](const Json& seen) {
        const std::string now = TextAt(seen, "/status/state");
        // A job that failed never becomes anything else: do not wait for it.
        if (now == "Failed" && state != now) {
          throw StoryFailure("TrainingJob " + job + " failed: " + At(seen, "/status").dump(2));
        }
        return now == state;
      },
      from);
}

Json Story::AwaitReason(const std::string& job, std::string_view reason, std::size_t from) {
  return Await(
      job, "Ready with reason " + std::string(reason),
      [&](const Json& seen) { return TextAt(ConditionOf(seen, "Ready"), "/reason") == reason; },
      from);
}

void Story::ExpectToldSoon(const std::string& job, std::string_view reason,
                           const std::function<bool(const Json&)>& shown) {
  const auto pod =
      pods().WaitFor([&](const Change& change) { return shown(change.object); }, kPhaseMax);
  ASSERT_TRUE(pod) << "no pod ever showed it";
  AwaitReason(job, reason);
  const auto told = jobs().WaitFor(
      [&](const Change& change) {
        return TextAt(change.object, "/metadata/name") == job &&
               TextAt(ConditionOf(change.object, "Ready"), "/reason") == reason;
      },
      kPhaseMax);
  ASSERT_TRUE(told);
  std::cout << reason << " was told " << Seconds(told->at - pod->at)
            << " s after a pod showed it\n";
  EXPECT_LT(told->at - pod->at, kTellingMax);
}

void Story::Dump() {
  const std::vector<Words> looks{
      {"get", "tj,pods,statefulsets,services,persistentvolumeclaims", "--output", "wide"},
      {"get", "tj", "--output", "yaml"},
      {"describe", "pods"},
      {"get", "events", "--sort-by=.metadata.creationTimestamp"},
      {"logs", "--namespace=ffdl-system", "deployment/ffdl-operator", "--tail=200"}};
  for (const Words& look : looks) std::cout << Kubectl(look) << '\n';
}

}  // namespace ffdl::e2e
