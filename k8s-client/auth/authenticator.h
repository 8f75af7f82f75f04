#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "k8s-client/auth/cluster_config.h"
#include "k8s-client/auth/exec_source.h"
#include "k8s-client/auth/tls_files.h"
#include "k8s-client/auth/token_source.h"
#include "k8s-client/meta/result.h"
#include "k8s-client/meta/time.h"
#include "k8s-client/net/event_loop.h"

namespace ffdl::k8s {

// What one request logs in with. Never changes; wiped when the last request that used it is gone.
struct Login {
  std::string authorization;    // value of the header; "" for none
  ExecSource::Credential exec;  // the plugin's credential it comes from, or null

  Login(std::string value, ExecSource::Credential credential);
  ~Login();
  Login(const Login&) = delete;
  Login& operator=(const Login&) = delete;
};

// Proves to the server who we are, with whatever the configuration names, kept up to date: token
// files, certificates, a credential plugin. On one loop; nothing here blocks, except for reading
// small files.
class Authenticator {
 public:
  // Borrows loop, config and clock. `plugin` is null unless config.exec says otherwise.
  Authenticator(EventLoop& loop, const ClusterConfig& config, std::shared_ptr<ExecSource> plugin,
                const Clock& clock);

  // The same pointer as long as it says the same. An error when no token could ever be read.
  [[nodiscard]] Result<std::shared_ptr<const Login>> Current();

  // For new connections; the same pointer as long as it says the same.
  [[nodiscard]] std::shared_ptr<const TlsMaterial> Tls();

  // Whether Refresh must come before the next request.
  [[nodiscard]] bool MustRefresh() const;
  // Has the plugin run. `refreshed` is called on the loop, with null when there is a credential.
  // One at a time.
  void Refresh(std::function<void(const Error*)> refreshed);

  // No callback of Refresh comes any more. To be called before the loop ends.
  void Shut();

  // The server answered 401 to a request that was begun at `sent_at` (of Clock::Steady) with
  // `used`. True when it is worth being repeated.
  [[nodiscard]] bool Rejected(const Login& used, std::chrono::nanoseconds sent_at);

  // The connection failed in a way that renewed certificates may mend.
  void SuspectTls() { tls_files_.Suspect(); }

  // What is wrong with files that could be read once; empty when nothing is.
  [[nodiscard]] std::vector<std::string> Complaints() const;

 private:
  // Where the plugin's thread leaves its news; shut when there is no loop to bring it to any more.
  struct Mailbox {
    std::mutex mutex;
    EventLoop* loop;
  };

  [[nodiscard]] bool UsesPlugin() const { return plugin_ && !has_own_login_; }

  const ClusterConfig& config_;
  const bool has_own_login_;
  TokenSource token_;
  TlsFiles tls_files_;
  std::shared_ptr<const TlsMaterial> plugin_tls_;
  const std::shared_ptr<ExecSource> plugin_;
  ExecSource::Credential credential_;
  bool refused_ = false;  // the server does not want `credential_`
  std::shared_ptr<const Login> login_;
  const std::shared_ptr<Mailbox> mailbox_;
};

}  // namespace ffdl::k8s
