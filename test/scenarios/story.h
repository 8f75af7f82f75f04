// Stories as text, one step a line; test/scenarios/README.md lists the steps.
#pragma once

#include <string>
#include <vector>

#include "test/scenarios/world.h"

namespace ffdl::scenario {

struct Step {
  int line = 0;
  std::vector<std::string> words;  // split at blanks; "quoted text" is one word
};

// Drops comments (from #) and empty lines.
[[nodiscard]] std::vector<Step> ParseStory(const std::string& text);

// Plays the story and reports what does not hold as GoogleTest failures with the line's number.
void Play(const std::vector<Step>& story, World& world);

}  // namespace ffdl::scenario
