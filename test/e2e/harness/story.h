// The fixture of all tests here: a story in a namespace of its own, told with kubectl.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "test/e2e/harness/command.h"
#include "test/e2e/harness/job_manifest.h"
#include "test/e2e/harness/json.h"
#include "test/e2e/harness/watch.h"

namespace ffdl::e2e {

// How long a thing may take on a machine that is busy with several tests at once.
inline constexpr std::chrono::seconds kPhaseMax{90};    // from one state of a job to the next
inline constexpr std::chrono::seconds kCleanUpMax{60};  // until deleted objects are gone
inline constexpr std::chrono::milliseconds kPollPeriod{250};

// How soon status has to say what the cluster says. The aim is two seconds; the rest is for a
// machine that is busy with several tests at once.
inline constexpr std::chrono::seconds kTellingMax{10};

// Asks `condition` until it is true or `limit` is over; whether it became true.
[[nodiscard]] bool Eventually(const std::function<bool()>& condition, std::chrono::seconds limit);

class Story : public testing::Test {
 protected:
  Story();
  void SetUp() override;
  void TearDown() override;

  [[nodiscard]] const std::string& ns() const { return ns_; }
  [[nodiscard]] const Watch& jobs();  // every state of every job of this story
  void WatchPods();                   // from now on:
  [[nodiscard]] const Watch& pods();  // every state of every pod

  // kubectl WORDS... in the story's namespace.
  [[nodiscard]] CommandResult Kubectl(Words words, CommandOptions options = {});
  // The same, and the story ends here if it fails. Returns what it printed.
  std::string MustKubectl(Words words, CommandOptions options = {});

  void Apply(const Json& manifest);
  void Apply(const JobManifest& job) { Apply(job.json()); }
  // A merge patch of the job's spec, as the server answers it.
  [[nodiscard]] CommandResult TryEdit(const std::string& job, const Json& spec);
  void Edit(const std::string& job, const Json& spec);

  void Evict(const std::string& pod);  // as kubectl drain does it

  [[nodiscard]] Json Get(const std::string& kind, const std::string& name);  // null if absent
  [[nodiscard]] std::vector<Json> List(const std::string& kind, const std::string& selector = "");
  // "pod/pair-learner-0" and so on: everything that carries the job's label.
  [[nodiscard]] Words ChildrenOf(const std::string& job);

  // The first state of the job, of those told from change `from` on, that is as wanted. The story
  // ends when it does not come in time.
  Json Await(const std::string& job, const std::string& what,
             const std::function<bool(const Json&)>& wanted, std::size_t from = 0,
             std::chrono::seconds limit = kPhaseMax);
  Json AwaitState(const std::string& job, const std::string& state, std::size_t from = 0);
  // Ready has this reason.
  Json AwaitReason(const std::string& job, std::string_view reason, std::size_t from = 0);

  // Fails the test if status told `reason` more than kTellingMax after a pod first was as `shown`,
  // and prints how long it took.
  void ExpectToldSoon(const std::string& job, std::string_view reason,
                      const std::function<bool(const Json& pod)>& shown);

  // Called for failed tests: everything that a person needs to find out why.
  virtual void Dump();

 private:
  const std::string ns_;
  std::unique_ptr<Watch> jobs_;
  std::unique_ptr<Watch> pods_;
};

}  // namespace ffdl::e2e
