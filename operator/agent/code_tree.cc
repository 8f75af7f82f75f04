#include "operator/agent/code_tree.h"

#include <algorithm>

#include "operator/agent/code.h"

namespace ffdl::agent {
namespace {

constexpr std::size_t kSegmentBytesMax = 255;  // of file systems

std::string Quote(std::string_view name) { return "'" + std::string(name) + "'"; }

std::vector<std::string_view> Segments(std::string_view name) {
  std::vector<std::string_view> segments;
  while (true) {
    const std::size_t slash = name.find('/');
    segments.push_back(name.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    name.remove_prefix(slash + 1);
  }
}

Result<void> CheckSegment(std::string_view name, std::string_view segment) {
  if (segment == "..") return Fail(Quote(name) + " leaves the folder of the code");
  if (segment.empty() || segment == ".") {
    return Fail(Quote(name) + " has an empty part or '.', which no file can have in its path");
  }
  if (segment.size() > kSegmentBytesMax) {
    return Fail(Quote(name) + " has a part longer than 255 bytes");
  }
  if (segment.find('\0') != std::string_view::npos) return Fail(Quote(name) + " has a NUL in it");
  return {};
}

Result<void> CheckName(std::string_view name) {
  if (name.starts_with('/')) return Fail(Quote(name) + " is an absolute path");
  const std::vector<std::string_view> segments = Segments(name);
  if (segments.size() > static_cast<std::size_t>(kCodeDepthMax) + 1) {
    return Fail(Quote(name) + " lies more than 32 folders deep");
  }
  if (segments.front() == kStagingName) {
    return Fail(Quote(name) + " has a name that ffdl-agent needs");
  }
  for (const std::string_view segment : segments) {
    if (Result<void> good = CheckSegment(name, segment); !good) return good;
  }
  return {};
}

// Upwards only at the start, where the folders are known to be folders; behind the name of a link,
// ".." could be anywhere.
bool StaysInside(std::size_t depth, std::string_view target) {
  if (target.empty() || target.starts_with('/')) return false;
  std::size_t up = 0;
  bool down = false;
  for (const std::string_view segment : Segments(target)) {
    if (segment.find('\0') != std::string_view::npos) return false;
    if (segment != "..") {
      down = down || (!segment.empty() && segment != ".");
    } else if (down || ++up > depth) {
      return false;
    }
  }
  return true;
}

}  // namespace

Result<void> CodeTree::AddFile(const std::string& name) { return Add(name, Kind::kFile); }

Result<void> CodeTree::AddFolder(const std::string& name) { return Add(name, Kind::kFolder); }

Result<void> CodeTree::AddLink(const std::string& name, std::string_view target) {
  const auto depth = static_cast<std::size_t>(std::ranges::count(name, '/'));
  if (!StaysInside(depth, target)) {
    return Fail(Quote(name) + " is a link to " + Quote(target) +
                ", which may leave the folder of the code");
  }
  return Add(name, Kind::kLink);
}

Result<void> CodeTree::AddBytes(std::int64_t bytes) {
  if (Result<void> fits = CheckBytes(bytes); !fits) return fits;
  bytes_ += bytes;
  return {};
}

Result<void> CodeTree::CheckBytes(std::int64_t bytes) const {
  if (bytes > kCodeBytesMax - bytes_) return Fail(std::string(kTooManyBytes));
  return {};
}

Result<void> CodeTree::Add(const std::string& name, Kind kind) {
  if (Result<void> good = CheckName(name); !good) return good;
  if (Result<void> added = AddParents(name); !added) return added;
  return Put(name, kind);
}

Result<void> CodeTree::AddParents(const std::string& name) {
  for (std::size_t slash = name.find('/'); slash != std::string::npos;
       slash = name.find('/', slash + 1)) {
    const std::string parent = name.substr(0, slash);
    const auto entry = entries_.find(parent);
    if (entry != entries_.end() && entry->second != Kind::kFolder) {
      return Fail(Quote(name) + " lies below " + Quote(parent) + ", which is no folder");
    }
    if (Result<void> put = Put(parent, Kind::kFolder); !put) return put;
  }
  return {};
}

Result<void> CodeTree::Put(const std::string& name, Kind kind) {
  const auto [entry, added] = entries_.emplace(name, kind);
  if (!added && (kind != Kind::kFolder || entry->second != Kind::kFolder)) {
    return Fail(Quote(name) + " is there twice, or as a file and as a folder");
  }
  if (entries_.size() > static_cast<std::size_t>(kCodeEntriesMax)) {
    return Fail(std::string(kTooManyEntries));
  }
  return {};
}

bool CodeTree::HasFile(const std::string& name) const {
  const auto entry = entries_.find(name);
  return entry != entries_.end() && entry->second == Kind::kFile;
}

std::vector<std::string> CodeTree::Names(bool folders) const {
  std::vector<std::string> names;
  for (const auto& [name, kind] : entries_) {
    if ((kind == Kind::kFolder) == folders) names.push_back(name);
  }
  return names;
}

std::vector<std::string> CodeTree::Folders() const { return Names(/*folders=*/true); }

std::vector<std::string> CodeTree::Files() const { return Names(/*folders=*/false); }

}  // namespace ffdl::agent
