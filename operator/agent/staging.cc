#include "operator/agent/staging.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "operator/agent/files.h"

namespace ffdl::agent {
namespace {

constexpr mode_t kFolderMode = 0777;  // the learner may run as any user

Result<void> MakeAll(const std::string& folder, const CodeTree& tree) {
  if (Result<void> made = MakeDirectories(folder, kFolderMode); !made) return made;
  for (const std::string& name : tree.Folders()) {
    const std::string path = std::string(folder).append("/").append(name);
    if (Result<void> made = MakeDirectories(path, kFolderMode); !made) return made;
  }
  return {};
}

}  // namespace

Staging::Staging(std::string to)
    : to_(std::move(to)), path_(to_ + "/" + std::string(kStagingName)) {}

Staging::Staging(Staging&& other) noexcept
    : to_(std::move(other.to_)), path_(std::exchange(other.path_, "")) {}

Staging::~Staging() {
  std::error_code ignored;  // the next run removes what stays
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Result<Staging> Staging::Open(const std::string& to) {
  Staging staging(to);
  std::error_code error;
  std::filesystem::remove_all(staging.path_, error);
  if (error) return FailWith("remove", staging.path_, error.value());
  for (const std::string& folder : {staging.path_ + "/parts", staging.code()}) {
    if (const Result<void> made = MakeDirectories(folder, kFolderMode); !made) {
      return tl::unexpected(made.error());
    }
  }
  return staging;
}

std::string Staging::Part(std::size_t number) const {
  return path_ + "/parts/" + std::to_string(number);
}

std::string Staging::code() const { return path_ + "/code"; }

Result<void> Staging::MakeFolders(const CodeTree& tree) const { return MakeAll(code(), tree); }

Result<void> Staging::MoveIntoPlace(const CodeTree& tree) const {
  if (Result<void> made = MakeAll(to_, tree); !made) return made;
  for (const std::string& name : tree.Files()) {
    const std::string from = code() + "/" + name;
    const std::string to = to_ + "/" + name;
    if (rename(from.c_str(), to.c_str()) != 0) return FailWith("create", to, errno);
  }
  return {};
}

}  // namespace ffdl::agent
