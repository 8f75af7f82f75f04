#include "crds/v1/framework_catalogue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include "crds/v1/words.h"
#include "test/support/job_builder.h"
#include "test/unit/crds/crd_schema.h"

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
  for (const char* const key :
       {"", "pytorch", "pytorch.cpu", "pytorch..cpu", "pytorch.2.5", "pytorch.2.5.tpu",
        "mxnet.1.cpu", "custom.1.cpu", ".2.cpu", "env.", "env.custom", "env.pytorch.", "env",
        "gpu-type.", "gpu-type.-a", "gpu-type"}) {
    EXPECT_EQ(
        "its key '" + std::string(key) +
            "' is not like 'pytorch.2.5.gpu' (framework, version and cpu or gpu), 'env.pytorch' or "
            "'gpu-type.nvidia-h200'",
        TroubleOf({{"jax.1.cpu", "a"}, {key, "b"}}));
  }
  for (const std::string& image : {std::string(), std::string("a b"), std::string("a\n"),
                                   std::string(kCatalogueImageBytesMax + 1, 'a')}) {
    EXPECT_EQ("'jax.1.cpu' must be the name of an image", TroubleOf({{"jax.1.cpu", image}}));
  }
}

TEST(FrameworkCatalogueTest, HasVariablesAndGpuTypes) {
  const FrameworkCatalogue catalogue =
      ReadCatalogue({{"env.pytorch", "# All of them.\n\nNCCL_DEBUG=WARN\n  A_1=b = c \n"},
                     {"env.pytorch.2.5", "EMPTY="},
                     {"gpu-type.a.b", "resource: amd.com/gpu"}})
          .value();

  EXPECT_EQ((k8s::Labels{{"NCCL_DEBUG", "WARN"}, {"A_1", "b = c"}}),
            catalogue.variables.at("pytorch"));
  EXPECT_EQ((k8s::Labels{{"EMPTY", ""}}), catalogue.variables.at("pytorch.2.5"));
  EXPECT_EQ("amd.com/gpu", catalogue.gpu_types.at("a.b").resource);
  EXPECT_TRUE(catalogue.images.empty());
}

TEST(FrameworkCatalogueTest, SaysWhichLineHasNoVariable) {
  for (const std::string line : {"A", "=b", "1A=b", "A-B=c", "A B=c", "export A=b"}) {
    EXPECT_EQ("line 2 of 'env.jax' must be a variable like 'NCCL_DEBUG=WARN', found '" + line + "'",
              TroubleOf({{"env.jax", "B=c\n" + line}}));
  }
  EXPECT_EQ("line 3 of 'env.jax' sets 'A' again", TroubleOf({{"env.jax", "A=1\n\nA=2"}}));
  EXPECT_EQ(
      "line 1 of 'env.jax' must not set 'FFDL_STATE', because the platform sets what starts with "
      "'FFDL_'",
      TroubleOf({{"env.jax", "FFDL_STATE=1"}}));
  EXPECT_EQ("line 1 of 'env.jax' has a value of 1025 bytes, more than 1024",
            TroubleOf({{"env.jax", "A=" + std::string(1025, 'b')}}));
  std::string many;
  for (int i = 0; i < 33; ++i) many += "A" + std::to_string(i) + "=1\n";
  EXPECT_EQ("line 33 of 'env.jax' sets one variable more than 32", TroubleOf({{"env.jax", many}}));
}

TEST(FrameworkCatalogueTest, LetsVariablesOfAVersionCountForMore) {
  const FrameworkCatalogue catalogue{
      .variables = {{"pytorch", {{"A", "1"}, {"B", "2"}}}, {"pytorch.2.5", {{"B", "3"}}}}};
  const auto of = [&](FrameworkName name, const char* version) {
    return CatalogueVariables({.name = name, .version = version}, catalogue);
  };
  EXPECT_EQ((k8s::Labels{{"A", "1"}, {"B", "3"}}), of(FrameworkName::kPytorch, "2.5"));
  EXPECT_EQ((k8s::Labels{{"A", "1"}, {"B", "2"}}), of(FrameworkName::kPytorch, "2.6"));
  EXPECT_EQ(k8s::Labels{}, of(FrameworkName::kJax, "2.5"));
}

TEST(FrameworkCatalogueTest, OfTheManifestsIsWellFormedAndKnowsEachFramework) {
  const std::ifstream file(FFDL_CATALOGUE_FILE);
  std::ostringstream text;
  text << file.rdbuf();
  const auto data = test::ParseYaml(text.str()).at("data").get<k8s::Labels>();
  const FrameworkCatalogue catalogue = ReadCatalogue(data).value();

  for (const auto& [name, word] : kFrameworkWords) {
    if (name == FrameworkName::kCustom) continue;
    const auto of_framework = [&](const auto& image) {
      return image.first.starts_with(std::string(word) + ".");
    };
    EXPECT_TRUE(std::ranges::any_of(catalogue.images, of_framework)) << word;
  }
  EXPECT_TRUE(catalogue.images.contains("pytorch.2.5.gpu"));
  EXPECT_TRUE(catalogue.gpu_types.contains("nvidia-h200"));
  EXPECT_TRUE(catalogue.variables.contains("pytorch"));
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
