#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "operator/agent/result.h"

namespace ffdl::agent {

inline constexpr std::string_view kStagingName = ".ffdl-fetch";
inline constexpr std::string_view kTooManyEntries =
    "it has more than 10000 files and folders; let data come by volumes of `spec.podTemplate`";
inline constexpr std::string_view kTooManyBytes =
    "it has more than 1 GiB; let data come by volumes of `spec.podTemplate`";

// The files and folders of code of any origin, as they are named there: each name relative, inside
// the code's folder, in no other's place, and all within the limits of code.h. Whatever this has
// taken is safe to be made below a folder of ours. Errors are parts of a sentence: "'../x' leaves
// the folder of the code".
class CodeTree {
 public:
  // `name` is "folder/file"; the folders it names are added with it.
  [[nodiscard]] Result<void> AddFile(const std::string& name);
  [[nodiscard]] Result<void> AddFolder(const std::string& name);
  // A symbolic link. `target` must stay inside, too, whatever other links there are.
  [[nodiscard]] Result<void> AddLink(const std::string& name, std::string_view target);
  // Of one of its files, or of something that was passed over but had to be read.
  [[nodiscard]] Result<void> AddBytes(std::int64_t bytes);
  // Whether so many more could be added.
  [[nodiscard]] Result<void> CheckBytes(std::int64_t bytes) const;

  [[nodiscard]] bool HasFile(const std::string& name) const;
  // Parents before what is in them.
  [[nodiscard]] std::vector<std::string> Folders() const;
  // Files and links.
  [[nodiscard]] std::vector<std::string> Files() const;
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }

 private:
  enum class Kind { kFile, kFolder, kLink };

  [[nodiscard]] Result<void> Add(const std::string& name, Kind kind);
  [[nodiscard]] Result<void> AddParents(const std::string& name);
  [[nodiscard]] Result<void> Put(const std::string& name, Kind kind);
  [[nodiscard]] std::vector<std::string> Names(bool folders) const;

  std::map<std::string, Kind> entries_;
  std::int64_t bytes_ = 0;
};

}  // namespace ffdl::agent
