#include "benchmark/client/jobs.h"

#include <fmt/format.h>

#include <utility>

#include "crds/v1/json.h"
#include "k8s-client/api/client.h"

namespace ffdl::benchmarks {
namespace {

using nlohmann::json;

constexpr const char* kKindLabel = "ffdl-benchmark";

}  // namespace

Request CreateJob(const JobKind& kind, int number) {
  const json job = {
      {"apiVersion", v1::kApiVersion},
      {"kind", v1::kTrainingJobType.kind},
      {"metadata",
       {{"name", fmt::format("{}-{}", kind.prefix, number)},
        {"labels", {{kKindLabel, kind.prefix}}}}},
      {"spec",
       {{"framework", {{"name", "pytorch"}, {"image", "registry.example.com/torch:2.7"}}},
        {"command", {"python", "-m", "train"}},
        {"args", {"--epochs", "3", "--batch-size", "256"}},
        {"env", json::array({{{"name", "OMP_NUM_THREADS"}, {"value", "8"}}})},
        {"learners", kind.learners},
        {"resources", {{"cpu", "1"}, {"memory", "2Gi"}, {"gpus", 1}}},
        {"podTemplate",
         {{"metadata", {{"annotations", {{"ffdl-benchmark/runs-for", kind.runs_for}}}}},
          {"spec",
           {{"nodeSelector", {{"ffdl-benchmark", "simulated"}}},
            {"tolerations",
             json::array({{{"key", "ffdl-benchmark"}, {"operator", "Exists"}}})}}}}}}}};
  return {.method = "POST",
          .path = k8s::ResourcePath(v1::kTrainingJobType, kind.ns),
          .content_type = "application/json",
          .body = job.dump()};
}

k8s::Result<std::vector<v1::TrainingJob>> ListJobs(Connection& connection, const JobKind& kind) {
  const auto text =
      SendOk(connection, {.method = "GET",
                          .path = fmt::format("{}?labelSelector={}%3D{}",
                                              k8s::ResourcePath(v1::kTrainingJobType, kind.ns),
                                              kKindLabel, kind.prefix)});
  if (!text) return k8s::unexpected(text.error());
  const json list = json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!list.is_object() || !list.contains("items"))
    return k8s::Fail(k8s::ErrorCode::kBadResponse, "the list of jobs is not a list");
  std::vector<v1::TrainingJob> jobs;
  for (const json& item : list["items"]) {
    auto job = v1::ParseTrainingJob(item.dump());
    if (!job) return k8s::unexpected(job.error());
    jobs.push_back(std::move(*job));
  }
  return jobs;
}

}  // namespace ffdl::benchmarks
