#include "k8s-client/api/written_object.h"

#include <gtest/gtest.h>

namespace ffdl::k8s {
namespace {

TEST(WrittenObjectTest, IsNamedByItsMetadataAlone) {
  const WrittenObject written = ReadWrittenObject(
      R"({"uid":"no","kind":"Pod","spec":{"uid":"no","metadata":{"uid":"no","resourceVersion":"0"}},)"
      R"("metadata":{"name":"a","ownerReferences":[{"uid":"no"}],"labels":{"uid":"no","resourceVersion":"0"},)"
      R"("uid":"u-1","resourceVersion":"42"}})");
  EXPECT_EQ("u-1", written.uid);
  EXPECT_EQ("42", written.resource_version);
}

TEST(WrittenObjectTest, IsKnownBeforeTheRestIsRead) {
  const WrittenObject written = ReadWrittenObject(
      R"({"metadata":{"uid":"u-1","resourceVersion":"42","managedFields": this is no JSON)");
  EXPECT_EQ("u-1", written.uid);
  EXPECT_EQ("42", written.resource_version);
}

TEST(WrittenObjectTest, OfADeleteMayBeAStatus) {
  const WrittenObject written = ReadWrittenObject(
      R"({"kind":"Status","metadata":{},"status":"Success","details":{"name":"a","uid":"u-1"}})");
  EXPECT_EQ("u-1", written.uid);
  EXPECT_EQ("", written.resource_version);
}

TEST(WrittenObjectTest, IsEmptyWhenTheAnswerSaysNothing) {
  for (const char* text : {"", "ok", "[]", "{}", R"({"metadata":{"uid":5,"resourceVersion":null}})",
                           R"({"metadata":[{"uid":"no"}]})"}) {
    const WrittenObject written = ReadWrittenObject(text);
    EXPECT_EQ("", written.uid) << text;
    EXPECT_EQ("", written.resource_version) << text;
  }
}

}  // namespace
}  // namespace ffdl::k8s
