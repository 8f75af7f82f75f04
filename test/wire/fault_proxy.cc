#include "test/wire/fault_proxy.h"

#include <curl/curl.h>

#include <string_view>
#include <utility>

namespace ffdl::test {
namespace {

constexpr std::string_view kTooManyBody =
    R"({"kind":"Status","apiVersion":"v1","status":"Failure","code":429,"reason":"TooManyRequests","message":"try again"})";
constexpr std::string_view kServerErrorBody =
    R"({"kind":"Status","apiVersion":"v1","status":"Failure","code":500,"reason":"InternalError","message":"spoiled"})";

using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using Headers = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

// One request on its way through.
struct Passage {
  CURL* easy;
  Peer& peer;
  const std::atomic<bool>& away;
  bool streams;
  bool head_sent = false;
  std::string body;

  [[nodiscard]] long status() const {
    long code = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
    return code;
  }
};

// The head of a stream must not wait for its first event, which may take a minute.
std::size_t OnHeader(char* line, std::size_t /*one*/, std::size_t count, void* to) {
  auto& passage = *static_cast<Passage*>(to);
  const bool last = std::string_view(line, count) == "\r\n";
  if (last && passage.streams && passage.status() == 200 && !passage.head_sent) {
    passage.head_sent = true;
    passage.peer.Write(StreamHead());
  }
  return count;
}

std::size_t OnBytes(char* bytes, std::size_t /*one*/, std::size_t count, void* to) {
  auto& passage = *static_cast<Passage*>(to);
  const std::string_view text(bytes, count);
  if (passage.head_sent) {
    passage.peer.Write(Chunk(text));
  } else {
    passage.body += text;
  }
  return count;
}

// libcurl asks about once a second; anything but zero ends the transfer.
int OnProgress(void* of, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const Passage*>(of)->away ? 1 : 0;
}

Headers CopyHeaders(const SeenRequest& request) {
  curl_slist* list = curl_slist_append(nullptr, "Expect:");
  for (const char* const name : {"authorization", "content-type", "accept", "user-agent"}) {
    const auto it = request.headers.find(name);
    if (it == request.headers.end()) continue;
    list = curl_slist_append(list, (it->first + ": " + it->second).c_str());
  }
  return {list, &curl_slist_free_all};
}

}  // namespace

FaultProxy::FaultProxy(const Authority& authority, std::string upstream,
                       std::string upstream_ca_file, Choose choose, Struck struck)
    : upstream_(std::move(upstream)),
      upstream_ca_file_(std::move(upstream_ca_file)),
      choose_(std::move(choose)),
      struck_(std::move(struck)),
      server_(std::make_unique<ScriptedServer>(
          authority, ScriptedServer::Options{},
          [this](const SeenRequest& request, Peer& peer) { Serve(request, peer); })) {}

FaultProxy::~FaultProxy() {
  away_ = true;  // or the threads of watches would never end
  server_.reset();
}

std::string FaultProxy::url() const { return server_->url(); }

int FaultProxy::connections() const { return server_->connections(); }

void FaultProxy::Break(Peer& peer) {
  if (struck_) struck_();
  peer.Reset();
}

void FaultProxy::Serve(const SeenRequest& request, Peer& peer) {
  ++requests_;
  if (away_) return peer.Reset();
  const Fault fault = choose_(request);
  if (fault == Fault::kTooMany) {
    return peer.Write(Answer(429, kTooManyBody, "application/json", "Retry-After: 1\r\n"));
  }
  if (fault == Fault::kServerError) return peer.Write(Answer(500, kServerErrorBody));
  if (fault == Fault::kNotSent) return Break(peer);

  // One a connection of the client, so that connections to the API server last as long.
  thread_local const Easy easy(curl_easy_init(), &curl_easy_cleanup);
  curl_easy_reset(easy.get());
  Passage passage{.easy = easy.get(),
                  .peer = peer,
                  .away = away_,
                  .streams = request.target.find("watch=") != std::string::npos};
  const Headers headers = CopyHeaders(request);
  curl_easy_setopt(easy.get(), CURLOPT_URL, (upstream_ + request.target).c_str());
  curl_easy_setopt(easy.get(), CURLOPT_CAINFO, upstream_ca_file_.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  if (request.method != "GET") {
    curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
    curl_easy_setopt(easy.get(), CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &passage);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &OnBytes);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &passage);
  curl_easy_setopt(easy.get(), CURLOPT_XFERINFOFUNCTION, &OnProgress);
  curl_easy_setopt(easy.get(), CURLOPT_XFERINFODATA, &passage);
  curl_easy_setopt(easy.get(), CURLOPT_NOPROGRESS, 0L);
  const CURLcode result = curl_easy_perform(easy.get());
  if (fault == Fault::kLost) return Break(peer);
  if (result != CURLE_OK) return peer.Reset();
  if (passage.head_sent) return peer.Write(kLastChunk);
  peer.Write(Answer(static_cast<int>(passage.status()), passage.body));
}

}  // namespace ffdl::test
