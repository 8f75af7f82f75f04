#include "crds/v1/roles.h"

#include <fmt/format.h>

#include <algorithm>

#include "crds/v1/names.h"

namespace ffdl::v1 {

namespace {

// Learners beside the launcher have no end of their own: they serve until it has one.
CompletionPolicy PolicyOf(const TrainingJobSpec& spec, std::size_t role, CompletionPolicy own) {
  if (!HasLauncher(spec.framework)) return own;
  return role == 0 ? CompletionPolicy::kMaster : CompletionPolicy::kNone;
}

}  // namespace

Roles::Roles(const TrainingJobSpec& spec) {
  for (const Role& role : spec.roles) {
    if (size_ < kRolesMax) Add(spec, role);
  }
  if (size_ > 0) return;
  views_[size_++] = {.name = kLearnerRole,
                     .replicas = spec.learners,
                     .completion_policy = PolicyOf(spec, 0, spec.completion_policy),
                     .image = spec.framework.image,
                     .command = &spec.command,
                     .args = &spec.args,
                     .resources = &spec.resources};
}

void Roles::Add(const TrainingJobSpec& spec, const Role& role) {
  const bool own_command = !role.command.empty();
  views_[size_] = {.name = role.name,
                   .index = size_,
                   .replicas = role.replicas,
                   .before = learners(),
                   .completion_policy = PolicyOf(spec, size_, role.completion_policy),
                   .image = role.image.empty() ? spec.framework.image : role.image,
                   .command = own_command ? &role.command : &spec.command,
                   .args = own_command || !role.args.empty() ? &role.args : &spec.args,
                   .resources = role.resources ? &*role.resources : &spec.resources,
                   .start_after = role.start_after,
                   .own = &role};
  ++size_;
}

const RoleView* Roles::Find(std::string_view name) const {
  const RoleView* const it = std::ranges::find(*this, name, &RoleView::name);
  return it == end() ? nullptr : it;
}

const RoleView& Roles::Of(std::int32_t learner) const {
  const RoleView* const it = std::ranges::find_if(
      *this, [&](const RoleView& role) { return learner <= role.before + role.replicas; });
  return it == end() ? *(end() - 1) : *it;
}

std::int32_t Roles::learners() const {
  return size_ == 0 ? 0 : (end() - 1)->before + (end() - 1)->replicas;
}

std::int32_t Roles::gpus() const {
  std::int32_t gpus = 0;
  for (const RoleView& role : *this) gpus += role.replicas * role.resources->gpus;
  return gpus;
}

std::string LearnerName(const Roles& roles, std::int32_t learner) {
  const RoleView& role = roles.Of(learner);
  return fmt::format("{} {}", role.name, learner - role.before);
}

}  // namespace ffdl::v1
