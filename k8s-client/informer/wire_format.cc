#include "k8s-client/informer/wire_format.h"

#include "k8s-client/api/client.h"
#include "k8s-client/informer/fields.h"

namespace ffdl::k8s {
namespace {

constexpr std::string_view kInitialEventsEnd = "k8s.io/initial-events-end";
constexpr int kServerError = 500;

// Every API server writes events in this form, and a parse less a line is a third of the work.
std::optional<WatchEvent> SplitUsualForm(std::string_view line) {
  constexpr std::string_view kStart = R"({"type":")";
  constexpr std::string_view kMiddle = R"(","object":{)";
  if (!line.starts_with(kStart) || !line.ends_with("}}")) return std::nullopt;
  const std::size_t type_end = line.find('"', kStart.size());
  if (type_end == std::string_view::npos || !line.substr(type_end).starts_with(kMiddle)) {
    return std::nullopt;
  }
  const std::size_t object = type_end + kMiddle.size() - 1;
  return WatchEvent{.type = std::string(line.substr(kStart.size(), type_end - kStart.size())),
                    .object = {.text = line.substr(object, line.size() - object - 1)}};
}

bool ReadRaw(JsonValue value, Trouble& trouble, std::string_view& out) {
  simdjson::ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return trouble.Is("not an object");
  return object.raw_json().get(out) == simdjson::SUCCESS || trouble.Is("malformed JSON");
}

}  // namespace

std::optional<WatchEvent> SplitWatchEvent(PaddedJson line) {
  if (auto event = SplitUsualForm(line.text)) return event;
  WatchEvent event;
  Trouble trouble;
  const bool ok =
      RootParser::ForEachRootField(line, trouble, [&](std::string_view key, JsonValue value) {
        if (key == "type") return Read(value, trouble, event.type);
        if (key == "object") return ReadRaw(value, trouble, event.object.text);
        return true;
      });
  if (!ok || event.type.empty() || event.object.text.empty()) return std::nullopt;
  return event;
}

std::optional<BookmarkEvent> ReadBookmark(PaddedJson object) {
  BookmarkEvent bookmark;
  Trouble trouble;
  Labels annotations;
  const auto read_meta = [&](std::string_view key, JsonValue value) {
    if (key == "resourceVersion") return Read(value, trouble, bookmark.version);
    if (key == "annotations") return Read(value, trouble, annotations, kInitialEventsEnd);
    return true;
  };
  const bool ok =
      RootParser::ForEachRootField(object, trouble, [&](std::string_view key, JsonValue value) {
        return key == "metadata" ? ForEachField(value, trouble, read_meta) : true;
      });
  if (!ok || bookmark.version.empty()) return std::nullopt;
  bookmark.ends_fill = ValueOr(annotations, kInitialEventsEnd) == "true";
  return bookmark;
}

Result<ListPage> ReadListPage(PaddedJson page, const std::function<bool(PaddedJson)>& item) {
  ListPage read;
  Trouble trouble;
  const auto read_meta = [&](std::string_view key, JsonValue value) {
    if (key == "resourceVersion") return Read(value, trouble, read.version);
    if (key == "continue") return Read(value, trouble, read.continue_token);
    return true;
  };
  const auto read_item = [&](JsonValue value) {
    PaddedJson object;
    if (!ReadRaw(value, trouble, object.text)) return false;
    return item(object) || trouble.Is("refused");
  };
  // A parser of its own: the readers of the items use the thread's, and what a page makes it
  // allocate should not stay.
  simdjson::ondemand::parser parser;
  const bool ok = RootParser::ForEachRootField(parser, page, trouble,
                                               [&](std::string_view key, JsonValue value) {
                                                 if (key == "metadata")
                                                   return ForEachField(value, trouble, read_meta);
                                                 if (key == "items")
                                                   return ForEachElement(value, trouble, read_item);
                                                 return true;
                                               });
  if (!ok) return Fail(ErrorCode::kBadResponse, trouble.text());
  if (read.version.empty()) {
    return Fail(ErrorCode::kBadResponse, "metadata.resourceVersion: missing");
  }
  return read;
}

Error ReadErrorEvent(PaddedJson object) {
  std::int64_t code = 0;
  Trouble ignored;
  RootParser::ForEachRootField(object, ignored, [&](std::string_view key, JsonValue value) {
    return key == "code" ? Read(value, ignored, code) : true;
  });
  const int status = code >= 400 && code < 600 ? static_cast<int>(code) : kServerError;
  return DecodeStatus(status, object.text, std::chrono::milliseconds(0));
}

}  // namespace ffdl::k8s
