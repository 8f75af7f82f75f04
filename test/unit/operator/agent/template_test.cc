#include "operator/agent/template.h"

#include <gtest/gtest.h>

namespace ffdl::agent {
namespace {

TEST(TemplateTest, NamesTheLearnerByItsRank) {
  EXPECT_EQ("2 of {2}", FillTemplate("{rank} of {{rank}}", {.rank = 2, .learners = 4}));
}

TEST(TemplateTest, NamesTheLearnerByItsRankInItsRole) {
  EXPECT_EQ("1 of 5", FillTemplate("{role_rank} of {rank}", {.rank = 5, .role_rank = 1}));
}

TEST(TemplateTest, SaysWhetherItIsTheFirst) {
  EXPECT_EQ("is_host=true", FillTemplate("is_host={is_first}", {.rank = 0}));
  EXPECT_EQ("is_host=false", FillTemplate("is_host={is_first}", {.rank = 1}));
}

TEST(TemplateTest, ListsAsManyAsAreAskedFor) {
  EXPECT_EQ("[p-0],[w-0,w-1]",
            FillTemplate("[{each 1}p-{i}{end}],[{each 2}w-{i}{end}]", {.learners = 9}));
  EXPECT_EQ("w-1,w-2", FillTemplate("{others 3}w-{i}{end}", {.learners = 9}));
}

TEST(TemplateTest, LeavesOtherCountsAsTheyAre) {
  for (const char* const text : {"{each x}w{end}", "{each3}w{end}", "{each 3", "{each 3 }w{end}"}) {
    EXPECT_EQ(text, FillTemplate(text, {.learners = 2}));
  }
}

TEST(TemplateTest, ListsTheLearners) {
  EXPECT_EQ("[m-0:1,m-1:1,m-2:1]",
            FillTemplate("[{each}m-{i}:1{end}]", {.rank = 2, .learners = 3}));
  EXPECT_EQ("m-1,m-2", FillTemplate("{others}m-{i}{end}", {.rank = 0, .learners = 3}));
  EXPECT_EQ("0,1|1", FillTemplate("{each}{i}{end}|{others}{i}{end}", {.rank = 0, .learners = 2}));
}

TEST(TemplateTest, ListsNobodyWhereNobodyIs) {
  EXPECT_EQ("[0]", FillTemplate("[{each}{i}{end}]", {.rank = 0, .learners = 1}));
  EXPECT_EQ("[]", FillTemplate("[{others}{i}{end}]", {.rank = 0, .learners = 1}));
  EXPECT_EQ("[]", FillTemplate("[{each}{i}{end}]", {.rank = 0, .learners = 0}))
      << "NUM_LEARNERS was no number";
}

TEST(TemplateTest, LeavesWhatItDoesNotKnow) {
  EXPECT_EQ(R"({"a":{"b":[]}} {i} {x})",
            FillTemplate(R"({"a":{"b":[]}} {i} {x})", {.rank = 0, .learners = 2}));
  EXPECT_EQ("{each}never ended", FillTemplate("{each}never ended", {.rank = 0, .learners = 2}));
  EXPECT_EQ("", FillTemplate("", {.rank = 0, .learners = 2}));
}

}  // namespace
}  // namespace ffdl::agent
