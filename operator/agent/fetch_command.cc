#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "operator/agent/command.h"
#include "operator/agent/fetch.h"
#include "operator/agent/files.h"

namespace ffdl::agent {
namespace {

// Where the value of a flag goes.
std::string* TargetOf(std::string_view flag, FetchOptions& options, std::string& termination_log) {
  if (flag == "--endpoint") return &options.endpoint;
  if (flag == "--region") return &options.region;
  if (flag == "--bucket") return &options.bucket;
  if (flag == "--key") return &options.key.emplace();
  if (flag == "--prefix") return &options.prefix.emplace();
  if (flag == "--credentials") return &options.credentials;
  if (flag == "--secret") return &options.secret;
  if (flag == "--to") return &options.to;
  if (flag == "--termination-log") return &termination_log;
  return nullptr;
}

// What the options lack; "" if they are complete.
std::string LackOf(const FetchOptions& options) {
  for (const auto& [flag, value] :
       {std::pair{"--endpoint", &options.endpoint}, std::pair{"--region", &options.region},
        std::pair{"--bucket", &options.bucket}, std::pair{"--to", &options.to}}) {
    if (value->empty()) return std::string(flag) + " is needed";
  }
  if (options.key.has_value() == options.prefix.has_value()) {
    return "one of --key and --prefix is needed";
  }
  if (options.key && options.key->empty()) return "--key must not be empty";
  if (options.credentials.empty() != options.secret.empty()) {
    return "--credentials goes with --secret";
  }
  return "";
}

// PID 1 gets no signal that it does not handle. What is unfinished is removed by the next run.
void EndWhenTold() {
  struct sigaction action {};
  action.sa_handler = [](int signal) { _exit(kExitSignalBase + signal); };
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));  // servers leave in the middle of a request
}

}  // namespace

int RunFetch(Arguments arguments) {
  FetchOptions options;
  std::string termination_log(kTerminationLog);
  const std::optional<std::string> unexpected = ReadFlags(
      arguments, [&](std::string_view flag) { return TargetOf(flag, options, termination_log); });
  if (unexpected) {
    return EndWith(termination_log, UsageInvalid("unexpected argument '" + *unexpected + "'"));
  }
  if (const std::string lack = LackOf(options); !lack.empty()) {
    return EndWith(termination_log, UsageInvalid(lack));
  }
  EndWhenTold();
  umask(0);  // folders are for the learner, too, whatever its user is
  const auto fetched = Fetch(options, [](std::string_view line) {
    (void)WriteAll(STDERR_FILENO, "ffdl-agent: " + std::string(line) + "\n");
  });
  return fetched ? 0 : EndWith(termination_log, fetched.error());
}

}  // namespace ffdl::agent
