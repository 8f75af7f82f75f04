#pragma once

#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {

// Adds the event of what the pass decided, if Ready's reason or status or the attempt changes by
// it.
void TellTransition(Pass& pass);

}  // namespace ffdl::training_job
