#include "test/support/s3_server.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <csignal>
#include <mutex>
#include <utility>

#include "test/wire/loopback_server.h"

namespace ffdl::test {
namespace {

std::string Decode(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size()) {
      decoded += static_cast<char>(std::stoi(std::string(text.substr(at + 1, 2)), nullptr, 16));
      at += 2;
    } else {
      decoded += text[at];
    }
  }
  return decoded;
}

void ReadQuery(std::string_view text, std::map<std::string, std::string>& query) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    query[Decode(pair.substr(0, equals))] = Decode(pair.substr(std::min(equals + 1, pair.size())));
  }
}

S3Request ReadHead(std::string_view head) {
  S3Request request;
  const std::size_t blank = head.find(' ');
  request.method = head.substr(0, blank);
  request.target = head.substr(blank + 1, head.find(' ', blank + 1) - blank - 1);
  const std::size_t question = std::min(request.target.find('?'), request.target.size());
  request.path = Decode(std::string_view(request.target).substr(0, question));
  ReadQuery(std::string_view(request.target).substr(std::min(question + 1, request.target.size())),
            request.query);
  for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
    const std::size_t end = head.find("\r\n", at);
    const std::size_t colon = head.find(':', at);
    std::string name(head.substr(at, colon - at));
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const std::size_t value = head.find_first_not_of(' ', colon + 1);
    request.headers[name] = head.substr(value, end - value);
    at = end + 2;
  }
  return request;
}

std::optional<S3Request> ReadRequest(int socket, std::string& buffer) {
  std::size_t end = 0;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
    std::array<char, 4096> bytes{};
    const ssize_t count = recv(socket, bytes.data(), bytes.size(), 0);
    if (count <= 0) return std::nullopt;
    buffer.append(bytes.data(), static_cast<std::size_t>(count));
  }
  const S3Request request = ReadHead(std::string_view(buffer).substr(0, end + 2));
  buffer.erase(0, end + 4);
  return request;
}

bool Send(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void AwaitDeparture(int socket) {
  pollfd gone{.fd = socket, .events = POLLRDHUP, .revents = 0};
  poll(&gone, 1, -1);
}

// As S3 writes keys for encoding-type=url.
std::string Listed(const std::string& key) {
  std::string listed = AwsEncode(key, true);
  for (std::size_t at = 0; (at = listed.find("%20", at)) != std::string::npos;) {
    listed.replace(at, 3, "+");
  }
  return listed;
}

std::string EtagOf(const std::string& content) {
  return "\"" + std::to_string(std::hash<std::string>()(content)) + "\"";
}

std::string Reason(int status) { return status == 200 ? "OK" : "Refused"; }

}  // namespace

std::string S3Answer(int status, const std::string& body, const std::string& headers) {
  return "HTTP/1.1 " + std::to_string(status) + " " + Reason(status) + "\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string S3ErrorAnswer(int status, const std::string& code, const std::string& message,
                          const std::string& more, const std::string& headers) {
  return S3Answer(status,
                  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code +
                      "</Code><Message>" + message + "</Message>" + more +
                      "<RequestId>1</RequestId></Error>",
                  "Content-Type: application/xml\r\n" + headers);
}

class S3Server::Impl {
 public:
  explicit Impl(Options options)
      : options_(std::move(options)), server_([this](int socket, int) { Serve(socket); }) {}

  [[nodiscard]] std::uint16_t port() const { return server_.port(); }

  void Put(const std::string& key, const std::string& content) {
    const std::scoped_lock lock(mutex_);
    objects_[key] = content;
  }
  void Remove(const std::string& key) {
    const std::scoped_lock lock(mutex_);
    objects_.erase(key);
  }
  void Misbehave(Script script) {
    const std::scoped_lock lock(mutex_);
    script_ = std::move(script);
  }
  [[nodiscard]] std::vector<S3Request> requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }

 private:
  void Serve(int socket) {
    std::string buffer;
    while (const std::optional<S3Request> request = ReadRequest(socket, buffer)) {
      const Raw raw = AnswerTo(*request);
      if (!Send(socket, raw.bytes) || raw.then == Raw::Then::kCut) return;
      if (raw.then == Raw::Then::kHang) return AwaitDeparture(socket);
    }
  }

  Raw AnswerTo(const S3Request& request) {
    Script script;
    int number = 0;
    {
      const std::scoped_lock lock(mutex_);
      requests_.push_back(request);
      number = static_cast<int>(requests_.size());
      script = script_;
    }
    if (script) {  // it may change the objects
      if (std::optional<Raw> raw = script(request, number)) return *raw;
    }
    const std::scoped_lock lock(mutex_);
    if (std::string refusal = Refusal(request); !refusal.empty()) return {.bytes = refusal};
    return {.bytes = RightAnswer(request)};
  }

  // "" for a request that may be answered.
  [[nodiscard]] std::string Refusal(const S3Request& request) const {
    const auto header = [&](const std::string& name) {
      const auto found = request.headers.find(name);
      return found == request.headers.end() ? std::string() : found->second;
    };
    if (header("authorization").empty()) {
      return options_.anonymous ? "" : S3ErrorAnswer(403, "AccessDenied", "Access Denied");
    }
    const S3Authorization authorization = ReadAuthorization(header("authorization"));
    if (authorization.region != options_.region) {
      return S3ErrorAnswer(400, "AuthorizationHeaderMalformed",
                           "the region '" + authorization.region + "' is wrong",
                           "<Region>" + options_.region + "</Region>");
    }
    const auto secret = options_.secrets.find(authorization.key_id);
    if (secret == options_.secrets.end()) {
      return S3ErrorAnswer(403, "InvalidAccessKeyId", "The key id does not exist in our records.");
    }
    if (header("x-amz-security-token") != options_.session_token) {
      return S3ErrorAnswer(400, "InvalidToken", "The provided token is malformed.");
    }
    if (authorization.signature != SignatureFor(request, authorization, secret->second)) {
      return S3ErrorAnswer(403, "SignatureDoesNotMatch", "Check your secret access key.");
    }
    return "";
  }

  [[nodiscard]] std::string RightAnswer(const S3Request& request) const {
    const std::string root = "/" + options_.bucket;
    if (request.path == root && request.query.contains("list-type")) return List(request);
    if (!request.path.starts_with(root + "/")) {
      return S3ErrorAnswer(404, "NoSuchBucket", "The specified bucket does not exist");
    }
    const auto object = objects_.find(request.path.substr(root.size() + 1));
    if (object == objects_.end()) {
      return S3ErrorAnswer(404, "NoSuchKey", "The specified key does not exist.");
    }
    const std::string etag = EtagOf(object->second);
    const auto if_match = request.headers.find("if-match");
    if (if_match != request.headers.end() && if_match->second != etag) {
      return S3ErrorAnswer(412, "PreconditionFailed", "A precondition did not hold");
    }
    return S3Answer(200, object->second, "ETag: " + etag + "\r\n");
  }

  [[nodiscard]] std::string List(const S3Request& request) const {
    const auto value = [&](const std::string& name) {
      const auto found = request.query.find(name);
      return found == request.query.end() ? std::string() : found->second;
    };
    const std::string prefix = value("prefix");
    // As opaque and as hard to encode as real ones.
    const std::string token = value("continuation-token");
    const std::string after = token.empty() ? "" : Decode(token.substr(2, token.size() - 3));
    const int most = std::min(options_.page_entries, std::stoi("0" + value("max-keys")));
    std::string contents;
    std::string next;
    std::string last;
    int entries = 0;
    for (const auto& [key, content] : objects_) {
      if (!key.starts_with(prefix) || (!token.empty() && key <= after)) continue;
      if (entries++ == most) {
        next = "/+" + AwsEncode(last, true) + "=";
        break;
      }
      last = key;
      contents += "<Contents><Key>" + Listed(key) + "</Key><ETag>" + EtagOf(content) +
                  "</ETag><Size>" + std::to_string(content.size()) + "</Size></Contents>";
    }
    return S3Answer(
        200,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>" +
            options_.bucket + "</Name><EncodingType>url</EncodingType><IsTruncated>" +
            (next.empty() ? "false" : "true") + "</IsTruncated>" + contents +
            (next.empty() ? "" : "<NextContinuationToken>" + next + "</NextContinuationToken>") +
            "</ListBucketResult>",
        "Content-Type: application/xml\r\n");
  }

  const Options options_;
  mutable std::mutex mutex_;  // guards the next three
  std::map<std::string, std::string> objects_;
  std::vector<S3Request> requests_;
  Script script_;
  LoopbackServer server_;
};

S3Server::S3Server() : S3Server(Options()) {}
S3Server::S3Server(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
S3Server::~S3Server() = default;

std::uint16_t S3Server::port() const { return impl_->port(); }
std::string S3Server::endpoint() const { return "http://127.0.0.1:" + std::to_string(port()); }
void S3Server::Put(const std::string& key, const std::string& content) { impl_->Put(key, content); }
void S3Server::Remove(const std::string& key) { impl_->Remove(key); }
void S3Server::Misbehave(Script script) { impl_->Misbehave(std::move(script)); }
std::vector<S3Request> S3Server::requests() const { return impl_->requests(); }

}  // namespace ffdl::test
