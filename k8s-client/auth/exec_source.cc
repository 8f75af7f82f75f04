#include "k8s-client/auth/exec_source.h"

#include <unistd.h>

#include <utility>

#include "k8s-client/auth/secret.h"

namespace ffdl::k8s {
namespace {

// A credential that would expire on its way is not sent.
constexpr std::chrono::seconds kExpiresEarly{10};

ExecSource::Credential Share(ExecCredential credential) {
  return {new ExecCredential(std::move(credential)), [](const ExecCredential* gone) {
            auto* const secret = const_cast<ExecCredential*>(gone);
            Wipe(secret->token);
            Wipe(secret->key_pem);
            delete secret;
          }};
}

}  // namespace

Result<std::shared_ptr<ExecSource>> ExecSource::Start(ExecPlugin plugin, const Clock& clock,
                                                      ExecSourceOptions options) {
  Result<std::unique_ptr<EpollLoop>> loop = EpollLoop::Start("k8s-exec");
  if (!loop) return unexpected<Error>(std::move(loop.error()));
  return std::shared_ptr<ExecSource>(
      new ExecSource(std::move(plugin), clock, options, std::move(*loop)));
}

ExecSource::ExecSource(ExecPlugin plugin, const Clock& clock, ExecSourceOptions options,
                       std::unique_ptr<EpollLoop> loop)
    : plugin_(std::move(plugin)),
      clock_(clock),
      options_(options),
      owned_loop_(std::move(loop)),
      loop_(*owned_loop_) {}

ExecSource::~ExecSource() {
  loop_.Post([this] { run_.reset(); });
}

bool ExecSource::IsStale(const Credential& credential) const {
  if (!credential) return true;
  return credential->expires && clock_.Now() >= *credential->expires - kExpiresEarly;
}

void ExecSource::Refresh(const Credential& used, Done done) {
  loop_.Post([this, used, done = std::move(done)]() mutable { Ask(used, std::move(done)); });
}

void ExecSource::Ask(const Credential& used, Done done) {
  if (credential_ != used && !IsStale(credential_)) return done(credential_);
  if (!run_ && clock_.Steady() < failure_holds_until_) return done(unexpected<Error>(failure_));
  waiting_.push_back(std::move(done));
  if (!run_) Run();
}

void ExecSource::Run() {
  const bool terminal = isatty(STDIN_FILENO) != 0;
  const bool interactive = plugin_.interactive != Interactive::kNever && terminal;
  ChildSpec spec{.command = plugin_.command,
                 .args = plugin_.args,
                 .env = plugin_.env,
                 .interactive = interactive,
                 .output_bytes_max = kExecOutputBytesMax,
                 .timeout = options_.timeout};
  spec.env.emplace_back("KUBERNETES_EXEC_INFO", ExecInfo(plugin_, interactive));
  run_ = std::make_unique<ChildProcess>(
      loop_, std::move(spec), [this](Result<std::string> output) { OnEnd(std::move(output)); });
  if (plugin_.interactive == Interactive::kAlways && !terminal) {
    return OnEnd(Fail(ErrorCode::kUnauthorized, "it must ask a person, and there is no terminal"));
  }
  run_->Start();
}

void ExecSource::OnEnd(Result<std::string> output) {
  // The process object is calling; what comes next must not meet it any more.
  loop_.Post([ended = std::shared_ptr<ChildProcess>(std::move(run_))] {});
  Result<ExecCredential> read = output ? ReadExecCredential(*output, plugin_.api_version)
                                       : unexpected<Error>(std::move(output.error()));
  if (output) Wipe(*output);
  Result<Credential> result;
  if (read) {
    credential_ = Share(std::move(*read));
    result = credential_;
  } else {
    failure_ = Explain(std::move(read.error()));
    failure_holds_until_ = clock_.Steady() + options_.failure_holds;
    result = unexpected<Error>(failure_);
  }
  for (const Done& done : std::exchange(waiting_, {})) done(result);
}

Error ExecSource::Explain(Error cause) const {
  cause.code = ErrorCode::kUnauthorized;
  cause = WithContext("credential plugin " + plugin_.command, std::move(cause));
  if (!plugin_.install_hint.empty()) cause.message += " (" + plugin_.install_hint + ")";
  return cause;
}

}  // namespace ffdl::k8s
