#include "operator/agent/remote/processes.h"

#include <dirent.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "operator/agent/files.h"

namespace ffdl::agent {
namespace {

constexpr std::size_t kStatBytesMax = 512;

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

pid_t NumberIn(std::string_view text) {
  pid_t number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} ? number : -1;
}

// "12 (any name, also with brackets) S 1 ...": what follows the last bracket counts.
pid_t ParentOf(const std::string& process) {
  const Result<std::string> stat = ReadFile("/proc/" + process + "/stat", kStatBytesMax);
  if (!stat) return -1;
  const std::size_t bracket = stat->rfind(')');
  if (bracket == std::string::npos || stat->size() < bracket + 5) return -1;
  return NumberIn(std::string_view(*stat).substr(bracket + 4));
}

// Process and parent.
std::vector<std::pair<pid_t, pid_t>> AllProcesses() {
  std::vector<std::pair<pid_t, pid_t>> all;
  const std::unique_ptr<DIR, CloseDirectory> directory(opendir("/proc"));
  if (!directory) return all;
  // The listing is used by this thread alone.
  while (const dirent* entry = readdir(directory.get())) {  // NOLINT(concurrency-mt-unsafe)
    const std::string name = &entry->d_name[0];
    if (const pid_t process = NumberIn(name); process > 0) {
      all.emplace_back(process, ParentOf(name));
    }
  }
  return all;
}

}  // namespace

std::vector<pid_t> DescendantsOf(pid_t process) {
  const auto all = AllProcesses();
  std::vector<pid_t> found{process};
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const auto& [child, parent] : all) {
      if (parent == found[i]) found.push_back(child);
    }
  }
  found.erase(found.begin());
  return found;
}

void SignalDescendants(int signal) {
  for (const pid_t process : DescendantsOf(getpid())) kill(process, signal);
}

}  // namespace ffdl::agent
