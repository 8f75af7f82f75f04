#include "operator/object_store/transfer.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

namespace ffdl::object_store {
namespace {

constexpr long kOk = 200;
constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";
constexpr long kBufferBytes = 131072;
// SHA-256 of the empty body of every GET. libcurl 7.88 signs this header, but does not make it.
constexpr const char* kEmptyPayload =
    "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string TextOf(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Connections come and go; a certificate that nobody trusts stays.
bool MayPass(CURLcode code) {
  constexpr std::array kPassing{CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY,
                                CURLE_COULDNT_CONNECT,      CURLE_OPERATION_TIMEDOUT,
                                CURLE_PARTIAL_FILE,         CURLE_GOT_NOTHING,
                                CURLE_RECV_ERROR,           CURLE_SEND_ERROR,
                                CURLE_SSL_CONNECT_ERROR};
  return std::ranges::find(kPassing, code) != kPassing.end();
}

ErrorKind KindOf(CURLcode code) {
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
      return ErrorKind::kInvalid;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return ErrorKind::kUntrusted;
    default:
      return ErrorKind::kUnavailable;
  }
}

}  // namespace

Common::Common(Options options_of_client)
    : options(std::move(options_of_client)), signing("aws:amz:" + options.region + ":s3") {
  if (!options.ca_pem.empty()) ca_bundle = TextOf(kSystemAuthorities) + "\n" + options.ca_pem;
  if (options.credentials && !options.credentials->session_token.empty()) {
    token.push_back("x-amz-security-token: " + options.credentials->session_token);
  }
}

Transfer::Transfer(const Common& common, const Request& request)
    : common_(common), request_(request), easy_(curl_easy_init()) {
  Prepare();
  Trust();
  Sign();
}

Transfer::~Transfer() {
  curl_easy_cleanup(easy_);
  curl_slist_free_all(headers_);
}

// NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): the interface of libcurl
void Transfer::Prepare() {
  const Limits& limits = common_.options.limits;
  curl_easy_setopt(easy_, CURLOPT_URL, request_.url.c_str());
  curl_easy_setopt(easy_, CURLOPT_PATH_AS_IS, 1L);  // "a/../b" is a key as good as any
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, "ffdl/" FFDL_VERSION);
  curl_easy_setopt(easy_, CURLOPT_BUFFERSIZE, kBufferBytes);
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
  curl_easy_setopt(easy_, CURLOPT_LOW_SPEED_LIMIT, limits.bytes_per_second_min);
  curl_easy_setopt(easy_, CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits.stalled.count()));
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, problem_.data());
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Transfer::OnBytes);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy_, CURLOPT_PRIVATE, this);
}

void Transfer::Trust() {
  if (common_.ca_bundle.empty()) {
    curl_easy_setopt(easy_, CURLOPT_CAINFO, kSystemAuthorities);
    return;
  }
  curl_blob bundle{};
  bundle.data = const_cast<char*>(common_.ca_bundle.data());  // NOLINT: it is only read
  bundle.len = common_.ca_bundle.size();
  bundle.flags = CURL_BLOB_NOCOPY;
  curl_easy_setopt(easy_, CURLOPT_CAINFO_BLOB, &bundle);
}

void Transfer::Sign() {
  for (const auto* lines : {&request_.headers, &common_.token}) {
    for (const std::string& line : *lines) headers_ = curl_slist_append(headers_, line.c_str());
  }
  if (const auto& credentials = common_.options.credentials) {
    headers_ = curl_slist_append(headers_, kEmptyPayload);
    curl_easy_setopt(easy_, CURLOPT_AWS_SIGV4, common_.signing.c_str());
    curl_easy_setopt(easy_, CURLOPT_USERNAME, credentials->key_id.c_str());
    curl_easy_setopt(easy_, CURLOPT_PASSWORD, credentials->secret.c_str());
  }
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
}

long Transfer::Status() const {
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

bool Transfer::Begin() {
  begun_ = true;
  curl_off_t length = -1;
  curl_easy_getinfo(easy_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  return Check(
      request_.body->Begin(length < 0 ? std::nullopt : std::optional<std::int64_t>(length)));
}

Answer Transfer::Finish(CURLcode code) {
  Answer answer{.status = Status()};
  const bool good = code == CURLE_OK && answer.status == kOk;
  if (good && (begun_ || Begin())) (void)Check(request_.body->End());
  if (refusal_) {
    answer.problem = refusal_->message;
    answer.problem_kind = refusal_->kind;
    return answer;
  }
  if (code != CURLE_OK) {
    answer.problem = problem_[0] != '\0' ? problem_.data() : curl_easy_strerror(code);
    answer.problem_kind = KindOf(code);
    answer.problem_passes = MayPass(code);
    return answer;
  }
  curl_off_t retry_after = 0;
  curl_easy_getinfo(easy_, CURLINFO_RETRY_AFTER, &retry_after);
  answer.retry_after = std::chrono::seconds(retry_after);
  answer.body = std::move(error_body_);
  answer.bucket_region = Header("x-amz-bucket-region");
  answer.location = Header("Location");
  return answer;
}
// NOLINTEND(cppcoreguidelines-pro-type-vararg)

std::string Transfer::Header(const char* name) const {
  curl_header* header = nullptr;
  constexpr int kFinal = -1;
  const CURLHcode found = curl_easy_header(easy_, name, 0, CURLH_HEADER, kFinal, &header);
  return found == CURLHE_OK ? header->value : "";
}

std::size_t Transfer::OnBytes(const char* bytes, std::size_t size, std::size_t count, void* self) {
  // Any other number than that of the bytes ends the transfer.
  return static_cast<Transfer*>(self)->Take({bytes, size * count}) ? size * count : 0;
}

bool Transfer::Take(std::string_view bytes) {
  if (Status() != kOk) {
    const std::size_t room = kErrorBodyBytesMax - error_body_.size();
    error_body_.append(bytes.substr(0, room));
    return bytes.size() <= room ||
           Check(tl::unexpected(Refusal{.kind = ErrorKind::kInvalid,
                                        .message = "HTTP status " + std::to_string(Status()) +
                                                   " with more text than a refusal has"}));
  }
  return (begun_ || Begin()) && Check(request_.body->Take(bytes));
}

bool Transfer::Check(const tl::expected<void, Refusal>& taken) {
  if (!taken) refusal_ = taken.error();
  return taken.has_value();
}

}  // namespace ffdl::object_store
