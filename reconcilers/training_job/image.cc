#include "reconcilers/training_job/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "crds/v1/conditions.h"
#include "crds/v1/framework_catalogue.h"
#include "crds/v1/json.h"
#include "reconcilers/training_job/few.h"
#include "reconcilers/training_job/gpu_types.h"
#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {
namespace {

// An edit while the learners stop can leave a job without an image that is known; they no longer
// need one.
constexpr const char* kNoImage = "ffdl.invalid/not-looked-up";

// The entries that a person may have meant: a few of those of the framework.
std::string KnownEntries(std::string_view framework, const v1::FrameworkCatalogue& catalogue) {
  const std::string prefix = fmt::format("{}.", framework);
  Few known;
  for (const auto& [entry, image] : catalogue.images) {
    if (entry.starts_with(prefix)) known.Add(entry);
  }
  const std::string names = known.Text();
  return names.empty() ? fmt::format("none of '{}'", framework) : names;
}

std::string WhyUnknown(std::string_view framework, const v1::FrameworkCatalogue& catalogue) {
  const std::string& trouble = catalogue.trouble;
  if (catalogue.images.empty() && !trouble.empty()) return trouble;
  return fmt::format("the catalogue of frameworks has {}{}", KnownEntries(framework, catalogue),
                     trouble.empty() ? "" : fmt::format(" ({})", trouble));
}

std::string UnknownMessage(const v1::TrainingJob& job, const v1::FrameworkCatalogue& catalogue) {
  return fmt::format(
      "no image is known for '{}': {}; ask who runs the cluster to add it, or suspend the job and "
      "set `spec.framework.version` or `spec.framework.image`",
      v1::CatalogueEntry(job.spec), WhyUnknown(v1::ToString(job.spec.framework.name), catalogue));
}

// An edit that came and went with a suspension too short to be seen changes no learner that runs.
bool RunsWithItsImage(const Pass& pass) { return pass.job.status.framework && HasStarted(pass); }

bool NeedsImage(const v1::TrainingJob& job) {
  const v1::Roles roles(job.spec);
  if (std::ranges::none_of(roles, [](const auto& role) { return role.image.empty(); })) {
    return false;
  }
  return !job.status.framework || job.status.framework->entry != v1::CatalogueEntry(job.spec);
}

}  // namespace

bool NeedsCatalogue(const v1::TrainingJob& job) { return NeedsImage(job) || NeedsGpuTypes(job); }

std::string ImageOf(const v1::TrainingJob& job, const v1::RoleView& role) {
  if (!role.image.empty()) return std::string(role.image);
  return job.status.framework ? job.status.framework->image : kNoImage;
}

nlohmann::json CatalogueVariablesOf(const v1::TrainingJob& job, const v1::RoleView& role) {
  nlohmann::json variables = nlohmann::json::array();
  if (!role.image.empty() || !job.status.framework) return variables;
  for (const auto& [name, value] : job.status.framework->env) {
    variables.push_back({{"name", name}, {"value", value}});
  }
  return variables;
}

// What the catalogue says is written to status before anything is made of it, so that all learners
// of the job run the same image whatever becomes of the catalogue.
Next PlanImage(Pass& pass) {
  if (!pass.job.spec.framework.image.empty()) pass.next.framework.reset();
  if (!NeedsImage(pass.job) || RunsWithItsImage(pass)) return Next::kGoOn;
  const v1::FrameworkCatalogue& catalogue = pass.observed.catalogue;
  const std::string entry = v1::CatalogueEntry(pass.job.spec);
  const auto it = catalogue.images.find(entry);
  if (it == catalogue.images.end()) {
    pass.report = {.state = v1::State::kPending,
                   .reason = v1::reason::kFrameworkUnknown,
                   .message = UnknownMessage(pass.job, catalogue)};
    return Next::kStop;
  }
  pass.next.framework =
      v1::FrameworkStatus{.entry = entry,
                          .image = it->second,
                          .env = v1::CatalogueVariables(pass.job.spec.framework, catalogue)};
  pass.report = {.state = v1::State::kPending,
                 .reason = v1::reason::kImageChosen,
                 .message = fmt::format("learners run the image {}, which the catalogue of "
                                        "frameworks has for '{}'",
                                        it->second, entry)};
  return Next::kStop;
}

}  // namespace ffdl::training_job
