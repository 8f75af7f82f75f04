// Where the API server is and how to prove who we are: the result of reading a kubeconfig or of
// running inside a cluster.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "k8s-client/auth/exec_plugin.h"
#include "k8s-client/auth/proxy.h"
#include "k8s-client/meta/result.h"

namespace ffdl::k8s {

// Whom the server shall take us for, provided that we may: `kubectl --as`. Without a user nobody
// else.
struct Impersonation {
  std::string user;
  std::string uid;
  std::vector<std::string> groups;
  std::map<std::string, std::vector<std::string>> extra;
};

// Plain data, complete and checked. What came from files is here; the files are named where they
// are read again while the program runs. Holds secrets: never log it as a whole.
struct ClusterConfig {
  std::string server;       // "https://10.96.0.1:443", without path
  std::string path_prefix;  // "" or "/k8s/clusters/c-1": starts with "/", does not end with one
  std::string
      tls_server_name;      // the name that the certificate must carry; "" for the host of `server`
  bool insecure = false;    // the certificate of the server is not checked at all
  bool http1_only = false;  // $DISABLE_HTTP2 is set, as for kubectl
  std::string proxy_url;    // as NormalProxyUrl makes it; "" to connect directly
  std::string ca_pem;       // "" for the certificate authorities that the machine trusts
  std::string ca_file;      // where `ca_pem` is renewed; "" when it never is
  std::string client_certificate_pem;  // with a key, or neither
  std::string client_certificate_file;
  std::string client_key_pem;
  std::string client_key_file;

  // How to log in besides the certificate: the first of these three that is there.
  std::string token;       // used until `token_file` could be read; alone it never changes
  std::string token_file;  // absolute, or relative to the working directory
  std::string username;    // with a password; never beside a token
  std::string password;
  std::optional<ExecPlugin> exec;

  Impersonation impersonation;
  std::string ns;      // of the context or of the service account; "default" when they name none
  std::string origin;  // for people: "context dev of /home/ada/.kube/config", "in-cluster"
};

// Where to look, as plain data, so that tests need no environment of their own.
struct ConfigSources {
  std::string kubeconfig;       // named by the user: must exist, beats everything else
  std::string context;          // of the kubeconfig; "" for its current-context
  std::string kubeconfig_list;  // $KUBECONFIG: paths separated by ":"
  std::string service_host;     // $KUBERNETES_SERVICE_HOST
  std::string service_port;     // $KUBERNETES_SERVICE_PORT
  std::string service_account = "/var/run/secrets/kubernetes.io/serviceaccount";
  std::string home;  // $HOME
  ProxyEnvironment proxy;
  bool http1_only = false;  // $DISABLE_HTTP2
  // The credential plugins that a kubeconfig may have run, for whoever uses one that he did not
  // write: each as the kubeconfig names it, or by the whole path of one that it names by path.
  // Nullopt for any.
  std::optional<std::vector<std::string>> plugins;
};

// Reads the environment. Call it before other threads change the environment, so: first thing in
// main().
[[nodiscard]] ConfigSources SourcesFromEnvironment();

// The first of these that is there: the kubeconfig that the user named, those of $KUBECONFIG
// (merged), the service account of the pod we run in, ~/.kube/config. The first one that is there
// must be usable; errors name the file and the key and never fall through to the next source.
[[nodiscard]] Result<ClusterConfig> LoadClusterConfig(const ConfigSources& sources);

}  // namespace ffdl::k8s
