#include "crds/v1/framework_catalogue.h"

#include <gtest/gtest.h>

#include "test/support/job_builder.h"

namespace ffdl::v1 {
namespace {

using testing_support::JobBuilder;

std::string TroubleOf(const k8s::Labels& data) {
  const auto read = ReadCatalogue(data);
  return read ? "" : read.error().message;
}

TEST(FrameworkCatalogueTest, HasAnEntryForEachDevice) {
  JobBuilder job = JobBuilder("bert").Pytorch();
  job->spec.framework.version = "2.5";

  EXPECT_EQ("pytorch.2.5.cpu", CatalogueEntry(job.Build().spec));
  EXPECT_EQ("pytorch.2.5.gpu", CatalogueEntry(job.Gpus(1).Build().spec));
}

TEST(FrameworkCatalogueTest, IsReadFromAConfigMap) {
  const k8s::Labels data = {{"pytorch.2.5.cpu", "a"}, {"jax.nightly-1.gpu", "r.example:5000/j@x"}};

  EXPECT_EQ((FrameworkCatalogue{.images = data}), ReadCatalogue(data).value());
  EXPECT_EQ(FrameworkCatalogue{}, ReadCatalogue({}).value());
}

TEST(FrameworkCatalogueTest, IsRefusedForOneEntryThatIsWrong) {
  for (const char* const key : {"", "pytorch", "pytorch.cpu", "pytorch..cpu", "pytorch.2.5",
                                "pytorch.2.5.tpu", "caffe.1.cpu", "custom.1.cpu", ".2.cpu"}) {
    EXPECT_EQ("its key '" + std::string(key) +
                  "' is not like 'pytorch.2.5.gpu': framework, version and cpu or gpu",
              TroubleOf({{"jax.1.cpu", "a"}, {key, "b"}}));
  }
  for (const std::string& image : {std::string(), std::string("a b"), std::string("a\n"),
                                   std::string(kCatalogueImageBytesMax + 1, 'a')}) {
    EXPECT_EQ("'jax.1.cpu' must be the name of an image", TroubleOf({{"jax.1.cpu", image}}));
  }
}

TEST(FrameworkCatalogueTest, HasALimit) {
  k8s::Labels data;
  for (std::size_t i = 0; i <= kCatalogueEntriesMax; ++i) {
    data["jax." + std::to_string(i) + ".cpu"] = "a";
  }
  EXPECT_EQ("it has 1001 entries, more than 1000", TroubleOf(data));
}

}  // namespace
}  // namespace ffdl::v1
