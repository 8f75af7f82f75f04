#include "k8s-client/runtime/metrics.h"

#include <gtest/gtest.h>

#include <string>

namespace ffdl::k8s {
namespace {

TEST(MetricsTest, WritesTheTextFormat) {
  Metrics metrics;
  metrics.CounterOf("b_total", "Things.\nMany.", {{"kind", "x\"y\\z\n"}}).Add(3);
  metrics.CounterOf("b_total", "ignored", {{"kind", "a"}}).Add();
  metrics.GaugeOf("a", "A value.").Set(1.5);
  Histogram& histogram = metrics.HistogramOf("c_seconds", "Time.", {0.1, 1}, {{"q", "x"}});
  for (const double value : {0.05, 0.1, 0.5, 7.0}) histogram.Observe(value);
  EXPECT_EQ(
      "# HELP a A value.\n"
      "# TYPE a gauge\n"
      "a 1.5\n"
      "# HELP b_total Things.\\nMany.\n"
      "# TYPE b_total counter\n"
      "b_total{kind=\"a\"} 1\n"
      "b_total{kind=\"x\\\"y\\\\z\\n\"} 3\n"
      "# HELP c_seconds Time.\n"
      "# TYPE c_seconds histogram\n"
      "c_seconds_bucket{q=\"x\",le=\"0.1\"} 2\n"
      "c_seconds_bucket{q=\"x\",le=\"1\"} 3\n"
      "c_seconds_bucket{q=\"x\",le=\"+Inf\"} 4\n"
      "c_seconds_sum{q=\"x\"} 7.65\n"
      "c_seconds_count{q=\"x\"} 4\n",
      metrics.Text());
}

TEST(MetricsTest, GivesTheSameObjectForTheSameLabels) {
  Metrics metrics;
  Counter& first = metrics.CounterOf("x_total", "X.", {{"a", "1"}});
  EXPECT_EQ(&first, &metrics.CounterOf("x_total", "X.", {{"a", "1"}}));
  EXPECT_NE(&first, &metrics.CounterOf("x_total", "X.", {{"a", "2"}}));
}

TEST(MetricsTest, LimitsTheSeriesOfOneName) {
  Metrics metrics;
  for (std::size_t i = 0; i < Metrics::kSeriesPerNameMax + 5; ++i) {
    metrics.CounterOf("x_total", "X.", {{"i", std::to_string(i)}}).Add();
  }
  EXPECT_NE(std::string::npos, metrics.Text().find("x_total{overflow=\"true\"} 5\n"));
}

TEST(MetricsTest, MakesExponentialBounds) {
  EXPECT_EQ((std::vector<double>{1, 10, 100}), ExponentialBounds(1, 10, 3));
}

}  // namespace
}  // namespace ffdl::k8s
