#include "reconcilers/training_job/ranges.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace ffdl::training_job {
namespace {

std::string TextOf(std::initializer_list<std::int32_t> numbers, std::size_t bytes_max = 256) {
  Ranges ranges(bytes_max);
  for (const std::int32_t number : numbers) ranges.Add(number);
  EXPECT_EQ(static_cast<std::int32_t>(numbers.size()), ranges.count());
  return ranges.Text();
}

TEST(RangesTest, JoinNeighboursAndTellOthersApart) {
  EXPECT_EQ("", TextOf({}));
  EXPECT_EQ("7", TextOf({7}));
  EXPECT_EQ("1-2", TextOf({1, 2}));
  EXPECT_EQ("1-3,5,7-8", TextOf({1, 2, 3, 5, 7, 8}));
}

TEST(RangesTest, AreCutBehindACommaWithAMark) {
  EXPECT_EQ("10,12,...", TextOf({10, 12, 14, 16}, 10));
  EXPECT_EQ("10,12-13,...", TextOf({10, 12, 13, 15, 17}, 13));
}

TEST(RangesTest, NeverExceedTheirLimit) {
  Ranges ranges(256);
  for (std::int32_t number = 1; number <= 5000; number += 2) {
    ranges.Add(number);
    EXPECT_LE(ranges.Text().size(), 256U);
  }
  EXPECT_EQ(2500, ranges.count());
  EXPECT_TRUE(ranges.Text().ends_with(",..."));
}

}  // namespace
}  // namespace ffdl::training_job
