// What the API server refuses, and what belongs to others.
#include <gmock/gmock.h>

#include "test/e2e/harness/story.h"

namespace ffdl::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class RefusalTest : public Story {
 protected:
  // The job says `reason`, is stalled by it, and another job completes all the same.
  std::string ExpectStalled(const std::string& job, const std::string& reason) {
    const Json stalled = AwaitReason(job, reason);
    EXPECT_EQ("True", TextAt(ConditionOf(stalled, "Stalled"), "/status"));
    EXPECT_EQ("False", TextAt(ConditionOf(stalled, "Admitted"), "/status"));
    EXPECT_EQ("Pending", TextAt(stalled, "/status/state"));
    Apply(JobManifest("other", "exit 0"));
    AwaitState("other", "Completed");
    return TextAt(ConditionOf(stalled, "Ready"), "/message");
  }

  void Mend(const std::string& job, const Json& spec) {
    std::size_t mark = jobs().size();
    Edit(job, {{"suspend", true}});
    AwaitState(job, "Halted", mark);
    Edit(job, spec);
    mark = jobs().size();
    Edit(job, {{"suspend", false}});
    AwaitState(job, "Completed", mark);
  }
};

TEST_F(RefusalTest, BadQuantityInThePodTemplateIsToldInTheServersWordsAndCanBeMended) {
  Apply(JobManifest("odd", "exit 0")
            .Set("/podTemplate/spec/containers",
                 Json::array(
                     {{{"name", "learner"}, {"resources", {{"requests", {{"cpu", "lots"}}}}}}})));
  EXPECT_THAT(
      ExpectStalled("odd", "Refused"),
      AllOf(HasSubstr("the API server refused: "), HasSubstr("odd-learner"), HasSubstr("quantit")));
  Mend("odd", {{"podTemplate", nullptr}});
}

TEST_F(RefusalTest, UnknownFieldInThePodTemplateIsToldInTheServersWords) {
  Apply(
      JobManifest("odd", "exit 0").Set("/podTemplate/spec/securityContext", {{"runAsUsr", 1000}}));
  EXPECT_THAT(ExpectStalled("odd", "Refused"), HasSubstr("runAsUsr"));
}

TEST_F(RefusalTest, ValueThatAPodMustNotHaveIsToldInTheServersWords) {
  Apply(JobManifest("odd", "exit 0")
            .Set("/podTemplate/spec/tolerations",
                 Json::array({{{"key", "gpu"}, {"operator", "Sometimes"}}})));
  EXPECT_THAT(ExpectStalled("odd", "Refused"), HasSubstr("Sometimes"));
}

TEST_F(RefusalTest, ServiceOfSomebodyElseIsNeitherAdoptedNorTouched) {
  MustKubectl({"create", "service", "clusterip", "mine-learner", "--tcp=80"});
  const Json before = Get("service", "mine-learner");

  Apply(JobManifest("mine", "exit 0"));
  EXPECT_THAT(ExpectStalled("mine", "NameTaken"),
              AllOf(HasSubstr("mine-learner"), HasSubstr("delete or rename that object")));
  EXPECT_EQ(before, Get("service", "mine-learner"));

  MustKubectl({"delete", "service", "mine-learner"});
  Edit("mine", {{"description", "look again"}});
  AwaitState("mine", "Completed");
}

TEST_F(RefusalTest, StatefulSetOfSomebodyElseIsNeitherAdoptedNorTouched) {
  const Json labels = {{"app", "somebody-elses"}};
  Apply(Json{
      {"apiVersion", "apps/v1"},
      {"kind", "StatefulSet"},
      {"metadata", {{"name", "mine-learner"}}},
      {"spec",
       {{"replicas", 0},
        {"selector", {{"matchLabels", labels}}},
        {"template",
         {{"metadata", {{"labels", labels}}},
          {"spec", {{"containers", Json::array({{{"name", "main"}, {"image", kBusybox}}})}}}}}}}});
  const auto spec_and_owners = [&] {
    const Json set = Get("statefulset", "mine-learner");
    return Json::array(
        {At(set, "/spec"), At(set, "/metadata/ownerReferences"), At(set, "/metadata/labels")});
  };
  const Json before = spec_and_owners();

  Apply(JobManifest("mine", "exit 0"));
  EXPECT_THAT(ExpectStalled("mine", "NameTaken"), HasSubstr("mine-learner"));
  EXPECT_EQ(before, spec_and_owners());
}

}  // namespace
}  // namespace ffdl::e2e
