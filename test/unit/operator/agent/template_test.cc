#include "operator/agent/template.h"

#include <gtest/gtest.h>

namespace ffdl::agent {
namespace {

TEST(TemplateTest, NamesTheLearnerByItsRank) {
  EXPECT_EQ("2 of {2}", FillTemplate("{rank} of {{rank}}", 2, 4));
}

TEST(TemplateTest, ListsTheLearners) {
  EXPECT_EQ("[m-0:1,m-1:1,m-2:1]", FillTemplate("[{each}m-{i}:1{end}]", 2, 3));
  EXPECT_EQ("m-1,m-2", FillTemplate("{others}m-{i}{end}", 0, 3));
  EXPECT_EQ("0,1|1", FillTemplate("{each}{i}{end}|{others}{i}{end}", 0, 2));
}

TEST(TemplateTest, ListsNobodyWhereNobodyIs) {
  EXPECT_EQ("[0]", FillTemplate("[{each}{i}{end}]", 0, 1));
  EXPECT_EQ("[]", FillTemplate("[{others}{i}{end}]", 0, 1));
  EXPECT_EQ("[]", FillTemplate("[{each}{i}{end}]", 0, 0)) << "NUM_LEARNERS was no number";
}

TEST(TemplateTest, LeavesWhatItDoesNotKnow) {
  EXPECT_EQ(R"({"a":{"b":[]}} {i} {x})", FillTemplate(R"({"a":{"b":[]}} {i} {x})", 0, 2));
  EXPECT_EQ("{each}never ended", FillTemplate("{each}never ended", 0, 2));
  EXPECT_EQ("", FillTemplate("", 0, 2));
}

}  // namespace
}  // namespace ffdl::agent
