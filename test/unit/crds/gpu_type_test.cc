#include "crds/v1/gpu_type.h"

#include <gtest/gtest.h>

#include <string>

namespace ffdl::v1 {
namespace {

std::string TroubleOf(const std::string& text) {
  const auto read = ReadGpuType("h200", text);
  return read ? "" : read.error().message;
}

TEST(GpuTypeTest, IsReadFromLines) {
  const std::string text =
      "# From the feature discovery.\n"
      "resource: nvidia.com/gpu\r\n"
      "\n"
      "  nodeSelector: nvidia.com/gpu.product=NVIDIA-H200\n"
      "nodeSelector: pool=\n"
      "taint: nvidia.com/gpu:NoSchedule\n"
      "taint:dedicated=training:NoExecute";

  EXPECT_EQ((GpuType{.type = "h200",
                     .resource = "nvidia.com/gpu",
                     .node_selector = {{"nvidia.com/gpu.product", "NVIDIA-H200"}, {"pool", ""}},
                     .taints = {"nvidia.com/gpu:NoSchedule", "dedicated=training:NoExecute"}}),
            ReadGpuType("h200", text).value());
}

TEST(GpuTypeTest, NeedsOneResource) {
  EXPECT_EQ("'gpu-type.h200' must have a line like 'resource: nvidia.com/gpu'", TroubleOf("# a\n"));
  EXPECT_EQ("line 2 of 'gpu-type.h200' names a second resource",
            TroubleOf("resource: amd.com/gpu\nresource: nvidia.com/gpu"));
  for (const char* const name :
       {"", "gpu", "cpu", "nvidia.com/", "/gpu", "Nvidia.com/gpu", "a..b/c", "-a/b",
        "kubernetes.io/gpu", "a.kubernetes.io/b", "a/b/c", "nvidia.com/gpu 2"}) {
    EXPECT_EQ(
        "line 1 of 'gpu-type.h200' must name an extended resource like 'nvidia.com/gpu', "
        "found '" +
            std::string(name) + "'",
        TroubleOf("resource: " + std::string(name)));
  }
}

TEST(GpuTypeTest, SaysWhichLineHasNoLabel) {
  for (const char* const label : {"", "a", "=b", "a=b=c", "a=-b", "a b=c", "a=b c"}) {
    EXPECT_EQ(
        "line 2 of 'gpu-type.h200' must have a label like "
        "'nvidia.com/gpu.product=NVIDIA-H200', found '" +
            std::string(label) + "'",
        TroubleOf("resource: a.b/c\nnodeSelector: " + std::string(label)));
  }
  EXPECT_EQ("line 3 of 'gpu-type.h200' has the label 'a' again",
            TroubleOf("resource: a.b/c\nnodeSelector: a=b\nnodeSelector: a=c"));
}

TEST(GpuTypeTest, SaysWhichLineHasNoTaint) {
  for (const char* const taint :
       {"", "a", "a:", ":NoSchedule", "=b:NoSchedule", "a=b", "a=b:Never", "a=b c:NoExecute"}) {
    EXPECT_EQ(
        "line 4 of 'gpu-type.h200' must have a taint like "
        "'nvidia.com/gpu=present:NoSchedule', found '" +
            std::string(taint) + "'",
        TroubleOf("\n\nresource: a.b/c\ntaint: " + std::string(taint)));
  }
}

TEST(GpuTypeTest, KnowsNoOtherLines) {
  for (const std::string line : {"Resource: a.b/c", "toleration: a:NoSchedule", "resource=a.b/c"}) {
    EXPECT_EQ(
        "line 1 of 'gpu-type.h200' must begin with 'resource:', 'nodeSelector:' or "
        "'taint:', found '" +
            line + "'",
        TroubleOf(line));
  }
}

TEST(GpuTypeTest, HasALimit) {
  std::string text = "resource: a.b/c\n";
  for (std::size_t i = 0; i < kGpuTypeLinesMax; ++i) {
    text += "nodeSelector: k" + std::to_string(i) + "=v\n";
  }
  EXPECT_EQ("line 33 of 'gpu-type.h200' is one of more than 32", TroubleOf(text));
}

TEST(GpuTypeTest, HasTaintsOfTwoOrThreeParts) {
  const Taint three = PartsOfTaint("a.b/c=d:NoExecute");
  EXPECT_EQ("a.b/c", three.key);
  EXPECT_EQ("d", three.value);
  EXPECT_EQ("NoExecute", three.effect);
  const Taint two = PartsOfTaint("a:NoSchedule");
  EXPECT_EQ("a", two.key);
  EXPECT_EQ("", two.value);
  EXPECT_EQ("NoSchedule", two.effect);
}

}  // namespace
}  // namespace ffdl::v1
