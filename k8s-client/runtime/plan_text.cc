#include "k8s-client/runtime/plan_text.h"

#include <fmt/format.h>

#include <string_view>

namespace ffdl::k8s {
namespace {

std::string_view Word(Action::Verb verb) {
  switch (verb) {
    case Action::Verb::kCreate:
      return "create";
    case Action::Verb::kApply:
      return "apply";
    case Action::Verb::kApplyStatus:
      return "apply status of";
    case Action::Verb::kDelete:
      return "delete";
  }
  return "write";
}

}  // namespace

std::string Describe(const Action& action) {
  return fmt::format("{} {} {}", Word(action.verb), action.type.kind, ToString(action.key));
}

std::string Describe(const Plan& plan) {
  std::string text;
  const auto add = [&](std::string_view part) {
    if (!text.empty()) text += "; ";
    text += part;
  };
  for (const Action& action : plan.actions) {
    add(fmt::format("{} ({})", Describe(action), action.why));
  }
  if (plan.status) add(fmt::format("status ({})", plan.status->why));
  if (!plan.events.empty()) add(fmt::format("events: {}", plan.events.size()));
  if (plan.look_again_after)
    add(fmt::format("look again in {} ms", plan.look_again_after->count()));
  return text;
}

std::string GvrText(const ResourceType& type) {
  return fmt::format("{}{}{}/{}", type.group, type.group.empty() ? "" : "/", type.version,
                     type.plural);
}

}  // namespace ffdl::k8s
