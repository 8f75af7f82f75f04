#include "operator/object_store/list_page.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "operator/object_store/url.h"

namespace ffdl::object_store {
namespace {

constexpr std::size_t kEtagBytesMax = 256;

std::optional<std::int64_t> SizeOf(std::string_view digits) {
  std::int64_t size = -1;
  const char* const end = digits.data() + digits.size();
  const auto [read, error] = std::from_chars(digits.data(), end, size);
  if (error != std::errc{} || read != end || size < 0) return std::nullopt;
  return size;
}

// It becomes a header line: nothing else may come in with it.
bool FitsInAHeader(std::string_view etag) {
  return etag.size() <= kEtagBytesMax &&
         std::ranges::all_of(etag, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

ListPageReader::ListPageReader()
    : xml_({.opened = [this](const std::string& path) { Opened(path); },
            .closed = [this](const std::string& path,
                             const std::string& text) { Closed(path, text); }}) {}

bool ListPageReader::Feed(std::string_view bytes) { return xml_.Feed(bytes) && problem_.empty(); }

void ListPageReader::Opened(const std::string& path) {
  if (path == "ListBucketResult") is_listing_ = true;
  if (path != "ListBucketResult/Contents") return;
  key_.reset();
  size_.reset();
  etag_.clear();
}

void ListPageReader::Closed(const std::string& path, const std::string& text) {
  constexpr std::string_view kRoot = "ListBucketResult/";
  if (!path.starts_with(kRoot)) return;
  const std::string_view name = std::string_view(path).substr(kRoot.size());
  if (name == "Contents/Key") key_ = text;
  if (name == "Contents/Size") size_ = SizeOf(text);
  if (name == "Contents/ETag" && FitsInAHeader(text)) etag_ = text;
  if (name == "Contents") CloseObject();
  if (name == "IsTruncated") truncated_ = text == "true";
  if (name == "NextContinuationToken") page_.next = text;
  if (name == "EncodingType") encoded_ = text == "url";
}

void ListPageReader::CloseObject() {
  if (key_ && !key_->empty() && size_) {
    page_.objects.push_back({.key = *key_, .etag = etag_, .size = *size_});
  } else {
    problem_ = "an object in it has no key or no size";
  }
}

bool ListPageReader::DecodeKeys() {
  for (Object& object : page_.objects) {
    std::optional<std::string> key = DecodeListed(object.key);
    if (!key) return false;
    object.key = std::move(*key);
  }
  return true;
}

tl::expected<ListPage, std::string> ListPageReader::Finish() {
  if (!problem_.empty()) return tl::unexpected(problem_);
  if (!xml_.Finish()) {
    problem_ = "it is no XML that we read: " + xml_.problem();
  } else if (!is_listing_) {
    problem_ = "it is XML, but no ListBucketResult";
  } else if (encoded_ && !DecodeKeys()) {
    problem_ = "a key in it is not encoded as URLs are";
  } else if (truncated_ && page_.next.empty()) {
    problem_ = "it goes on, but it does not say where";
  }
  if (!problem_.empty()) return tl::unexpected(problem_);
  if (!truncated_) page_.next.clear();
  return std::move(page_);
}

}  // namespace ffdl::object_store
