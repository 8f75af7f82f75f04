#pragma once

#include "k8s-client/meta/time.h"
#include "k8s-client/runtime/log.h"
#include "k8s-client/runtime/metrics.h"
#include "k8s-client/runtime/random.h"

namespace ffdl::k8s {

// What every part of the runtime needs from its surroundings. Cheap to copy; borrows the three
// objects, which must outlive whatever was given the context.
struct RuntimeContext {
  const Clock& clock;
  Random& random;
  Metrics& metrics;
  Log log = NoLog();
};

}  // namespace ffdl::k8s
