// Stands between a client and a real API server and spoils requests.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "test/wire/authority.h"
#include "test/wire/scripted_server.h"

namespace ffdl::test {

enum class Fault {
  kNone,
  kTooMany,      // answered 429 with Retry-After: 1, not forwarded
  kServerError,  // answered 500, not forwarded
  kNotSent,      // the connection is reset, not forwarded
  kLost,         // carried out, but the connection is reset instead of an answer
};

// Speaks HTTP/1.1 over TLS to the client and whatever the API server offers to it. Watches are
// passed on as they come.
class FaultProxy {
 public:
  // Which fault a request meets; called on many threads.
  using Choose = std::function<Fault(const SeenRequest&)>;
  // Told of kNotSent, and of kLost once carried out: the client can know of neither yet.
  using Struck = std::function<void()>;

  // `upstream` is the API server's URL, `upstream_ca_file` the authority of its certificate.
  // Clients bring their own credentials and trust `authority`.
  FaultProxy(const Authority& authority, std::string upstream, std::string upstream_ca_file,
             Choose choose, Struck struck = {});
  // Cuts every connection.
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  [[nodiscard]] std::string url() const;

  // While away, running watches are cut within a second and every request is met by a reset.
  void SetAway(bool away) { away_ = away; }
  // Requests so far, and connections that were accepted.
  [[nodiscard]] int requests() const { return requests_; }
  [[nodiscard]] int connections() const;

 private:
  void Serve(const SeenRequest& request, Peer& peer);
  void Break(Peer& peer);

  const std::string upstream_;
  const std::string upstream_ca_file_;
  const Choose choose_;
  const Struck struck_;
  std::atomic<bool> away_{false};
  std::atomic<int> requests_{0};
  std::unique_ptr<ScriptedServer> server_;  // last: its threads use the rest
};

}  // namespace ffdl::test
