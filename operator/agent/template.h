// Values that differ from learner to learner, or that would fill a StatefulSet with the names of
// all its learners.
#pragma once

#include <string>
#include <string_view>

namespace ffdl::agent {

// The template of the variable NAME stands in FFDL_SET_NAME.
inline constexpr std::string_view kTemplatePrefix = "FFDL_SET_";

// Who fills one in.
struct Place {
  int rank = 0;       // among all learners
  int role_rank = 0;  // among those of its role
  int learners = 1;   // all of them
};

// {rank} and {role_rank} become those of `place`, {is_first} whether the rank is 0, as true or
// false; {each N}TEXT{end} becomes TEXT N times, and {others N}TEXT{end} the same without the
// first, with commas between and 0, 1 and so on for {i}. Without N it is all learners. Other braces
// stay, and so does a list without {end}.
[[nodiscard]] std::string FillTemplate(std::string_view text, const Place& place);

}  // namespace ffdl::agent
