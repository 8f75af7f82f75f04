#include "crds/v1/names.h"

#include <gmock/gmock.h>

#include <set>

namespace ffdl::v1 {
namespace {

constexpr std::size_t kJobNameBytesMax = 63;  // the schema's rule

TEST(NamesTest, FollowFromTheJobsName) {
  EXPECT_EQ("bert-learner", LearnersName("bert"));
  EXPECT_EQ("bert-shared", SharedClaimName("bert"));
  EXPECT_EQ("ffdl-storage-mnist-learner-0", LearnerClaimName("mnist-learner-0"));
}

TEST(NamesTest, AreCutOnlyWhenTheyMustBe) {
  const std::string fits(kStatefulSetNameBytesMax - 8, 'a');
  EXPECT_EQ(fits + "-learner", LearnersName(fits));
  EXPECT_NE(fits + "a-learner", LearnersName(fits + "a"));
}

TEST(NamesTest, LeaveRoomForWhatAStatefulSetAddsWhateverTheJobIsCalled) {
  for (std::size_t size = 1; size <= kJobNameBytesMax; ++size) {
    for (const std::string& name :
         {LearnersName(std::string(size, 'a')), SharedClaimName(std::string(size, 'a'))}) {
      EXPECT_LE(name.size(), kStatefulSetNameBytesMax) << name;
      EXPECT_THAT(name, testing::MatchesRegex("[a-z][-a-z0-9]*[a-z0-9]"));
    }
  }
}

TEST(NamesTest, StayTheSameForEver) {
  // Another version of the operator must find what this one made.
  const std::string job = "a-very-long-name-of-a-job-that-nobody-would-ever-write-by-hand";
  EXPECT_EQ("a-very-long-name-of-a-job-that-nobo-81cecf70-learner", LearnersName(job));
}

TEST(NamesTest, OfLongJobsDifferEvenIfOnlyTheLastLetterDoes) {
  std::set<std::string> names;
  const std::string stem(kJobNameBytesMax - 2, 'a');
  for (char first = 'a'; first <= 'z'; ++first) {
    for (char second = 'a'; second <= 'z'; ++second)
      names.insert(LearnersName(stem + first + second));
  }
  EXPECT_EQ(26U * 26U, names.size());
}

TEST(NamesTest, DoNotShowTwoDashesWhereACutMeetsOne) {
  const std::string job = std::string(34, 'a') + "-" + std::string(20, 'b');
  EXPECT_THAT(LearnersName(job), testing::Not(testing::HasSubstr("--")));
}

TEST(NamesTest, OfAKeyDifferForJobsOfOneName) {
  EXPECT_THAT(JobKeyName("bert", "uid-1"), testing::StartsWith("bert-key-"));
  EXPECT_NE(JobKeyName("bert", "uid-1"), JobKeyName("bert", "uid-2"));
  EXPECT_LE(JobKeyName(std::string(kJobNameBytesMax, 'a'), "uid-1").size(), 63U);
}

TEST(LabelsTest, SelectLearnersByWhatNeverChanges) {
  EXPECT_EQ((k8s::Labels{{"ffdl.io/job", "bert"}, {"ffdl.io/role", "learner"}}),
            RoleSelector("bert", kLearnerRole));
}

TEST(LabelsTest, OfEveryChildTellTheJobAndWhoManagesIt) {
  EXPECT_EQ(
      (k8s::Labels{{"app.kubernetes.io/managed-by", "ffdl-operator"}, {"ffdl.io/job", "bert"}}),
      ChildLabels("bert"));
}

}  // namespace
}  // namespace ffdl::v1
