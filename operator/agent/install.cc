#include "operator/agent/install.h"

#include <dirent.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <string_view>

#include "operator/agent/code.h"
#include "operator/agent/files.h"

namespace ffdl::agent {
namespace {

constexpr mode_t kDirectoryMode = 0777;  // the learner may run as any user
constexpr mode_t kProgramMode = 0755;

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

Termination CodeMissing(const std::string& message) {
  return {.reason = reason::kCodeMissing, .exit_code = kExitCodeMissing, .message = message};
}

tl::unexpected<Termination> Failed(const Error& error) {
  return tl::unexpected(Termination{
      .reason = reason::kInstallFailed, .exit_code = kExitInstallFailed, .message = error.message});
}

tl::expected<void, Termination> InstallFolder(const InstallOptions& options) {
  const Result<int> copied = CopyFolder(options.code_from, options.code_to, kDirectoryMode);
  if (!copied) return Failed(copied.error());
  if (*copied > 0) return {};
  return tl::unexpected(CodeMissing(
      "the folder of `spec.code.claim` in PersistentVolumeClaim '" + options.code_claim +
      "' does not exist or is empty; put the code there, and the learner starts by itself"));
}

tl::expected<void, Termination> InstallConfigMap(const InstallOptions& options) {
  const Result<std::vector<std::string>> names = FilesOf(options.code_from);
  if (!names) return Failed(names.error());
  if (names->empty()) {
    return tl::unexpected(
        CodeMissing("ConfigMap '" + options.code_name +
                    "' does not exist or is empty; create it, and the learner starts by itself"));
  }
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
  return options.code_claim.empty() ? InstallConfigMap(options) : InstallFolder(options);
}

}  // namespace ffdl::agent
