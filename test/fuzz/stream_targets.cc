// Frames around objects: bytes of a watch, pages of a list.
#include <string>
#include <vector>

#include "k8s-client/informer/line_framer.h"
#include "k8s-client/informer/readers.h"
#include "k8s-client/informer/wire_format.h"
#include "test/fuzz/targets.h"

namespace ffdl::fuzz {
namespace {

std::vector<std::string> LinesOf(std::string_view bytes, const std::vector<std::size_t>& cuts) {
  std::vector<std::string> lines;
  k8s::LineFramer framer;
  const auto take = [&](k8s::PaddedJson line) {
    lines.emplace_back(line.text);
    return true;
  };
  std::size_t cut = 0;
  while (!bytes.empty()) {
    const std::size_t size = cuts.empty() ? bytes.size() : cuts[cut++ % cuts.size()];
    (void)framer.Feed(bytes.substr(0, size), take);
    bytes.remove_prefix(std::min(size, bytes.size()));
  }
  return lines;
}

}  // namespace

// The first four bytes say how the rest is cut.
void WatchFramer(std::string_view bytes) {
  constexpr std::size_t kCuts = 4;
  if (bytes.size() < kCuts) return;
  std::vector<std::size_t> cuts;
  for (const char c : bytes.substr(0, kCuts)) {
    cuts.push_back(1 + static_cast<unsigned char>(c));
  }
  bytes.remove_prefix(kCuts);
  const std::vector<std::string> whole = LinesOf(bytes, {});
  Require(whole == LinesOf(bytes, cuts), "lines depend on how the bytes are cut");
  Require(whole == LinesOf(bytes, {1}), "lines depend on how the bytes are cut");
  for (const std::string& line : whole) {
    k8s::PaddedBuffer buffer;
    const k8s::PaddedJson text = buffer.Assign(line);
    const auto event = k8s::SplitWatchEvent(text);
    if (!event) continue;
    const char* const begin = event->object.text.data();
    Require(begin >= text.text.data() &&
                begin + event->object.text.size() <= text.text.data() + text.text.size(),
            "the object is outside of its line");
    // In an own buffer: behind the object comes the rest of the line, not padding.
    k8s::PaddedBuffer object;
    (void)k8s::ReadBookmark(object.Assign(event->object.text));
    Require(!k8s::ReadErrorEvent(object.Assign(event->object.text)).message.empty(),
            "an error without a message");
    (void)k8s::ReadIdentity(event->object);
  }
}

void ListPage(std::string_view bytes) {
  k8s::PaddedBuffer buffer;
  std::size_t items = 0;
  const auto page = k8s::ReadListPage(buffer.Assign(bytes), [&](k8s::PaddedJson item) {
    (void)k8s::ReadIdentity(item);
    return ++items < 1000;
  });
  if (page) {
    Require(!page->version.empty(), "a list without a version");
  } else {
    Require(!page.error().message.empty(), "a refusal without a reason");
  }
}

}  // namespace ffdl::fuzz
