#pragma once

#include <cstddef>
#include <string>

#include "operator/agent/code_tree.h"
#include "operator/agent/result.h"

namespace ffdl::agent {

// A hidden folder below the one where code goes, on the same volume, in which it is made ready.
// Gone on destruction, and at the start if a run that was interrupted left one.
class Staging {
 public:
  [[nodiscard]] static Result<Staging> Open(const std::string& to);
  ~Staging();
  Staging(Staging&& other) noexcept;
  Staging& operator=(Staging&&) = delete;
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  // A file for what is still on its way.
  [[nodiscard]] std::string Part(std::size_t number) const;
  // Where code is put together.
  [[nodiscard]] std::string code() const;
  // Makes the folders of `tree` there.
  [[nodiscard]] Result<void> MakeFolders(const CodeTree& tree) const;
  // What is there, named by `tree`, goes where it belongs, over what has that name there.
  [[nodiscard]] Result<void> MoveIntoPlace(const CodeTree& tree) const;

 private:
  explicit Staging(std::string to);

  std::string to_;
  std::string path_;  // "" when it was moved from
};

}  // namespace ffdl::agent
