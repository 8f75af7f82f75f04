#pragma once

#include <string>

namespace ffdl::k8s {

// Overwrites a secret before its memory goes back to the heap, where a core dump would find it.
// `secret` is empty afterwards.
void Wipe(std::string& secret);

}  // namespace ffdl::k8s
