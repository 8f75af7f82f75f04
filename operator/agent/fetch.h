#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "operator/agent/termination.h"
#include "operator/object_store/options.h"

namespace ffdl::agent {

struct FetchOptions {
  std::string endpoint;
  std::string region;
  std::string bucket;
  std::optional<std::string> key;     // one object: an archive is unpacked
  std::optional<std::string> prefix;  // or a folder, with or without its last "/"; "" for all
  std::string credentials;            // folder of the mounted Secret; "" without credentials
  std::string secret;                 // its name, for people
  std::string to;
  object_store::Limits limits;
};

struct Fetched {
  int files = 0;
  std::int64_t bytes = 0;
};

// Told how it goes on, a line for people each time.
using Say = std::function<void(std::string_view line)>;

// Brings the code of a job from an object store into the folder `to`: all of it, or nothing of what
// was not there before. May run again at any time, also after it was interrupted.
[[nodiscard]] tl::expected<Fetched, Termination> Fetch(const FetchOptions& options, const Say& say);

// The common start of all keys of the folder: "mnist/" for "mnist" and "mnist/".
[[nodiscard]] std::string FolderOf(const FetchOptions& options);

}  // namespace ffdl::agent
