#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "operator/agent/code_tree.h"
#include "operator/agent/termination.h"

namespace ffdl::agent {

// A name that ends as those of archives which Unpack reads do: zip, and tar plain or compressed by
// gzip, bzip2, xz or zstd.
[[nodiscard]] bool IsArchive(std::string_view name);

// Unpacks an archive of any origin into `to`, an empty folder that nobody else writes to. Files and
// links stay inside and within the limits of `tree`, which receives their names; executables stay
// executable, else modes, owners and times of the archive are left aside, and so are devices and
// the like. After a failure a part may be there. Messages are parts of a sentence behind the
// archive's name.
[[nodiscard]] tl::expected<void, Termination> Unpack(const std::string& archive,
                                                     const std::string& to, CodeTree& tree);

}  // namespace ffdl::agent
