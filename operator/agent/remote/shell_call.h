#pragma once

#include <span>
#include <string>

#include "operator/agent/result.h"

namespace ffdl::agent {

// What a remote shell is asked for: ssh [option...] [user@]host command...
struct ShellCall {
  std::string host;
  std::string command;  // the words with blanks between, as all remote shells have it
  bool no_input = false;
};

// Understands the options of ssh and rsh. But for -n they have no meaning between learners of a
// job, which have one user, one port and one key, and are passed over.
[[nodiscard]] Result<ShellCall> ReadShellCall(std::span<char* const> arguments);

}  // namespace ffdl::agent
