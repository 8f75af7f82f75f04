// TrainingJobs with boring defaults; a test names only what it is about.
#pragma once

#include <string>
#include <utility>

#include "crds/v1/roles.h"
#include "crds/v1/training_job.h"

namespace ffdl::testing_support {

class JobBuilder {
 public:
  explicit JobBuilder(std::string name) {
    job_.meta.key = {.ns = "ml", .name = std::move(name)};
    job_.meta.uid = "uid-1";
    job_.meta.resource_version = "7";
    job_.meta.generation = 1;
    job_.spec.framework = {.name = v1::FrameworkName::kCustom, .image = "localhost/train:1"};
    job_.spec.command = {"python3", "train.py"};
  }
  JobBuilder& Learners(int count) { return job_.spec.learners = count, *this; }
  JobBuilder& Gpus(int each) { return job_.spec.resources.gpus = each, *this; }
  JobBuilder& Framework(v1::FrameworkName name) { return job_.spec.framework.name = name, *this; }
  JobBuilder& Pytorch() { return Framework(v1::FrameworkName::kPytorch); }
  JobBuilder& Elastic(int least, int most) {
    job_.spec.elastic = v1::Elastic{.min_learners = least, .max_learners = most};
    return *this;
  }
  JobBuilder& Results(std::string claim) {
    job_.spec.results = v1::ClaimReference{.name = std::move(claim)};
    return *this;
  }
  JobBuilder& Code(std::string map) { return job_.spec.code.config_map = std::move(map), *this; }
  JobBuilder& CodeClaim(std::string name, std::string sub_path = "") {
    job_.spec.code.claim =
        v1::ClaimReference{.name = std::move(name), .sub_path = std::move(sub_path)};
    return *this;
  }
  JobBuilder& PodTemplate(const char* json) {
    job_.spec.pod_template = nlohmann::json::parse(json);
    return *this;
  }
  JobBuilder& Env(const char* json) { return job_.spec.env = nlohmann::json::parse(json), *this; }

  JobBuilder& Role(v1::Role role) { return job_.spec.roles.push_back(std::move(role)), *this; }

  // What has no builder function of its own.
  v1::TrainingJob* operator->() { return &job_; }
  [[nodiscard]] v1::TrainingJob Build() const { return job_; }

 private:
  v1::TrainingJob job_;
};

// The first role, the only one of a job without roles. Borrows from the job.
inline v1::RoleView FirstRole(const v1::TrainingJob& job) { return v1::Roles(job.spec)[0]; }

}  // namespace ffdl::testing_support
