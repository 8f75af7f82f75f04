#pragma once

#include <stdexcept>

namespace ffdl::e2e {

// Ends a test from any depth: what was needed for the rest of the story did not happen. GoogleTest
// reports it as a failure with this text and cleans up as after any other.
class StoryFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace ffdl::e2e
