#include <unistd.h>

#include <array>

#include "operator/agent/command.h"
#include "operator/agent/files.h"
#include "operator/agent/usage.h"

namespace ffdl::agent {
namespace {

struct Command {
  std::string_view name;
  int (*run)(Arguments arguments);
};
constexpr std::array kCommands{Command{"install", &RunInstall}, Command{"fetch", &RunFetch}};

int Main(std::span<char* const> argv) {
  Arguments arguments(argv.subspan(1));
  const std::string_view word = arguments.empty() ? "" : arguments.Take();
  for (const Command& command : kCommands) {
    if (word != command.name) continue;
    return AsksForHelp(arguments) ? WriteAll(STDOUT_FILENO, kAgentUsage) : command.run(arguments);
  }
  if (word == "--help") return WriteAll(STDOUT_FILENO, kAgentUsage);
  if (word == "--version") return WriteAll(STDOUT_FILENO, "ffdl-agent " FFDL_VERSION "\n");
  return EndWith(std::string(kTerminationLog),
                 UsageInvalid("unknown command '" + std::string(word) + "'"));
}

}  // namespace
}  // namespace ffdl::agent

int main(int argc, char** argv) {
  return ffdl::agent::Main({argv, static_cast<std::size_t>(argc)});
}
