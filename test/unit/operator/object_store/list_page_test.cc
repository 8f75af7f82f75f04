#include "operator/object_store/list_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ffdl::object_store {
namespace {

using testing::HasSubstr;

// Read byte by byte, which is the hardest way.
tl::expected<ListPage, std::string> Read(const std::string& xml) {
  ListPageReader reader;
  for (const char c : xml) {
    if (!reader.Feed({&c, 1})) break;
  }
  return reader.Finish();
}

std::string Page(const std::string& inside) {
  return "<?xml version='1.0'?><ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>" +
         inside + "</ListBucketResult>";
}

std::string Entry(const std::string& key, const std::string& more = "<Size>1</Size>") {
  return "<Contents><Key>" + key + "</Key>" + more + "</Contents>";
}

TEST(ListPageTest, HasObjects) {
  const auto page = Read(Page("<Name>ml</Name>" +
                              Entry("a&amp;b/&#xfc;",
                                    "<ETag>&quot;1-2&quot;</ETag><Size>3</Size>"
                                    "<Owner><ID>x</ID></Owner>") +
                              "<CommonPrefixes><Prefix>p</Prefix></CommonPrefixes>" + Entry("c")));
  ASSERT_TRUE(page) << page.error();
  ASSERT_EQ(2, page->objects.size());
  EXPECT_EQ("a&b/ü", page->objects[0].key);
  EXPECT_EQ("\"1-2\"", page->objects[0].etag);
  EXPECT_EQ(3, page->objects[0].size);
  EXPECT_EQ("", page->objects[1].etag);
  EXPECT_EQ("", page->next);
}

TEST(ListPageTest, SaysWhereItGoesOn) {
  const std::string token = "<NextContinuationToken>1+/=</NextContinuationToken>";
  EXPECT_EQ("1+/=", Read(Page(token + "<IsTruncated>true</IsTruncated>"))->next);
  EXPECT_EQ("", Read(Page(token + "<IsTruncated>false</IsTruncated>"))->next);
  EXPECT_THAT(Read(Page("<IsTruncated>true</IsTruncated>")).error(), HasSubstr("goes on"));
}

TEST(ListPageTest, DecodesKeysOnlyIfTheyAreEncoded) {
  EXPECT_EQ("a+b%20", Read(Page(Entry("a+b%20")))->objects[0].key);
  EXPECT_EQ("a b ",
            Read(Page(Entry("a+b%20") + "<EncodingType>url</EncodingType>"))->objects[0].key);
  EXPECT_THAT(Read(Page(Entry("a%2") + "<EncodingType>url</EncodingType>")).error(),
              HasSubstr("not encoded"));
}

TEST(ListPageTest, LetsNoEtagBreakAHeader) {
  const std::string etag = "<ETag>&quot;1&quot;&#13;&#10;X-Other: 1</ETag><Size>1</Size>";
  EXPECT_EQ("", Read(Page(Entry("a", etag)))->objects[0].etag);
}

TEST(ListPageTest, RefusesWhatIsNoListing) {
  EXPECT_THAT(Read("").error(), HasSubstr("no XML that we read: no element found"));
  EXPECT_THAT(Read("<html><br></html>").error(), HasSubstr("mismatched tag"));
  EXPECT_THAT(Read("<Error/>").error(), HasSubstr("no ListBucketResult"));
  EXPECT_THAT(Read("<ListBucketResult><Contents>").error(), HasSubstr("no element found"));
  for (const char* size : {"", "<Size></Size>", "<Size>-1</Size>", "<Size>1x</Size>",
                           "<Size>9223372036854775808</Size>"}) {
    EXPECT_THAT(Read(Page(Entry("a", size))).error(), HasSubstr("no key or no size")) << size;
  }
  EXPECT_THAT(Read(Page(Entry(""))).error(), HasSubstr("no key or no size"));
}

TEST(ListPageTest, IsReadInBoundedMemory) {
  EXPECT_THAT(Read("<!DOCTYPE a [<!ENTITY b 'c'>]><ListBucketResult/>").error(),
              HasSubstr("a document type"));
  EXPECT_THAT(Read(Page(Entry(std::string(kXmlTextBytesMax + 1, 'k')))).error(),
              HasSubstr("a text too long"));
  std::string deep;
  for (std::size_t i = 0; i <= kXmlDepthMax; ++i) deep += "<a>";
  EXPECT_THAT(Read(deep).error(), HasSubstr("too deep"));
  EXPECT_THAT(Read("<" + std::string(2000, 'a') + "/>").error(), HasSubstr("names too long"));
}

}  // namespace
}  // namespace ffdl::object_store
