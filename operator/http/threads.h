// The threads of the HTTP library, which serve all servers of the process.
#pragma once

#include <chrono>

namespace ffdl::http {

// Starts kServerThreads of them, the first time.
void StartThreads();

// Waits until they have done all that they had to do when this was called, at most for `limit`.
// Must not be called by one of them.
void WaitForThreads(std::chrono::milliseconds limit);

}  // namespace ffdl::http
