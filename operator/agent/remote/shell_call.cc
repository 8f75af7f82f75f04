#include "operator/agent/remote/shell_call.h"

#include <cstddef>
#include <string_view>

namespace ffdl::agent {
namespace {

// Letters of options that have a value, in the same word or in the next.
constexpr std::string_view kWithValue = "bcBDEeFIiJLlmOopQRSWw";

// How many words an option takes; 0 for a word that is none.
std::size_t WordsOf(std::string_view word, bool& no_input) {
  if (word.size() < 2 || word.front() != '-') return 0;
  for (std::size_t i = 1; i < word.size(); ++i) {
    if (kWithValue.find(word[i]) != std::string_view::npos) return i + 1 < word.size() ? 1 : 2;
    if (word[i] == 'n') no_input = true;
  }
  return 1;
}

}  // namespace

Result<ShellCall> ReadShellCall(std::span<char* const> arguments) {
  ShellCall call;
  std::size_t next = 0;
  bool options = true;
  for (; next < arguments.size() && call.command.empty(); ++next) {
    const std::string_view word = arguments[next];
    const std::size_t taken = options ? WordsOf(word, call.no_input) : 0;
    if (options && word == "--") {
      options = false;
    } else if (taken > 0) {
      next += taken - 1;
    } else if (call.host.empty()) {
      const std::size_t at = word.rfind('@');
      call.host = word.substr(at == std::string_view::npos ? 0 : at + 1);
      if (call.host.empty()) return Fail("the host is empty");
    } else {
      break;
    }
  }
  if (call.host.empty()) return Fail("there is no host");
  for (; next < arguments.size(); ++next) {
    if (!call.command.empty()) call.command += ' ';
    call.command += arguments[next];
  }
  if (call.command.empty()) {
    return Fail("there is no command for " + call.host + ": it gives no shell to type into");
  }
  return call;
}

}  // namespace ffdl::agent
