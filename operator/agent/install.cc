#include "operator/agent/install.h"

#include <dirent.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <string_view>

#include "operator/agent/files.h"

namespace ffdl::agent {
namespace {

constexpr mode_t kDirectoryMode = 0777;  // the learner may run as any user
constexpr mode_t kProgramMode = 0755;
constexpr mode_t kFileMode = 0644;

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

bool IsRegularFile(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

// The files of a mounted ConfigMap: links, through the link ..data, into a folder with a time for a
// name.
Result<std::vector<std::string>> FilesOf(const std::string& folder) {
  std::vector<std::string> names;
  const std::string prefix = folder + "/";
  const std::unique_ptr<DIR, CloseDirectory> directory(opendir(folder.c_str()));
  if (!directory && errno == ENOENT) return names;
  if (!directory) return FailWith("list", folder, errno);
  // The listing is used by this thread alone.
  while (const dirent* entry = readdir(directory.get())) {  // NOLINT(concurrency-mt-unsafe)
    const std::string name = &entry->d_name[0];
    // Keys of a ConfigMap never start with two dots; what the kubelet adds does.
    if (name == "." || name.starts_with("..")) continue;
    if (IsRegularFile(prefix + name)) names.push_back(name);
  }
  return names;
}

Result<void> CopyCode(const std::string& from, const std::string& to) {
  const Result<std::string> start = ReadFile(from, 2);
  if (!start) return tl::unexpected(start.error());
  return CopyFile(from, to, *start == "#!" ? kProgramMode : kFileMode);
}

Termination CodeMissing(const std::string& name) {
  return {.reason = reason::kCodeMissing,
          .exit_code = kExitCodeMissing,
          .message = "ConfigMap '" + name +
                     "' does not exist or is empty; create it, and the learner starts by itself"};
}

tl::unexpected<Termination> Failed(const Error& error) {
  return tl::unexpected(Termination{
      .reason = reason::kInstallFailed, .exit_code = kExitInstallFailed, .message = error.message});
}

tl::expected<void, Termination> InstallCode(const InstallOptions& options) {
  const Result<std::vector<std::string>> names = FilesOf(options.code_from);
  if (!names) return Failed(names.error());
  if (names->empty()) return tl::unexpected(CodeMissing(options.code_name));
  if (const auto made = MakeDirectories(options.code_to, kDirectoryMode); !made) {
    return Failed(made.error());
  }
  for (const std::string& name : *names) {
    const auto copied = CopyCode(options.code_from + "/" + name, options.code_to + "/" + name);
    if (!copied) return Failed(copied.error());
  }
  return {};
}

}  // namespace

tl::expected<void, Termination> Install(const InstallOptions& options) {
  if (const auto made = MakeDirectories(options.launch_to, kDirectoryMode); !made) {
    return Failed(made.error());
  }
  const auto copied =
      CopyFile(options.launch_from, options.launch_to + "/ffdl-launch", kProgramMode);
  if (!copied) return Failed(copied.error());
  for (const std::string& path : options.make_directories) {
    if (const auto made = MakeDirectories(path, kDirectoryMode); !made) return Failed(made.error());
  }
  if (options.code_from.empty()) return {};
  return InstallCode(options);
}

}  // namespace ffdl::agent
