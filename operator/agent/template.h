// Values that differ from learner to learner, or that would fill a StatefulSet with the names of
// all its learners.
#pragma once

#include <string>
#include <string_view>

namespace ffdl::agent {

// The template of the variable NAME stands in FFDL_SET_NAME.
inline constexpr std::string_view kTemplatePrefix = "FFDL_SET_";

// {rank} becomes `rank`; {each}TEXT{end} becomes TEXT for each of `learners` learners, and
// {others}TEXT{end} for each but the first, with commas between and the learner's rank for {i}.
// Other braces stay, and so does a list without {end}.
[[nodiscard]] std::string FillTemplate(std::string_view text, int rank, int learners);

}  // namespace ffdl::agent
