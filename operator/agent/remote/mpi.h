// What the learners of an MPI job need to start processes in each other, and its launcher to know
// where.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "operator/agent/environment.h"
#include "operator/agent/result.h"

namespace ffdl::agent {

inline constexpr std::uint16_t kMpiPort = 2022;

struct MpiOptions {
  std::string hosts;  // "NAME slots=N", with commas between, as template.h has it; "" for no MPI
  std::string directory;  // for hostfiles and the remote shell; is made
  std::string key_file;
  std::uint16_t port = kMpiPort;
  std::chrono::seconds wait{1800};  // for all other learners to answer
};

struct MpiHost {
  std::string name;
  std::string slots;
};

// Of "NAME slots=N,NAME slots=N".
[[nodiscard]] std::vector<MpiHost> MpiHostsIn(std::string_view text);

// Those of other learners than the pod of this name.
[[nodiscard]] std::vector<std::string> PeersAmong(const std::vector<MpiHost>& hosts,
                                                  std::string_view pod);

// Writes the hostfiles, as Open MPI and as Hydra wants them, and puts ffdl-launch into the folder
// `bin` beside them under the names of remote shells.
[[nodiscard]] Result<void> WriteMpiFiles(const MpiOptions& options,
                                         const std::vector<MpiHost>& hosts,
                                         const std::string& launch);

// Tells Open MPI, PRRTE, Hydra and whatever else calls ssh by its name about them. What the image
// or the job has set stays.
void SetMpiEnvironment(const MpiOptions& options, const IsWritableDirectory& is_writable,
                       Environment& environment);

// The key of a job has 32 bytes or more; they may be any.
[[nodiscard]] Result<std::string> ReadJobKey(const std::string& path);

// FFDL_MPI_PORT, or kMpiPort.
[[nodiscard]] std::uint16_t PortIn(const Environment& environment);

}  // namespace ffdl::agent
