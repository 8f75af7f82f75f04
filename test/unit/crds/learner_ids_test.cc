#include "crds/v1/learner_ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace ffdl::v1 {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(LearnerIdsTest, AreRangesOfNeighboursAndReadAsTheyWereWritten) {
  const std::vector<std::int32_t> ids{1, 2, 3, 7, 9, 10};
  EXPECT_EQ("1-3,7,9-10", LearnerIdsText(ids));
  EXPECT_EQ(ids, ParseLearnerIds("1-3,7,9-10"));
  EXPECT_EQ("", LearnerIdsText({}));
  EXPECT_THAT(ParseLearnerIds(""), IsEmpty());
}

TEST(LearnerIdsTest, OfAThousandFitIntoTheStatus) {
  std::vector<std::int32_t> all(1000);
  std::iota(all.begin(), all.end(), 1);
  EXPECT_EQ("1-1000", LearnerIdsText(all));
  EXPECT_EQ(all, ParseLearnerIds("1-1000"));
  std::erase_if(all, [](std::int32_t id) { return id % 2 == 0; });
  EXPECT_EQ(1944U, LearnerIdsText(all).size());
  EXPECT_EQ(all, ParseLearnerIds(LearnerIdsText(all)));
}

TEST(LearnerIdsTest, EndAtTheFirstFault) {
  EXPECT_THAT(ParseLearnerIds("1,x,3"), ElementsAre(1));
  EXPECT_THAT(ParseLearnerIds("2-,3"), ElementsAre());
  EXPECT_THAT(ParseLearnerIds("5-4,9"), ElementsAre(9));
  EXPECT_THAT(ParseLearnerIds("3,2"), ElementsAre(3));
  EXPECT_THAT(ParseLearnerIds("0,1001"), IsEmpty());
  EXPECT_THAT(ParseLearnerIds("1-4000000000"), IsEmpty());
  EXPECT_THAT(ParseLearnerIds("-1"), IsEmpty());
}

}  // namespace
}  // namespace ffdl::v1
