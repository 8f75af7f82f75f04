#include "k8s-client/net/curl_transport.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/utsname.h>

#include <atomic>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "k8s-client/net/connection_group.h"
#include "k8s-client/net/epoll_loop.h"

namespace ffdl::k8s {
namespace {

std::string DefaultUserAgent() {
  utsname machine{};
  uname(&machine);
  return std::string("ffdl/" FFDL_VERSION " (linux/") + static_cast<const char*>(machine.machine) +
         ")";
}

std::string RandomPrefix() {
  std::uint64_t number = 0;
  // Only has to differ between processes: should the kernel have none to give, zero will do.
  if (getrandom(&number, sizeof number, GRND_NONBLOCK) < 0) number = 0;
  return fmt::format("{:016x}", number);
}

// Once a process; the version in use is safe to initialise from any thread.
bool CurlIsReady() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  return code == CURLE_OK;
}

}  // namespace

class CurlTransport::Impl {
 public:
  Impl(ClusterConfig config, CurlTransportOptions options, const Clock& clock,
       std::shared_ptr<ExecSource> plugin, std::unique_ptr<EpollLoop> loop)
      : config_(std::move(config)),
        clock_(clock),
        owned_loop_(std::move(loop)),
        loop_(*owned_loop_),
        group_(loop_, config_, std::move(plugin), clock, std::move(options)) {}

  ~Impl() {
    loop_.Post([this] { group_.Shut(); });
    owned_loop_.reset();  // runs that, and what its callbacks post
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  EventLoop& loop() { return loop_; }

  void Send(HttpRequest request, Done done) {
    const StreamId id = ++last_id_;
    loop_.Post([this, id, request = std::move(request), done = std::move(done)]() mutable {
      group_.Start(id, std::move(request), std::move(done), nullptr);
    });
  }

  StreamId OpenStream(HttpRequest request, StreamSink& sink) {
    const StreamId id = ++last_id_;
    {
      const std::scoped_lock lock(mutex_);
      opening_.insert(id);
    }
    loop_.Post([this, id, request = std::move(request), &sink]() mutable {
      if (LeaveOpening(id)) group_.Start(id, std::move(request), nullptr, &sink);
    });
    return id;
  }

  void Close(StreamId id) {
    if (!LeaveOpening(id)) group_.Drop(id);
  }

  // Posted, because whoever asks for it may be a sink that libcurl is calling.
  void Reconnect(std::string_view why) {
    loop_.Post([this, why = std::string(why)] { group_.Reconnect(why); });
  }

  void Report(std::function<void(TransportReport)> done) {
    loop_.Post([this, done = std::move(done)] { done(group_.Report()); });
  }

  [[nodiscard]] std::chrono::nanoseconds refused_for() const {
    const std::chrono::nanoseconds since = group_.refused_since();
    return since.count() == 0 ? since : clock_.Steady() - since;
  }

 private:
  // False when the stream was started, or closed before it could be.
  bool LeaveOpening(StreamId id) {
    const std::scoped_lock lock(mutex_);
    return opening_.erase(id) != 0;
  }

  const ClusterConfig config_;
  const Clock& clock_;
  std::unique_ptr<EpollLoop> owned_loop_;
  EpollLoop& loop_;  // a pointer that is being reset is null already, while callbacks still need it
  ConnectionGroup group_;
  std::atomic<StreamId> last_id_{0};
  std::mutex mutex_;
  std::unordered_set<StreamId> opening_;  // guarded by mutex_
};

Result<std::unique_ptr<CurlTransport>> CurlTransport::Open(ClusterConfig config,
                                                           CurlTransportOptions options,
                                                           const Clock* clock,
                                                           std::shared_ptr<ExecSource> plugin) {
  if (!CurlIsReady()) return Fail(ErrorCode::kInternal, "libcurl cannot be initialised");
  if (!config.server.starts_with("https://") && !config.server.starts_with("http://")) {
    return Fail(ErrorCode::kInvalid, "the server must be an http or https URL: " + config.server);
  }
  if (options.user_agent.empty()) options.user_agent = DefaultUserAgent();
  if (options.audit_id_prefix.empty()) options.audit_id_prefix = RandomPrefix();
  const Clock& used_clock = clock != nullptr ? *clock : SystemClock();
  if (config.exec && !plugin) {
    Result<std::shared_ptr<ExecSource>> own = ExecSource::Start(*config.exec, used_clock);
    if (!own) return unexpected<Error>(std::move(own.error()));
    plugin = std::move(*own);
  }
  Result<std::unique_ptr<EpollLoop>> loop = EpollLoop::Start(options.thread_name);
  if (!loop) return unexpected<Error>(std::move(loop.error()));
  return std::unique_ptr<CurlTransport>(new CurlTransport(std::make_unique<Impl>(
      std::move(config), std::move(options), used_clock, std::move(plugin), std::move(*loop))));
}

CurlTransport::CurlTransport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

CurlTransport::~CurlTransport() = default;

EventLoop& CurlTransport::loop() { return impl_->loop(); }

void CurlTransport::Send(HttpRequest request, Done done) {
  impl_->Send(std::move(request), std::move(done));
}

Transport::StreamId CurlTransport::OpenStream(HttpRequest request, StreamSink& sink) {
  return impl_->OpenStream(std::move(request), sink);
}

void CurlTransport::Close(StreamId stream) { impl_->Close(stream); }

void CurlTransport::Reconnect(std::string_view why) { impl_->Reconnect(why); }

void CurlTransport::Report(std::function<void(TransportReport)> done) {
  impl_->Report(std::move(done));
}

std::chrono::nanoseconds CurlTransport::refused_for() const { return impl_->refused_for(); }

}  // namespace ffdl::k8s
