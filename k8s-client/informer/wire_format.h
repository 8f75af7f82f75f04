// The frames around objects: events of a watch and pages of a list. Private to this folder.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "k8s-client/informer/padded_json.h"
#include "k8s-client/meta/result.h"

namespace ffdl::k8s {

// {"type": ..., "object": {...}}
struct WatchEvent {
  std::string type;   // ADDED, MODIFIED, DELETED, BOOKMARK, ERROR
  PaddedJson object;  // within the line
};

[[nodiscard]] std::optional<WatchEvent> SplitWatchEvent(PaddedJson line);

struct BookmarkEvent {
  std::string version;
  bool ends_fill = false;  // all that existed when the streaming list began has been sent
};

[[nodiscard]] std::optional<BookmarkEvent> ReadBookmark(PaddedJson object);

struct ListPage {
  std::string version;
  std::string continue_token;  // "" on the last page
};

// Calls `item` for each object, until it returns false, which is an error.
[[nodiscard]] Result<ListPage> ReadListPage(PaddedJson page,
                                            const std::function<bool(PaddedJson)>& item);

// The error that the object of an ERROR event stands for.
[[nodiscard]] Error ReadErrorEvent(PaddedJson object);

}  // namespace ffdl::k8s
