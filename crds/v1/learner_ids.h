// Sets of LEARNER_IDs as text that people can read: "1-3,7".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ffdl::v1 {

// `ids` ascend, none twice. At most 1,944 bytes for the learners that a job may have.
[[nodiscard]] std::string LearnerIdsText(const std::vector<std::int32_t>& ids);

// The reverse; what comes after the first thing that no such text has is left out.
[[nodiscard]] std::vector<std::int32_t> ParseLearnerIds(std::string_view text);

}  // namespace ffdl::v1
