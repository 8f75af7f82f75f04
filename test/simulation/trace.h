// What happened in one run, one line each, for people.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "k8s-client/meta/time.h"

namespace ffdl::simulation {

class Trace {
 public:
  // Borrows the clock. One that does not record costs nothing.
  Trace(const k8s::Clock& clock, bool records)
      : clock_(clock), began_at_(clock.Steady()), records_(records) {}

  [[nodiscard]] bool records() const { return records_; }

  // "  00:00:12.345  operator-1  apply StatefulSet ml/mnist-learner: 200"
  template <typename... Args>
  void Line(std::string_view who, fmt::format_string<Args...> format, Args&&... args) {
    if (records_) Add(who, fmt::format(format, std::forward<Args>(args)...));
  }

  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

 private:
  void Add(std::string_view who, std::string_view what);

  const k8s::Clock& clock_;
  const std::chrono::nanoseconds began_at_;
  const bool records_;
  std::vector<std::string> lines_;
};

}  // namespace ffdl::simulation
