// The text of many jobs and their children, as an API server would send them.
#pragma once

#include <string>

#include "benchmark/micro/fixtures.h"

namespace ffdl::benchmarks {

inline constexpr const char* kReplayNamespace = "team-vision";

// The objects of one job after the other: the same typical job under other names and uids.
class World {
 public:
  explicit World(int learners) : learners_(learners) {}

  [[nodiscard]] std::string Job(int number, Stage stage) const;
  [[nodiscard]] std::string Service(int number) const;
  [[nodiscard]] std::string LearnerSet(int number) const;
  [[nodiscard]] std::string Pod(int number, int ordinal, Stage stage) const;
  // One whose program ended with exit code 3.
  [[nodiscard]] std::string FailedPod(int number, int ordinal) const;

  [[nodiscard]] int learners() const { return learners_; }
  [[nodiscard]] static std::string NameOf(int number);

 private:
  // What the operator has written down of the pods that run together.
  [[nodiscard]] std::string DigestOfPods(int number) const;
  [[nodiscard]] static std::string Stamp(std::string text, int number);

  const int learners_;
};

// Each object sent as an event gets a version of its own.
[[nodiscard]] std::string EventLine(const std::string& type, const std::string& object);
// `object` with another metadata.resourceVersion.
[[nodiscard]] std::string WithVersion(const std::string& object, long version);

}  // namespace ffdl::benchmarks
