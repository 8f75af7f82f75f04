#include "operator/agent/environment.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace ffdl::agent {
namespace {

bool IsOf(std::string_view entry, std::string_view name) {
  return entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=';
}

// 0 without it.
int NumberIn(const Environment& environment, std::string_view name) {
  const std::string_view digits = environment.Get(name).value_or(std::string_view{});
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

void SetFromTemplates(Environment& environment, const Place& place) {
  for (const std::string& entry : std::vector<std::string>(environment.entries())) {
    if (!entry.starts_with(kTemplatePrefix)) continue;
    const std::size_t equals = entry.find('=');
    if (equals <= kTemplatePrefix.size()) continue;
    const std::string_view text = std::string_view(entry).substr(equals + 1);
    environment.Set(entry.substr(kTemplatePrefix.size(), equals - kTemplatePrefix.size()),
                    FillTemplate(text, place));
  }
}

void SetLearner(Environment& environment) {
  const std::optional<Place> place = PlaceOf(environment);
  if (!place) return;  // not a pod of a StatefulSet: what the pod says stands
  environment.Set("LEARNER_ID", std::to_string(place->rank + 1));
  SetFromTemplates(environment, *place);
}

void SetPythonPath(Environment& environment) {
  const std::string code = environment.GetOrEmpty("MODEL_DIR");
  if (code.empty()) return;
  const std::string others = environment.GetOrEmpty("PYTHONPATH");
  environment.Set("PYTHONPATH", others.empty() ? code : code + ":" + others);
}

// Users without an entry in the image get HOME=/, and libraries that keep caches fail there.
void SetHome(Environment& environment, const IsWritableDirectory& is_writable) {
  for (const char* name : {"HOME", "TMPDIR"}) {
    const std::string path = environment.GetOrEmpty(name);
    if (!path.empty() && is_writable(path)) return environment.Set("HOME", path);
  }
  for (const std::string& path : {std::string("/tmp"), environment.GetOrEmpty("MODEL_DIR")}) {
    if (!path.empty() && is_writable(path)) return environment.Set("HOME", path);
  }
}

std::string LearnerLogDirectory(const Environment& environment) {
  std::string logs = environment.GetOrEmpty("LOG_DIR");
  const std::string learner = environment.GetOrEmpty("LEARNER_ID");
  if (logs.empty() || learner.empty()) return logs;
  return logs + "/learner-" + learner;
}

}  // namespace

Environment Environment::Of(const char* const* entries) {
  std::vector<std::string> copies;
  for (; *entries != nullptr; ++entries) copies.emplace_back(*entries);
  return Environment(std::move(copies));
}

std::optional<std::string_view> Environment::Get(std::string_view name) const {
  const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const std::string& e) { return IsOf(e, name); });
  if (entry == entries_.end()) return std::nullopt;
  return std::string_view(*entry).substr(name.size() + 1);
}

std::string Environment::GetOrEmpty(std::string_view name) const {
  return std::string(Get(name).value_or(std::string_view{}));
}

void Environment::Set(std::string_view name, std::string_view value) {
  std::string entry(name);
  entry.append("=").append(value);
  std::erase_if(entries_, [&](const std::string& e) { return IsOf(e, name); });
  entries_.push_back(std::move(entry));
}

void Environment::RemoveByPrefix(std::string_view prefix) {
  std::erase_if(entries_, [&](const std::string& entry) { return entry.starts_with(prefix); });
}

std::optional<int> OrdinalOf(std::string_view pod_name) {
  const std::size_t dash = pod_name.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view digits = pod_name.substr(dash + 1);
  int ordinal = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), ordinal);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return ordinal;
}

std::string PodNameOf(const Environment& given) {
  std::string name = given.GetOrEmpty("FFDL_POD_NAME");
  return name.empty() ? given.GetOrEmpty("DOWNWARD_API_POD_NAME") : name;
}

std::optional<Place> PlaceOf(const Environment& given) {
  const std::optional<int> ordinal = OrdinalOf(PodNameOf(given));
  if (!ordinal) return std::nullopt;
  return Place{.rank = NumberIn(given, "FFDL_LEARNERS_BEFORE") + *ordinal,
               .role_rank = *ordinal,
               .learners = NumberIn(given, "NUM_LEARNERS")};
}

Environment ProgramEnvironment(Environment given, const IsWritableDirectory& is_writable) {
  SetLearner(given);
  SetPythonPath(given);
  SetHome(given, is_writable);
  given.RemoveByPrefix("KUBERNETES_");
  given.RemoveByPrefix("FFDL_");
  return given;
}

std::vector<std::string> ExpectedDirectories(const Environment& environment) {
  std::vector<std::string> paths = {environment.GetOrEmpty("RESULT_DIR"),
                                    environment.GetOrEmpty("CHECKPOINT_DIR"),
                                    LearnerLogDirectory(environment)};
  std::erase(paths, std::string());
  return paths;
}

std::string TrainingLogPath(const Environment& environment) {
  const std::string directory = LearnerLogDirectory(environment);
  return directory.empty() ? directory : directory + "/training-log.txt";
}

}  // namespace ffdl::agent
