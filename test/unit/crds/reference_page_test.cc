#include "test/unit/crds/reference_page.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace ffdl::test {
namespace {

TEST(ReferencePageTest, SaysWhatTheSchemaSays) {
  std::ifstream file(FFDL_REFERENCE_FILE);
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_TRUE(page == ReferencePage(LoadCrd()))
      << FFDL_REFERENCE_FILE << " is stale: build the target 'update_reference'";
}

}  // namespace
}  // namespace ffdl::test
