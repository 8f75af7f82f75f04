// The roles of a job as one list, whether it names any or not: a job without roles has one, named
// "learner", of spec.learners alike. Nothing but this file tells the two apart, save where what a
// user reads or a program finds must stay as it was before there were roles.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crds/v1/training_job.h"

namespace ffdl::v1 {

// What counts for the learners of one role: its own or the job's. Borrows from the spec. In a job
// that HasLauncher the first learner of the first role decides alone, whatever the spec says.
struct RoleView {
  std::string_view name;
  std::size_t index = 0;
  std::int32_t replicas = 0;
  std::int32_t before = 0;  // learners of the roles before: LEARNER_ID begins behind it
  CompletionPolicy completion_policy = CompletionPolicy::kAllLearners;
  std::string_view image;  // "" for one that the catalogue knows
  const std::vector<std::string>* command = nullptr;
  const std::vector<std::string>* args = nullptr;
  const Resources* resources = nullptr;
  std::string_view start_after;  // "" for none
  const Role* own = nullptr;     // null for the one of a job without roles
};

// At most kRolesMax of them, as the schema promises; makes nothing that needs memory. Borrows from
// the spec, which must outlive it.
class Roles {
 public:
  explicit Roles(const TrainingJobSpec& spec);

  [[nodiscard]] const RoleView* begin() const { return views_.data(); }
  [[nodiscard]] const RoleView* end() const { return views_.data() + size_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const RoleView& operator[](std::size_t index) const { return views_[index]; }

  // Null for a name that is none of theirs.
  [[nodiscard]] const RoleView* Find(std::string_view name) const;
  // The role of the learner with this LEARNER_ID; the last one for a greater number.
  [[nodiscard]] const RoleView& Of(std::int32_t learner) const;

  // Of all roles together.
  [[nodiscard]] std::int32_t learners() const;
  [[nodiscard]] std::int32_t gpus() const;

 private:
  void Add(const TrainingJobSpec& spec, const Role& role);

  std::array<RoleView, kRolesMax> views_{};
  std::size_t size_ = 0;
};

// "ps 1", the role and the place in it; "learner 2" in a job without roles.
[[nodiscard]] std::string LearnerName(const Roles& roles, std::int32_t learner);

}  // namespace ffdl::v1
