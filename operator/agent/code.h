// Copies the code of a job to where its program starts.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "operator/agent/result.h"

namespace ffdl::agent {

// Of a file that begins with `start`, two bytes or more: readable for all, and executable for all
// if it begins with #! or `executable` is set.
[[nodiscard]] mode_t CodeMode(std::string_view start, bool executable);

// The file, with CodeMode.
[[nodiscard]] Result<void> CopyCode(const std::string& from, const std::string& to,
                                    bool executable = false);

// All that is in a folder, with the folders in it; returns how many files that were, 0 also for a
// folder that is not there. Links are followed, what is no file or folder is passed over, and so is
// lost+found, which the file system of a volume keeps for itself. More than the limits is an error.
[[nodiscard]] Result<int> CopyFolder(const std::string& from, const std::string& to, mode_t mode);

inline constexpr int kCodeEntriesMax = 10'000;            // files and folders
inline constexpr std::int64_t kCodeBytesMax = 1LL << 30;  // of all files
inline constexpr int kCodeDepthMax = 32;                  // also the end of links in a circle

}  // namespace ffdl::agent
