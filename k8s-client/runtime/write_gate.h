#pragma once

#include <chrono>

namespace ffdl::k8s {

// Asked before every write: may this process still write, and will it still be allowed to by the
// time the request has timed out? Thread-safe; never blocks.
class WriteGate {
 public:
  virtual ~WriteGate() = default;
  [[nodiscard]] virtual bool MayWrite(std::chrono::milliseconds request_timeout) const = 0;
};

// For a process that is the only one by other means (--leader-elect=false).
class OpenGate final : public WriteGate {
 public:
  [[nodiscard]] bool MayWrite(std::chrono::milliseconds) const override { return true; }
};

}  // namespace ffdl::k8s
