// A list of requests that any API server must answer in the same way: the real one in test/e2e, and
// the model of test/simulation, which is worth no more than its likeness to the real one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "k8s-client/net/transport.h"

namespace ffdl::test {

// Sends one request and waits for its answer. The answer to a watch is what was sent until its end.
using Exchange = std::function<k8s::HttpResponse(const k8s::HttpRequest&)>;

// Plays the requests against a server that serves TrainingJobs, runs no controllers, and has
// nothing of ours in the namespace "default". One line a request: what was asked, and what became
// visible, without uids, versions and times, which differ from server to server.
[[nodiscard]] std::vector<std::string> PlayConformance(const Exchange& exchange);

// What the lines must be.
[[nodiscard]] const std::vector<std::string>& ConformingHistory();

}  // namespace ffdl::test
