#include "k8s-client/informer/cache_audit.h"

#include <fmt/format.h>

#include <compare>
#include <utility>

#include "k8s-client/api/client.h"
#include "k8s-client/informer/readers.h"
#include "k8s-client/informer/wire_format.h"
#include "k8s-client/meta/resource_version.h"

namespace ffdl::k8s {
namespace {

using std::chrono::milliseconds;

constexpr int kOk = 200;
constexpr std::string_view kMetadataOnly =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
constexpr std::size_t kNamesToldMax = 5;

}  // namespace

CacheAudit::CacheAudit(CacheAuditOptions options, Transport& transport, AuditedCache& cache,
                       RuntimeContext context)
    : options_(std::move(options)),
      transport_(transport),
      cache_(cache),
      context_(std::move(context)),
      divergences_(context_.metrics.CounterOf("operator_cache_divergence_total",
                                              "Objects that a cache showed wrongly, or not at all.",
                                              {{"resource", std::string(options_.type.plural)}})),
      audits_(context_.metrics.CounterOf("operator_cache_audits_total",
                                         "Caches compared with what the server has.",
                                         {{"resource", std::string(options_.type.plural)}})) {}

void CacheAudit::Start() {
  constexpr milliseconds kMean{kEvery};
  RestFor(context_.random.Between(kMean / 2, kMean * 3 / 2));
}

void CacheAudit::Stop() {
  transport_.loop().Cancel(timer_);
  lifeline_.Cut();
}

void CacheAudit::RestFor(milliseconds time) {
  phase_ = Phase::kResting;
  listed_ = {};
  deleted_ = {};
  suspects_ = {};
  transport_.loop().Cancel(timer_);
  timer_ = transport_.loop().After(time, lifeline_.Guard([this] { Begin(); }));
}

void CacheAudit::Begin() {
  if (cache_.version().empty()) return GiveUp("the cache was never filled");
  phase_ = Phase::kListing;
  RequestPage("");
}

void CacheAudit::RequestPage(const std::string& continue_token) {
  HttpRequest request;
  // Without a resource version the list is consistent.
  request.path = fmt::format("{}?limit={}", ResourcePath(options_.type, options_.ns), kPageSize);
  if (!options_.label_selector.empty()) {
    request.path += "&labelSelector=" + EncodeQueryValue(options_.label_selector);
  }
  if (!options_.field_selector.empty()) {
    request.path += "&fieldSelector=" + EncodeQueryValue(options_.field_selector);
  }
  if (!continue_token.empty()) request.path += "&continue=" + EncodeQueryValue(continue_token);
  request.accept = kMetadataOnly;
  request.timeout = kPageTimeout;
  transport_.Send(std::move(request),
                  lifeline_.Guard([this](tl::expected<HttpResponse, TransportError> answer) {
                    OnPage(std::move(answer));
                  }));
}

void CacheAudit::OnPage(tl::expected<HttpResponse, TransportError> answer) {
  if (!answer) {
    GiveUp(answer.error().error.message);
  } else if (answer->status != kOk) {
    GiveUp(DecodeStatus(answer->status, answer->body, answer->retry_after).message);
  } else {
    TakePage(std::move(answer->body));
  }
}

void CacheAudit::TakePage(std::string body) {
  PaddedBuffer page;
  const Result<ListPage> read = ReadListPage(page.Adopt(std::move(body)), [&](PaddedJson item) {
    const std::optional<ObjectMeta> listed = ReadIdentity(item);
    if (listed) Take(*listed);
    return listed.has_value();
  });
  if (!read) return GiveUp("a page of the list cannot be read: " + read.error().message);
  if (!read->continue_token.empty()) return RequestPage(read->continue_token);
  list_version_ = read->version;
  phase_ = Phase::kCatchingUp;
  timer_ = transport_.loop().After(kCatchUpMax, lifeline_.Guard([this] {
    GiveUp("the cache does not catch up with the list");
  }));
  OnProgress();
}

// The cache may be a little behind: what it does not show yet is looked at again in the end.
void CacheAudit::Take(const ObjectMeta& listed) {
  listed_.insert(Hash(listed.uid));
  Listed object{.key = listed.key,
                .version = {.uid = listed.uid, .resource_version = listed.resource_version}};
  if (!Shows(object)) suspects_.push_back(std::move(object));
}

bool CacheAudit::Shows(const Listed& listed) const {
  const std::optional<ObjectVersion> told = cache_.Told(listed.key);
  return told && told->uid == listed.version.uid &&
         !std::is_lt(
             CompareResourceVersions(told->resource_version, listed.version.resource_version));
}

void CacheAudit::OnDeleted(std::string_view uid) {
  if (phase_ != Phase::kResting) deleted_.insert(Hash(uid));
}

void CacheAudit::OnProgress() {
  if (phase_ != Phase::kCatchingUp) return;
  if (std::is_lt(CompareResourceVersions(cache_.version(), list_version_))) return;
  Conclude();
}

void CacheAudit::Conclude() {
  std::size_t count = 0;
  std::string names;
  const auto diverges = [&](const ObjectKey& key) {
    if (++count <= kNamesToldMax) names += " " + ToString(key);
  };
  for (const Listed& listed : suspects_) {
    if (!Shows(listed) && !Knows(deleted_, listed.version.uid)) diverges(listed.key);
  }
  cache_.ForEachObject([&](const ObjectMeta& shown) {
    const bool older = !std::is_gt(CompareResourceVersions(shown.resource_version, list_version_));
    if (older && !Knows(listed_, shown.uid)) diverges(shown.key);
  });
  audits_.Add();
  divergences_.Add(count);
  Start();
  if (count == 0) return;
  context_.log(
      LogLevel::kError,
      fmt::format("{}: the cache differs from the server in {} objects ({} ...); filling it again",
                  options_.type.plural, count, names.substr(1)));
  cache_.OnDivergence();
}

void CacheAudit::GiveUp(std::string_view why) {
  context_.log(LogLevel::kInfo, fmt::format("{}: no audit: {}", options_.type.plural, why));
  RestFor(kRetry);
}

}  // namespace ffdl::k8s
