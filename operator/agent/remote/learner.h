#pragma once

#include <csignal>
#include <functional>
#include <optional>
#include <string>

#include "operator/agent/attempt.h"
#include "operator/agent/environment.h"
#include "operator/agent/remote/mpi.h"
#include "operator/agent/termination.h"

namespace ffdl::agent {

struct MpiLearner {
  const MpiOptions& options;
  const Attempt& attempt;
  const Environment& given;  // what the pod says
  const sigset_t& mask;      // what commands get
  std::function<void(const std::string& line)> say;
};

// What a learner of an MPI job does before its command, which gets the environment that this
// leaves. Nothing is given back for the launcher, which is learner 1, when all others answer. The
// others run no command of their own, but what the launcher asks for: how that ended is given back.
[[nodiscard]] std::optional<Termination> PrepareMpi(const MpiLearner& learner,
                                                    Environment& environment);

}  // namespace ffdl::agent
