#include "benchmark/client/connection.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <utility>

namespace ffdl::benchmarks {
namespace {

std::size_t Receive(char* bytes, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(bytes, size * count);
  return size * count;
}

// Without a copy: the text lives as long as the connection.
curl_blob BlobOf(std::string& text) {
  return {.data = text.data(), .len = text.size(), .flags = CURL_BLOB_NOCOPY};
}

}  // namespace

class Connection::Impl {
 public:
  explicit Impl(k8s::ClusterConfig cluster) : cluster_(std::move(cluster)) {}
  ~Impl() {
    if (curl_ != nullptr) curl_easy_cleanup(curl_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  bool Open() {
    curl_ = curl_easy_init();
    if (curl_ == nullptr) return false;
    Set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
    Set(CURLOPT_PROXY, "");
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_TIMEOUT_MS, kRequestMaxMs);
    Set(CURLOPT_WRITEFUNCTION, &Receive);
    Set(CURLOPT_ERRORBUFFER, error_.data());
    SetBlob(CURLOPT_CAINFO_BLOB, cluster_.ca_pem);
    SetBlob(CURLOPT_SSLCERT_BLOB, cluster_.client_certificate_pem);
    SetBlob(CURLOPT_SSLKEY_BLOB, cluster_.client_key_pem);
    if (!cluster_.token.empty()) authorization_ = "Authorization: Bearer " + cluster_.token;
    return true;
  }

  k8s::Result<Answer> Send(const Request& request) {
    Answer answer;
    const std::string url = cluster_.server + cluster_.path_prefix + request.path;
    const std::string type = "Content-Type: " + request.content_type;
    curl_slist* headers = curl_slist_append(nullptr, type.c_str());
    if (!authorization_.empty()) headers = curl_slist_append(headers, authorization_.c_str());
    Set(CURLOPT_URL, url.c_str());
    Set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    Set(CURLOPT_HTTPHEADER, headers);
    Set(CURLOPT_WRITEDATA, &answer.body);
    if (request.body.empty()) {
      Set(CURLOPT_HTTPGET, 1L);
    } else {
      Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      Set(CURLOPT_POSTFIELDS, request.body.c_str());
    }
    const CURLcode code = curl_easy_perform(curl_);
    curl_slist_free_all(headers);
    if (code != CURLE_OK) {
      return k8s::Fail(k8s::ErrorCode::kUnavailable,
                       fmt::format("{} {}: {} ({})", request.method, request.path,
                                   curl_easy_strerror(code), error_.data()));
    }
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &answer.status);
    return answer;
  }

 private:
  template <typename T>
  void Set(CURLoption option, T value) {
    curl_easy_setopt(curl_, option, value);
  }
  void SetBlob(CURLoption option, std::string& text) {
    if (text.empty()) return;
    const curl_blob blob = BlobOf(text);
    Set(option, &blob);
  }

  k8s::ClusterConfig cluster_;
  std::string authorization_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  CURL* curl_ = nullptr;
};

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::~Connection() = default;

k8s::Result<std::unique_ptr<Connection>> Connection::Open(k8s::ClusterConfig cluster) {
  auto impl = std::make_unique<Impl>(std::move(cluster));
  if (!impl->Open()) return k8s::Fail(k8s::ErrorCode::kInternal, "libcurl does not start");
  return std::unique_ptr<Connection>(new Connection(std::move(impl)));
}

k8s::Result<Answer> Connection::Send(const Request& request) { return impl_->Send(request); }

k8s::Result<std::string> SendOk(Connection& connection, const Request& request) {
  auto answer = connection.Send(request);
  if (!answer) return k8s::unexpected(answer.error());
  if (answer->status >= 200 && answer->status < 300) return std::move(answer->body);
  return k8s::Fail(k8s::ErrorCode::kBadResponse,
                   fmt::format("{} {}: {} {}", request.method, request.path, answer->status,
                               answer->body.substr(0, 500)));
}

}  // namespace ffdl::benchmarks
