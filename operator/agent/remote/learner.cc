#include "operator/agent/remote/learner.h"

#include <unistd.h>

#include <array>
#include <vector>

#include "operator/agent/remote/connection.h"
#include "operator/agent/remote/peers.h"
#include "operator/agent/remote/server.h"
#include "operator/agent/template.h"

namespace ffdl::agent {
namespace {

constexpr std::size_t kPathBytesMax = 4096;

Termination LaunchFailure(std::string message) {
  return {.reason = reason::kLaunchFailed,
          .exit_code = kExitLaunchFailed,
          .message = std::move(message)};
}

std::string OwnPath() {
  std::array<char, kPathBytesMax> path{};
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  return {path.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

Termination Serve(const MpiLearner& learner, const std::string& key,
                  const Environment& environment) {
  const Result<Fd> listener = Listen(learner.options.port);
  if (!listener) return LaunchFailure(listener.error().message);
  if (const Result<void> marked = learner.attempt.MarkStarted(); !marked) {
    return LaunchFailure(marked.error().message);
  }
  learner.say("waiting for what the launcher asks for");
  Termination end = TerminationOf(ServePeers(*listener, key, environment, learner.mask));
  if (const Result<void> marked = learner.attempt.MarkEnded(ToJson(end, {})); !marked) {
    learner.say(marked.error().message);
  }
  return end;
}

std::optional<Termination> AwaitAll(const MpiLearner& learner, const std::vector<MpiHost>& hosts,
                                    const std::string& key, std::string_view pod) {
  const auto patience = learner.options.wait;
  const PeersAwaited awaited = AwaitPeers(
      PeersAmong(hosts, pod), learner.options.port, key, patience,
      [&](const std::string& missing) { learner.say("waiting for all learners: " + missing); });
  if (awaited.stop_signal != 0) return TerminationOf(awaited.stop_signal);
  if (awaited.missing.empty()) return std::nullopt;
  return Termination{.reason = reason::kPeersMissing,
                     .exit_code = kExitLaunchFailed,
                     .message = "did not start the command, because not all learners answered in " +
                                std::to_string(patience.count()) + " s: " + awaited.missing};
}

}  // namespace

std::optional<Termination> PrepareMpi(const MpiLearner& learner, Environment& environment) {
  const std::optional<Place> place = PlaceOf(learner.given);
  if (!place) return LaunchFailure("MPI needs the name of a pod of a StatefulSet");
  const Result<std::string> key = ReadJobKey(learner.options.key_file);
  if (!key) return LaunchFailure(key.error().message);
  const std::vector<MpiHost> hosts = MpiHostsIn(FillTemplate(learner.options.hosts, *place));
  if (const auto written = WriteMpiFiles(learner.options, hosts, OwnPath()); !written) {
    return LaunchFailure(written.error().message);
  }
  SetMpiEnvironment(learner.options, CanWriteIn, environment);
  if (place->rank > 0) return Serve(learner, *key, environment);
  return AwaitAll(learner, hosts, *key, PodNameOf(learner.given));
}

}  // namespace ffdl::agent
