#include "operator/agent/remote/mpi.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

#include "operator/agent/files.h"

namespace ffdl::agent {
namespace {

constexpr std::size_t kKeyBytesMin = 32;
constexpr std::size_t kKeyBytesMax = 4096;
constexpr mode_t kDirectoryMode = 0755;
constexpr mode_t kFileMode = 0644;
constexpr std::array<const char*, 3> kShellNames{"ffdl-rsh", "ssh", "rsh"};

// {shell}, {hosts} and {hydra} are the paths of what WriteMpiFiles wrote.
constexpr std::array kVariables{
    std::pair<std::string_view, std::string_view>{"MPI_HOSTFILE", "{hosts}"},
    // Open MPI up to 4
    std::pair<std::string_view, std::string_view>{"OMPI_MCA_plm_rsh_agent", "{shell}"},
    std::pair<std::string_view, std::string_view>{"OMPI_MCA_orte_default_hostfile", "{hosts}"},
    // The names of learners have dots, and mean nothing without what is behind them.
    std::pair<std::string_view, std::string_view>{"OMPI_MCA_orte_keep_fqdn_hostnames", "1"},
    // A container's root is the image's business.
    std::pair<std::string_view, std::string_view>{"OMPI_ALLOW_RUN_AS_ROOT", "1"},
    std::pair<std::string_view, std::string_view>{"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
    // Open MPI from 5 on
    std::pair<std::string_view, std::string_view>{"PRTE_MCA_plm_ssh_agent", "{shell}"},
    std::pair<std::string_view, std::string_view>{"PRTE_MCA_prte_default_hostfile", "{hosts}"},
    std::pair<std::string_view, std::string_view>{"PRTE_MCA_prte_keep_fqdn_hostnames", "1"},
    std::pair<std::string_view, std::string_view>{"PRTE_ALLOW_RUN_AS_ROOT", "1"},
    std::pair<std::string_view, std::string_view>{"PRTE_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
    // Intel MPI, and MPICH
    std::pair<std::string_view, std::string_view>{"I_MPI_HYDRA_BOOTSTRAP", "rsh"},
    std::pair<std::string_view, std::string_view>{"I_MPI_HYDRA_BOOTSTRAP_EXEC", "{shell}"},
    std::pair<std::string_view, std::string_view>{"I_MPI_HYDRA_HOST_FILE", "{hydra}"},
    std::pair<std::string_view, std::string_view>{"HYDRA_LAUNCHER", "rsh"},
    std::pair<std::string_view, std::string_view>{"HYDRA_LAUNCHER_EXEC", "{shell}"},
    std::pair<std::string_view, std::string_view>{"HYDRA_HOST_FILE", "{hydra}"},
    // Who has no entry in the image's accounts has no shell there either.
    std::pair<std::string_view, std::string_view>{"SHELL", "/bin/sh"},
};

std::string PathOf(const MpiOptions& options, std::string_view value) {
  if (value == "{shell}") return options.directory + "/bin/" + kShellNames[0];
  if (value == "{hosts}") return options.directory + "/hostfile";
  if (value == "{hydra}") return options.directory + "/hostfile.hydra";
  return std::string(value);
}

// "A-0.B" is the host of the pod A-0.
bool IsHostOf(std::string_view host, std::string_view pod) {
  return host.substr(0, host.find('.')) == pod;
}

}  // namespace

std::vector<MpiHost> MpiHostsIn(std::string_view text) {
  constexpr std::string_view kSlots = " slots=";
  std::vector<MpiHost> hosts;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    text.remove_prefix(one.size() == text.size() ? one.size() : one.size() + 1);
    const std::size_t slots = one.find(kSlots);
    if (one.empty() || slots == 0) continue;
    hosts.push_back({.name = std::string(one.substr(0, slots)),
                     .slots = slots == std::string_view::npos
                                  ? "1"
                                  : std::string(one.substr(slots + kSlots.size()))});
  }
  return hosts;
}

std::vector<std::string> PeersAmong(const std::vector<MpiHost>& hosts, std::string_view pod) {
  std::vector<std::string> peers;
  for (const MpiHost& host : hosts) {
    if (!IsHostOf(host.name, pod)) peers.push_back(host.name);
  }
  return peers;
}

Result<void> WriteMpiFiles(const MpiOptions& options, const std::vector<MpiHost>& hosts,
                           const std::string& launch) {
  const std::string bin = options.directory + "/bin";
  if (auto made = MakeDirectories(bin, kDirectoryMode); !made) return made;
  for (const char* const name : kShellNames) {
    const std::string path = bin + "/" + name;
    if (symlink(launch.c_str(), path.c_str()) != 0 && errno != EEXIST) {
      return FailWith("make", path, errno);
    }
  }
  std::string open_mpi;
  std::string hydra;
  for (const MpiHost& host : hosts) {
    open_mpi.append(host.name).append(" slots=").append(host.slots).append("\n");
    hydra.append(host.name).append(":").append(host.slots).append("\n");
  }
  if (auto written = WriteFileDurably(PathOf(options, "{hosts}"), open_mpi, kFileMode); !written) {
    return written;
  }
  return WriteFileDurably(PathOf(options, "{hydra}"), hydra, kFileMode);
}

void SetMpiEnvironment(const MpiOptions& options, const IsWritableDirectory& is_writable,
                       Environment& environment) {
  for (const auto& [name, value] : kVariables) {
    if (!environment.Get(name)) environment.Set(name, PathOf(options, value));
  }
  // Programs that look for ssh themselves, as horovodrun does, find ours first.
  const std::string path = environment.GetOrEmpty("PATH");
  environment.Set("PATH", options.directory + "/bin" + (path.empty() ? "" : ":" + path));
  // Open MPI keeps sockets there, whose paths must be short.
  const std::string temporary = environment.Get("TMPDIR") ? "" : options.directory + "/tmp";
  if (!temporary.empty() && !is_writable("/tmp") && MakeDirectories(temporary, kDirectoryMode)) {
    environment.Set("TMPDIR", temporary);
  }
  environment.Set("FFDL_MPI_KEY", options.key_file);
  environment.Set("FFDL_MPI_PORT", std::to_string(options.port));
}

Result<std::string> ReadJobKey(const std::string& path) {
  Result<std::string> key = ReadFile(path, kKeyBytesMax);
  if (!key) return key;
  if (key->size() < kKeyBytesMin) return Fail("the key of the job in " + path + " is too short");
  return key;
}

std::uint16_t PortIn(const Environment& environment) {
  const std::string digits = environment.GetOrEmpty("FFDL_MPI_PORT");
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool whole = error == std::errc{} && end == digits.data() + digits.size();
  return whole && port > 0 ? port : kMpiPort;
}

}  // namespace ffdl::agent
