#include "operator/agent/code.h"

#include <dirent.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <string_view>
#include <vector>

#include "operator/agent/files.h"

namespace ffdl::agent {
namespace {

constexpr mode_t kProgramMode = 0755;
constexpr mode_t kFileMode = 0644;

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

struct Folder {
  std::string from;
  std::string to;
  int depth = 0;
};

// What has been copied so far, and which folders are still to be looked at.
struct Progress {
  int files = 0;
  int entries = 0;
  std::int64_t bytes = 0;
  std::vector<Folder> folders;
};

tl::unexpected<Error> TooMuch(const std::string& from, std::string_view limit) {
  return Fail("the code in " + from + " has " + std::string(limit) +
              "; name the folder that is needed in `spec.code.claim.subPath`, and let data come by "
              "volumes of `spec.podTemplate`");
}

Result<std::vector<std::string>> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, CloseDirectory> directory(opendir(folder.c_str()));
  if (!directory) return FailWith("list", folder, errno);
  // The listing is used by this thread alone.
  while (const dirent* entry = readdir(directory.get())) {  // NOLINT(concurrency-mt-unsafe)
    const std::string_view name = &entry->d_name[0];
    if (name == "." || name == ".." || name == "lost+found") continue;
    names.emplace_back(name);
    if (names.size() > static_cast<std::size_t>(kCodeEntriesMax)) break;
  }
  return names;
}

Result<void> CopyEntry(const Folder& folder, const std::string& name, Progress& progress) {
  const std::string from = folder.from + "/" + name;
  const std::string to = folder.to + "/" + name;
  struct stat status {};
  if (stat(from.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};  // a link to nowhere is no file
    return FailWith("look at", from, errno);
  }
  if (S_ISDIR(status.st_mode)) {
    progress.folders.push_back({from, to, folder.depth + 1});
    return {};
  }
  if (!S_ISREG(status.st_mode)) return {};
  progress.bytes += status.st_size;
  if (progress.bytes > kCodeBytesMax) return TooMuch(folder.from, "more than 1 GiB");
  ++progress.files;
  return CopyCode(from, to, (status.st_mode & S_IXUSR) != 0);
}

Result<void> CopyNext(mode_t mode, Progress& progress) {
  const Folder folder = progress.folders.back();
  progress.folders.pop_back();
  if (folder.depth > kCodeDepthMax) return TooMuch(folder.from, "folders more than 32 deep");
  const Result<std::vector<std::string>> names = NamesIn(folder.from);
  if (!names) return tl::unexpected(names.error());
  if (Result<void> made = MakeDirectories(folder.to, mode); !made) return made;
  for (const std::string& name : *names) {
    if (++progress.entries > kCodeEntriesMax) {
      return TooMuch(folder.from, "more than 10000 files and folders");
    }
    if (Result<void> copied = CopyEntry(folder, name, progress); !copied) return copied;
  }
  return {};
}

}  // namespace

mode_t CodeMode(std::string_view start, bool executable) {
  return executable || start.starts_with("#!") ? kProgramMode : kFileMode;
}

Result<void> CopyCode(const std::string& from, const std::string& to, bool executable) {
  const Result<std::string> start = ReadFile(from, 2);
  if (!start) return tl::unexpected(start.error());
  return CopyFile(from, to, CodeMode(*start, executable));
}

Result<int> CopyFolder(const std::string& from, const std::string& to, mode_t mode) {
  Progress progress;
  struct stat status {};
  if (stat(from.c_str(), &status) != 0 && errno == ENOENT) return 0;
  progress.folders.push_back({from, to});
  while (!progress.folders.empty()) {
    if (const Result<void> copied = CopyNext(mode, progress); !copied) {
      return tl::unexpected(copied.error());
    }
  }
  return progress.files;
}

}  // namespace ffdl::agent
