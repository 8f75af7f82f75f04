#include "operator/object_store/client.h"

#include <deque>
#include <iterator>
#include <map>
#include <utility>

#include "operator/object_store/file_body.h"
#include "operator/object_store/page_body.h"
#include "operator/object_store/requests.h"
#include "operator/object_store/url.h"

namespace ffdl::object_store {
namespace {

struct Libcurl {
  Libcurl() { curl_global_init(CURL_GLOBAL_DEFAULT); }
};

void InitLibcurl() { static const Libcurl once; }

}  // namespace

struct Client::Parts {
  explicit Parts(const Options& options) : common(options), requests(common) {}

  [[nodiscard]] std::string UrlOfKey(const std::string& key) const {
    return UrlOf(common.options.endpoint, common.options.bucket, key);
  }
  [[nodiscard]] std::string UrlOfPage(const std::string& prefix, const std::string& token) const {
    std::map<std::string, std::string> query{
        {"encoding-type", "url"},  // XML has no way to write some keys
        {"list-type", "2"},
        {"max-keys", std::to_string(common.options.limits.page_entries)}};
    if (!prefix.empty()) query["prefix"] = prefix;
    if (!token.empty()) query["continuation-token"] = token;
    return UrlOf(common.options.endpoint, common.options.bucket, "", query);
  }
  [[nodiscard]] std::string ListName(const std::string& prefix) const {
    const std::string bucket = "bucket '" + common.options.bucket + "'";
    return prefix.empty() ? "list " + bucket : "list '" + prefix + "' of " + bucket;
  }
  [[nodiscard]] Request RequestOf(const Download& download, Body& body) const {
    Request request{.name = "get '" + download.key + "' of bucket '" + common.options.bucket + "'",
                    .url = UrlOfKey(download.key),
                    .body = &body};
    if (!download.etag.empty()) request.headers.push_back("If-Match: " + download.etag);
    return request;
  }

  const Common common;
  Requests requests;
};

Client::Client(const Options& options) {
  InitLibcurl();
  parts_ = std::make_unique<Parts>(options);
}

Client::~Client() = default;

Result<Listing> Client::List(const std::string& prefix, std::size_t objects_max) {
  Listing listing;
  std::string token;
  const std::string name = parts_->ListName(prefix);
  for (int pages = 0; pages < kListPagesMax; ++pages) {
    PageBody body;
    const Request request{
        .name = name, .url = parts_->UrlOfPage(prefix, token), .headers = {}, .body = &body};
    if (const Result<void> ran = parts_->requests.Run({request}, [] {}); !ran) {
      return tl::unexpected(ran.error());
    }
    std::vector<Object>& objects = body.page().objects;
    std::move(objects.begin(), objects.end(), std::back_inserter(listing.objects));
    token = body.page().next;
    listing.more = !token.empty() || listing.objects.size() > objects_max;
    if (token.empty() || listing.objects.size() >= objects_max) break;
  }
  if (listing.more && listing.objects.size() < objects_max) {
    return tl::unexpected(
        Error{.kind = ErrorKind::kInvalid, .request = name, .message = "the listing does not end"});
  }
  if (listing.objects.size() > objects_max) listing.objects.resize(objects_max);
  return listing;
}

Result<void> Client::Get(const std::vector<Download>& downloads,
                         const std::function<void(const Progress&)>& progress) {
  Progress so_far;
  std::deque<FileBody> bodies;  // which does not move them
  std::vector<Request> requests;
  requests.reserve(downloads.size());
  for (const Download& download : downloads) {
    requests.push_back(parts_->RequestOf(download, bodies.emplace_back(download, so_far)));
  }
  return parts_->requests.Run(requests, [&] { progress(so_far); });
}

}  // namespace ffdl::object_store
