// Runs that once failed, each named by what was wrong.
#include <gtest/gtest.h>

#include <string>

#include "test/simulation/explore.h"

namespace ffdl::simulation {
namespace {

struct Regression {
  std::string name;
  std::string run;
};

class RegressionTest : public testing::TestWithParam<Regression> {};

TEST_P(RegressionTest, StaysMended) {
  const auto spec = ParseRunSpec(GetParam().run);
  ASSERT_TRUE(spec) << spec.error().message;
  EXPECT_FALSE(Play(*spec, ExpectedEnd(*spec->scenario)).violation) << Report(*spec);
}

INSTANTIATE_TEST_SUITE_P(
    Runs, RegressionTest,
    testing::Values(
        // The job ran to its end while no operator was there; status.attempt stayed 0.
        Regression{.name = "AJobThatEndsUnseenHasAnAttempt",
                   .run = "complete seed=1 replicas=1 lease=long faults=crash-after@write:3"},
        // A delete was answered by a conflict and taken for done: the key waited for ever.
        Regression{.name = "AConflictOfADeleteIsLookedUp",
                   .run = "restart seed=1 replicas=1 lease=long faults=conflict@write:11"},
        // Learners began on claims that went with the earlier job, and could not start any more.
        Regression{.name = "ClaimsOfAnEarlierJobAreWaitedFor",
                   .run = "recreate-finished seed=1 replicas=1 lease=long faults=none"},
        // The watch of the job was slower than those of its children: they were made again for a
        // job that was gone.
        Regression{.name = "NoChildIsMadeForAJobThatIsGone",
                   .run = "delete seed=1 replicas=1 lease=long faults=delay@event:25"},
        // Suspended before anybody told of attempt 1, the job began attempt 1 again.
        Regression{.name = "ASuspensionUnseenCountsTheAttempt",
                   .run = "hasty seed=1 replicas=1 lease=short faults=crash-after@write:3"},
        // Nobody replaced a pod that was made from the template of the attempt before, and learner
        // 2 failed without it: how many run beside a failure was taken for a part of the end.
        Regression{.name = "WhoRunsBesideAFailureIsChance",
                   .run = "fail seed=9010 replicas=1 lease=long "
                          "faults=delay@event:30,pause@read:2,stop@event:33"},
        // Only a learner that was let go had started, so that status told of none any more, which
        // was read as of all: the one that went was taken for lost when more were asked for.
        Regression{.name = "WhoWasLetGoBeforeOthersRanIsNotLost",
                   .run = "elastic-hasty seed=5412 replicas=2 lease=long "
                          "faults=partition@write:3,slow@read:2,coalesce@event:4"},
        // Fewer learners, which nobody asked for any more when the request arrived.
        Regression{.name = "NumberThatComesLateTakesNobodyAway",
                   .run = "elastic-hasty seed=55974 replicas=2 lease=long "
                          "faults=answer-lost@write:4,late@write:8,answer-lost@write:10"},
        // A StatefulSet that was carried out when its job, and the one that was made in its place,
        // had gone: it goes, too, and does not keep the next job from its name.
        Regression{.name = "LearnersThatComeLateGoWithTheirJob",
                   .run = "recreate seed=56145 replicas=1 lease=long "
                          "faults=break@fill:7,late@write:3"}),
    [](const auto& entry) { return entry.param.name; });

}  // namespace
}  // namespace ffdl::simulation
