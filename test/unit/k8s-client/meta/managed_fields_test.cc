#include "k8s-client/meta/managed_fields.h"

#include <gtest/gtest.h>

namespace ffdl::k8s {
namespace {

TEST(ManagedFieldsTest, AreReplacedByAnEmptyList) {
  EXPECT_EQ(
      R"({"metadata":{"managedFields":[],"name":"a"},"spec":{}})",
      WithoutManagedFields(
          R"({"metadata":{"managedFields":[{"f":{"k:{\"a\":\"]\"}":{}}},[]],"name":"a"},"spec":{}})"));
  EXPECT_EQ("{\"metadata\" : {\"managedFields\" :\n []}}",
            WithoutManagedFields("{\"metadata\" : {\"managedFields\" :\n [1, 2]}}"));
}

TEST(ManagedFieldsTest, OfAnythingButTheObjectItselfStay) {
  for (const char* object :
       {R"({"metadata":{"name":"managedFields"},"spec":{"managedFields":[1]}})",
        R"({"metadata":{"labels":{"managedFields":[1]}}})",
        R"({"kind":"metadata","spec":{"managedFields":[1]}})",
        R"({"items":[{"metadata":{"managedFields":[1]}}]})",
        R"({"metadata":{"managedFields":null,"name":"a"}})"}) {
    EXPECT_EQ(object, WithoutManagedFields(object));
  }
}

TEST(ManagedFieldsTest, OfBrokenTextStay) {
  for (const char* text :
       {"", "[", "]]", "no JSON", R"({"metadata)", R"({"metadata":{"managedFields)",
        R"({"metadata":{"managedFields")", R"({"metadata":{"managedFields":)",
        R"({"metadata":{"managedFields":[{"a":"b\)"}) {
    EXPECT_EQ(text, WithoutManagedFields(text));
  }
}

}  // namespace
}  // namespace ffdl::k8s
