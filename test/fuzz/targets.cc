#include "test/fuzz/targets.h"

namespace ffdl::fuzz {

const std::vector<Target>& Targets() {
  static const std::vector<Target> targets{
      {"claim", &ClaimReader},
      {"code_archive", &CodeArchive},
      {"config_map", &ConfigMapReader},
      {"exec_output", &ExecOutput},
      {"kubeconfig", &KubeconfigMerge},
      {"label_selector", &LabelSelector},
      {"lease", &LeaseRecord},
      {"list_page", &ListPage},
      {"object_listing", &ObjectListing},
      {"object_store_refusal", &ObjectStoreRefusal},
      {"pod", &PodReader},
      {"remote_shell", &RemoteShell},
      {"resource_version", &ResourceVersion},
      {"rfc3339", &Rfc3339},
      {"service", &ServiceReader},
      {"stateful_set", &StatefulSetReader},
      {"status", &StatusDecoder},
      {"termination", &TerminationReport},
      {"training_job", &TrainingJobReader},
      {"url_encoding", &UrlEncoding},
      {"watch_framer", &WatchFramer},
  };
  return targets;
}

void Require(bool holds, const char* what) {
  if (!holds) throw BrokenPromise(what);
}

}  // namespace ffdl::fuzz
