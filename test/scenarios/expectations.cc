#include "test/scenarios/expectations.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "crds/v1/conditions.h"
#include "crds/v1/json.h"

namespace ffdl::scenario {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

std::int32_t Number(const std::string& word) { return std::stoi(word); }

void ExpectCondition(const Words& words, const v1::TrainingJob& job) {
  const std::size_t equals = words.at(2).find('=');
  const std::string type = words[2].substr(0, equals);
  const k8s::Condition* const condition = k8s::FindCondition(job.status.conditions, type);
  ASSERT_NE(nullptr, condition) << type;
  EXPECT_EQ(words[2].substr(equals + 1), condition->status);
  EXPECT_EQ(job.meta.generation, condition->observed_generation);
  if (words.size() > 3) {
    EXPECT_EQ(words[3], condition->reason);
  }
  if (words.size() > 4) {
    EXPECT_EQ(words[4], condition->message);
  }
}

// "Waiting:WaitingForGpus:1-3", in a role "worker/Waiting:WaitingForGpus:1-3".
void AppendPhases(Words& words, const std::string& role,
                  const std::vector<v1::LearnerGroup>& groups) {
  for (const v1::LearnerGroup& group : groups) {
    words.push_back(fmt::format("{}{}{}{}:{}", role, group.phase, group.reason.empty() ? "" : ":",
                                group.reason, group.learners));
  }
}

void ExpectPhases(const Words& words, const v1::TrainingJobStatus& status) {
  Words seen;
  AppendPhases(seen, "", status.learners.phases);
  for (const v1::RoleStatus& role : status.roles) AppendPhases(seen, role.name + "/", role.phases);
  EXPECT_THAT(seen, testing::ElementsAreArray(words.begin() + 2, words.end()));
}

void ExpectDetails(const Words& words, const v1::TrainingJobStatus& status) {
  Words seen;
  for (const v1::LearnerDetail& detail : status.learners.details) {
    seen.push_back(fmt::format("{}:{}:{}", detail.learner, detail.reason, detail.message));
  }
  EXPECT_THAT(seen, testing::ElementsAreArray(words.begin() + 2, words.end()));
}

using Expectation = std::function<void(const Words&, const World&)>;

const std::map<std::string, Expectation>& Expectations() {
  static const std::map<std::string, Expectation> table{
      {"state",
       [](const Words& w, const World& world) {
         EXPECT_EQ(w.at(2), v1::ToString(world.Job().status.state));
       }},
      {"attempt",
       [](const Words& w, const World& world) {
         EXPECT_EQ(Number(w.at(2)), world.Job().status.attempt);
       }},
      {"restarts",
       [](const Words& w, const World& world) {
         EXPECT_EQ(Number(w.at(2)), world.Job().status.restarts);
       }},
      {"infrastructure-restarts",
       [](const Words& w, const World& world) {
         EXPECT_EQ(Number(w.at(2)), world.Job().status.infrastructure_restarts);
       }},
      {"learners",
       [](const Words& w, const World& world) {
         EXPECT_EQ(w.at(2), world.Job().status.learners.summary);
       }},
      {"gpus", [](const Words& w,
                  const World& world) { EXPECT_EQ(Number(w.at(2)), world.Job().status.gpus); }},
      {"condition", [](const Words& w, const World& world) { ExpectCondition(w, world.Job()); }},
      {"objects",
       [](const Words& w, const World& world) {
         EXPECT_THAT(world.ObjectNames(),
                     testing::UnorderedElementsAreArray(w.begin() + 2, w.end()));
       }},
      {"replicas",
       [](const Words& w, const World& world) {
         std::int32_t replicas = 0;
         for (const auto& set : world.observed().learner_sets) replicas += set ? set->replicas : 0;
         EXPECT_EQ(Number(w.at(2)), replicas);
       }},
      {"template-as-asked",
       [](const Words&, const World& world) { EXPECT_FALSE(world.IsTemplateEdited()); }},
      {"roles",
       [](const Words& w, const World& world) {
         std::vector<std::string> roles;
         for (const v1::RoleStatus& role : world.Job().status.roles) {
           roles.push_back(fmt::format("{}:{}/{}/{}/{}", role.name, role.desired, role.ready,
                                       role.succeeded, role.failed));
         }
         EXPECT_THAT(roles, testing::ElementsAreArray(w.begin() + 2, w.end()));
       }},
      {"phases", [](const Words& w, const World& world) { ExpectPhases(w, world.Job().status); }},
      {"details", [](const Words& w, const World& world) { ExpectDetails(w, world.Job().status); }},
      {"gpu-seconds",
       [](const Words& w, const World& world) {
         const auto& seconds = world.Job().status.gpu_seconds;
         ASSERT_TRUE(seconds);
         EXPECT_EQ(w.at(2), fmt::format("{}/{}", seconds->used, seconds->wasted));
       }},
      {"failure",
       [](const Words& w, const World& world) {
         const auto failure = world.Job().status.failure;
         ASSERT_TRUE(failure);
         const json seen = {{"learner", std::to_string(failure->learner)},
                            {"role", failure->role},
                            {"node", failure->node},
                            {"exitCode", std::to_string(failure->exit_code)},
                            {"reason", failure->reason},
                            {"attempt", std::to_string(failure->attempt)},
                            {"message", failure->message},
                            {"log", failure->log}};
         for (std::size_t i = 2; i < w.size(); ++i) {
           const std::size_t equals = w[i].find('=');
           EXPECT_EQ(w[i].substr(equals + 1), seen.value(w[i].substr(0, equals), "?"));
         }
       }},
      {"attempts",
       [](const Words& w, const World& world) {
         std::vector<std::string> ends;
         for (const v1::AttemptRecord& record : world.Job().status.history) {
           ends.push_back(record.node.empty() ? record.reason : record.reason + "@" + record.node);
         }
         EXPECT_THAT(ends, testing::ElementsAreArray(w.begin() + 2, w.end()));
       }},
      {"learner-restarts",
       [](const Words& w, const World& world) {
         std::vector<std::string> restarts;
         for (const v1::LearnerRestart& record : world.Job().status.learner_restarts) {
           restarts.push_back(fmt::format("{}:{}:{}{}", record.learner, record.restarts,
                                          record.reason, record.restarting ? ":now" : ""));
         }
         EXPECT_THAT(restarts, testing::ElementsAreArray(w.begin() + 2, w.end()));
       }},
      {"pods-made",
       [](const Words& w, const World& world) {
         std::vector<std::string> made;
         for (std::int32_t id = 1; id <= static_cast<std::int32_t>(w.size()) - 2; ++id) {
           made.push_back(std::to_string(world.PodsMadeOf(id)));
         }
         EXPECT_THAT(made, testing::ElementsAreArray(w.begin() + 2, w.end()));
       }},
      {"avoids",
       [](const Words& w, const World& world) {
         EXPECT_THAT(world.Job().status.avoided_nodes,
                     testing::ElementsAreArray(w.begin() + 2, w.end()));
       }},
      {"event",
       [](const Words& w, const World& world) {
         const auto same = [&](const k8s::PendingEvent& e) {
           return e.reason == w.at(3) && e.warning == (w.at(2) == "Warning") &&
                  (w.size() < 5 || e.note == w[4]);
         };
         EXPECT_TRUE(std::ranges::any_of(world.events(), same)) << "no such event";
       }},
      {"status-writes",
       [](const Words& w, const World& world) {
         EXPECT_EQ(Number(w.at(2)), world.status_writes());
       }},
      {"no-failure",
       [](const Words&, const World& world) { EXPECT_FALSE(world.Job().status.failure); }},
  };
  return table;
}

}  // namespace

void Expect(const Words& words, const World& world) {
  const auto it = Expectations().find(words.at(1));
  ASSERT_NE(Expectations().end(), it) << "unknown expectation " << words[1];
  it->second(words, world);
}

}  // namespace ffdl::scenario
