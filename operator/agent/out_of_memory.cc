#include "operator/agent/out_of_memory.h"

#include <charconv>
#include <cstddef>
#include <string_view>
#include <utility>

#include "operator/agent/files.h"

namespace ffdl::agent {
namespace {

constexpr std::size_t kControlFileBytesMax = 4096;

// Lines of both files are "<name> <number>".
std::optional<std::uint64_t> NumberAfter(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() == text.size() ? line.size() : line.size() + 1);
    if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != ' ') continue;
    std::uint64_t number = 0;
    const std::string_view digits = line.substr(name.size() + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error == std::errc{}) return number;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> OutOfMemoryKills(const std::string& root) {
  for (const char* file : {"/memory.events", "/memory/memory.oom_control"}) {
    const Result<std::string> text = ReadFile(root + file, kControlFileBytesMax);
    if (!text) continue;
    if (const auto kills = NumberAfter(*text, "oom_kill")) return kills;
  }
  return std::nullopt;
}

Termination ExplainByMemory(Termination termination, std::optional<std::uint64_t> kills_before,
                            std::optional<std::uint64_t> kills_after) {
  const bool killed = kills_before && kills_after && *kills_after > *kills_before;
  if (!killed || termination.exit_code == 0) return termination;
  termination.reason = reason::kOutOfMemory;
  termination.message = "the container reached its memory limit and the kernel killed a process";
  return termination;
}

}  // namespace ffdl::agent
