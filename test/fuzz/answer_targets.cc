// Answers of the server and files of users.
#include <sys/mman.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <string>

#include "k8s-client/api/client.h"
#include "k8s-client/auth/exec_plugin.h"
#include "k8s-client/auth/kubeconfig.h"
#include "k8s-client/runtime/lease_record.h"
#include "operator/agent/termination.h"
#include "reconcilers/training_job/learner.h"
#include "test/fuzz/targets.h"

namespace ffdl::fuzz {
namespace {

// A file that exists in memory only.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view text) : fd_(memfd_create("fuzz", 0)) {
    Require(fd_ >= 0 && write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size()),
            "no memory for a file");
  }
  ~MemoryFile() { close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  const int fd_;
};

}  // namespace

void StatusDecoder(std::string_view bytes) {
  for (const int status : {400, 401, 403, 404, 409, 410, 422, 429, 500, 504}) {
    const k8s::Error error = k8s::DecodeStatus(status, bytes, std::chrono::milliseconds(0));
    Require(!error.message.empty(), "an error without a message");
    Require(error.retry_after.count() >= 0, "a wait before now");
  }
}

void LeaseRecord(std::string_view bytes) {
  const k8s::Result<k8s::StoredLease> lease = k8s::ParseLease(bytes);
  if (!lease) return;
  const std::string body = k8s::LeaseBody({"ns", "name"}, lease->version, lease->record)
                               .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  const k8s::Result<k8s::StoredLease> again = k8s::ParseLease(body);
  Require(again && again->record == lease->record && again->version == lease->version,
          "a lease that we write reads as another");
}

// A line "---" ends the first file.
void KubeconfigMerge(std::string_view bytes) {
  constexpr std::string_view kEnd = "\n---\n";
  const std::size_t end = bytes.find(kEnd);
  const MemoryFile first(bytes.substr(0, end));
  const MemoryFile second(end == std::string_view::npos ? "" : bytes.substr(end + kEnd.size()));
  const auto config = k8s::LoadKubeconfig({first.path(), second.path()}, "");
  if (config) {
    Require(config->server.starts_with("http"), "a server without a scheme");
  } else {
    Require(!config.error().message.empty(), "a refusal without a reason");
  }
}

// What a credential plugin printed: a credential that can be used, or words that hold none of it.
void ExecOutput(std::string_view bytes) {
  for (const char* const version :
       {"client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"}) {
    const k8s::Result<k8s::ExecCredential> read = k8s::ReadExecCredential(bytes, version);
    if (!read) {
      constexpr std::size_t kLongest = 100;  // of what is wrong; an output is longer than its names
      Require(!read.error().message.empty() && read.error().message.size() <= kLongest,
              "a refusal without a reason, or with more than that");
      continue;
    }
    Require(read->certificate_pem.empty() == read->key_pem.empty(), "half a certificate");
    Require(!read->token.empty() || !read->key_pem.empty(), "nothing to log in with");
    Require(read->token.find_first_of(std::string_view(" \r\n\t\0", 5)) == std::string::npos,
            "a token that ends its header");
  }
}

// What a container left behind, as the operator reads it; and any output, as ffdl-launch writes it.
void TerminationReport(std::string_view bytes) {
  (void)agent::ExitCodeOf(bytes);
  k8s::ContainerStatus learner{.name = std::string(training_job::kLearnerContainer)};
  learner.terminated = k8s::ContainerEnd{.exit_code = 1, .message = std::string(bytes)};
  k8s::Pod pod{.phase = "Running", .containers = {learner}};
  pod.meta.key = {"ml", "bert-learner-0"};
  pod.meta.labels = {{"ffdl.io/attempt", "1"}};
  const v1::TrainingJobSpec spec;
  const v1::Roles roles(spec);
  Require(training_job::LearnersOf(roles, {pod}, 1).size() == 1, "the learner is not seen");

  const std::string report = agent::ToJson(
      {.reason = agent::reason::kProgramFailed, .exit_code = 3, .message = "m"}, bytes);
  Require(report.size() <= agent::kTerminationBytesMax, "a report that the kubelet would cut");
  Require(nlohmann::json::accept(report), "a report that is no JSON");
  Require(agent::ExitCodeOf(report) == 3, "a report without its exit code");
}

}  // namespace ffdl::fuzz
