#include "k8s-client/meta/label_selector.h"

#include <gtest/gtest.h>

namespace ffdl::k8s {
namespace {

TEST(LabelSelectorTest, SelectsByEveryRequirement) {
  const Labels labels{{"app", "ffdl"}, {"role", "learner"}};
  for (const char* selector : {"", "app", "app=ffdl", "app==ffdl", "app=ffdl,role=learner",
                               "app=ffdl, role", "!missing", "app!=other", "missing!=x"}) {
    EXPECT_TRUE(Selects(selector, labels)) << selector;
  }
  for (const char* selector : {"missing", "app=other", "app=ffdl,role=other", "!app", "app!=ffdl",
                               "app=", "app in (ffdl)", "app in (ffdl,other)", ","}) {
    EXPECT_FALSE(Selects(selector, labels)) << selector;
  }
}

}  // namespace
}  // namespace ffdl::k8s
