#pragma once

#include <memory>
#include <utility>

namespace ffdl::k8s {

// Makes callbacks that a loop or a transport still holds do nothing once their owner has ended. Cut
// and the callbacks must run on the same loop: then none can be under way while the line is cut.
class Lifeline {
 public:
  // `work`, unless the line was cut before it is called.
  template <typename F>
  [[nodiscard]] auto Guard(F work) const {
    return [weak = std::weak_ptr<const int>(line_), work = std::move(work)](auto&&... args) {
      if (!weak.expired()) work(std::forward<decltype(args)>(args)...);
    };
  }

  void Cut() { line_.reset(); }

 private:
  std::shared_ptr<const int> line_ = std::make_shared<const int>(0);
};

}  // namespace ffdl::k8s
