#include "test/scenarios/story.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <sstream>
#include <stdexcept>

#include "test/scenarios/expectations.h"

namespace ffdl::scenario {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

std::int32_t Number(const std::string& word) { return std::stoi(word); }

// "learners=2" and the like -> the spec of a job.
json SpecOf(const Words& words) {
  json spec = {{"framework", {{"name", "pytorch"}, {"image", "localhost/train:1"}}},
               {"command", json::array({"python3", "train.py"})}};
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    const std::string key = words[i].substr(0, equals);
    const std::string value = equals == std::string::npos ? "true" : words[i].substr(equals + 1);
    const json parsed = json::parse(value, nullptr, false);
    spec[json::json_pointer("/" + key)] = parsed.is_discarded() ? json(value) : parsed;
  }
  return spec;
}

// What a program of ours says of itself: "... LEARNER CODE REASON MESSAGE".
k8s::ContainerEnd EndToldBy(const Words& words) {
  const json report = {{"reason", words.at(3)}, {"message", words.at(4)}};
  return {.exit_code = Number(words.at(2)), .message = report.dump()};
}

k8s::ContainerStatus SetupThatEnded() {
  return {.name = "setup", .terminated = k8s::ContainerEnd{.reason = "Completed"}};
}

k8s::ContainerEnd EndOf(const Words& words) {
  k8s::ContainerEnd end{.exit_code = Number(words.at(2))};
  end.reason = end.exit_code == 0 ? "Completed" : "Error";
  json report = {{"reason", end.exit_code == 0 ? "Completed" : "ProgramFailed"}};
  for (std::size_t i = 3; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    const std::string key = words[i].substr(0, equals);
    const std::string value = words[i].substr(equals + 1);
    if (key == "runtime") {
      end.reason = value;
    } else {
      report[key] = value;
    }
  }
  end.message = report.dump();
  return end;
}

using Deed = std::function<void(const Words&, World&)>;

void Settle(World& world) { ASSERT_TRUE(world.Settle()) << "the operator never comes to rest"; }

const std::map<std::string, Deed>& Deeds() {
  static const std::map<std::string, Deed> table{
      {"job", [](const Words& w, World& world) { world.CreateJob(SpecOf(w)); }},
      {"operator", [](const Words&, World& world) { Settle(world); }},
      {"starts",
       [](const Words& w, World& world) {
         for (std::size_t i = 1; i < w.size(); ++i) world.Start(Number(w[i]));
       }},
      {"exits", [](const Words& w, World& world) { world.Exit(Number(w.at(1)), EndOf(w)); }},
      {"restarted-by-kubelet",
       [](const Words& w, World& world) {
         for (std::size_t i = 1; i < w.size(); ++i) world.RestartContainer(Number(w[i]));
       }},
      {"hangs",
       [](const Words& w, World& world) {
         world.PodOf(Number(w.at(1))).containers.front().ready = false;
       }},
      {"gets-on",
       [](const Words& w, World& world) {
         world.PodOf(Number(w.at(1))).containers.front().ready = true;
       }},
      {"unschedulable",
       [](const Words& w, World& world) {
         world.PodOf(Number(w.at(1))).unscheduled_reason = "Unschedulable";
         world.PodOf(Number(w.at(1))).unscheduled_message = w.at(2);
       }},
      {"waits",
       [](const Words& w, World& world) {
         k8s::ContainerStatus& container = world.PodOf(Number(w.at(1))).containers.front();
         container = {.name = "learner", .waiting_reason = w.at(2), .waiting_message = w.at(3)};
       }},
      {"setup-fails",
       [](const Words& w, World& world) {
         world.PodOf(Number(w.at(1))).init_containers = {
             {.name = "setup", .terminated = EndToldBy(w)}};
       }},
      {"downloads",
       [](const Words& w, World& world) {
         world.PodOf(Number(w.at(1))).init_containers = {SetupThatEnded(),
                                                         {.name = "fetch", .running = true}};
       }},
      {"download-fails",
       [](const Words& w, World& world) {
         world.PodOf(Number(w.at(1))).init_containers = {SetupThatEnded(),
                                                         {.name = "fetch",
                                                          .waiting_reason = "CrashLoopBackOff",
                                                          .last_terminated = EndToldBy(w)}};
       }},
      {"evicted",
       [](const Words& w, World& world) {
         k8s::Pod& pod = world.PodOf(Number(w.at(1)));
         pod.phase = "Failed";
         pod.reason = "Evicted";
         pod.message = w.at(2);
       }},
      {"going",
       [](const Words& w, World& world) {
         k8s::Pod& pod = world.PodOf(Number(w.at(1)));
         pod.meta.deletion_time = world.now() + std::chrono::seconds(30);
         if (w.size() > 2) pod.disruption_reason = w[2];
       }},
      {"condition",
       [](const Words& w, World& world) {
         world.PodOf(Number(w.at(1))).conditions.push_back(w.at(2));
       }},
      {"gone", [](const Words& w, World& world) { world.RemovePod(Number(w.at(1))); }},
      {"set-deleted", [](const Words&, World& world) { world.DeleteLearnerSets(); }},
      {"time",
       [](const Words& w, World& world) { world.Pass(std::chrono::seconds(Number(w.at(1)))); }},
      {"suspend",
       [](const Words&, World& world) {
         world.PatchSpec({{"suspend", true}});
       }},
      {"resume",
       [](const Words&, World& world) {
         world.PatchSpec({{"suspend", false}});
       }},
      {"edit", [](const Words& w, World& world) { world.PatchSpec(json::parse(w.at(1))); }},
      {"delete", [](const Words&, World& world) { world.DeleteJob(); }},
      {"refuse",
       [](const Words& w, World& world) {
         world.RefuseNext(w.at(1), {k8s::ErrorCode::kInvalid, w.at(2)});
       }},
      {"foreign-service", [](const Words&, World& world) { world.CreateForeignService(); }},
      {"service-edited", [](const Words&, World& world) { world.EditService(); }},
      {"guards-edited", [](const Words&, World& world) { world.EditGuards(); }},
      {"learner-sets-edited", [](const Words&, World& world) { world.EditLearnerSets(); }},
      {"expect", [](const Words& w, World& world) { Expect(w, world); }},
  };
  return table;
}

// Between braces everything is JSON and stays as it is.
Words SplitWords(const std::string& line) {
  Words words;
  std::string word;
  bool quoted = false;
  bool any = false;  // an empty word in quotes is a word, too
  int braces = 0;
  for (const char c : line) {
    if (!quoted && c == '{') ++braces;
    if (!quoted && c == '}') --braces;
    if (braces > 0) {
      word += c;
    } else if (c == '"') {
      quoted = !quoted;
      any = true;
    } else if (c == '#' && !quoted) {
      break;
    } else if (c == ' ' && !quoted) {
      if (any || !word.empty()) words.push_back(std::exchange(word, ""));
      any = false;
    } else {
      word += c;
    }
  }
  if (any || !word.empty()) words.push_back(word);
  return words;
}

}  // namespace

std::vector<Step> ParseStory(const std::string& text) {
  std::vector<Step> story;
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    Words words = SplitWords(line);
    if (!words.empty()) story.push_back({.line = number, .words = std::move(words)});
  }
  return story;
}

void Play(const std::vector<Step>& story, World& world) {
  for (const Step& step : story) {
    SCOPED_TRACE("line " + std::to_string(step.line));
    const auto it = Deeds().find(step.words.front());
    ASSERT_NE(Deeds().end(), it) << "unknown step " << step.words.front();
    ASSERT_NO_THROW(it->second(step.words, world));
    if (testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace ffdl::scenario
