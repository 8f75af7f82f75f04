#include "k8s-client/runtime/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string>

namespace ffdl::k8s {
namespace {

std::string Escaped(std::string_view text, bool quotes) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    if (c == '\n') {
      escaped += "\\n";
    } else if (c == '\\' || (quotes && c == '"')) {
      escaped += '\\';
      escaped += c;
    } else {
      escaped += c;
    }
  }
  return escaped;
}

// "a="1",b="2"", without braces, so that a histogram can add its own label.
std::string LabelText(const MetricLabels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    if (!text.empty()) text += ',';
    text += fmt::format("{}=\"{}\"", name, Escaped(value, /*quotes=*/true));
  }
  return text;
}

std::string NumberText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

void Line(std::string& text, std::string_view name, std::string_view labels,
          std::string_view value) {
  text += name;
  if (!labels.empty()) fmt::format_to(std::back_inserter(text), "{{{}}}", labels);
  fmt::format_to(std::back_inserter(text), " {}\n", value);
}

void HistogramText(std::string& text, const std::string& name, const std::string& labels,
                   const Histogram& histogram) {
  const std::string prefix = labels.empty() ? "" : labels + ",";
  std::uint64_t total = 0;
  for (std::size_t i = 0; i <= histogram.bounds().size(); ++i) {
    total += histogram.count(i);
    const std::string bound =
        i < histogram.bounds().size() ? NumberText(histogram.bounds()[i]) : "+Inf";
    Line(text, name + "_bucket", fmt::format("{}le=\"{}\"", prefix, bound), fmt::to_string(total));
  }
  Line(text, name + "_sum", labels, NumberText(histogram.sum()));
  Line(text, name + "_count", labels, fmt::to_string(total));
}

}  // namespace

void Gauge::Add(double change) {
  double seen = value_.load(std::memory_order_relaxed);
  while (!value_.compare_exchange_weak(seen, seen + change, std::memory_order_relaxed)) {
  }
}

Histogram::Histogram(std::vector<double> bounds)
    : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {}

void Histogram::Observe(double value) {
  const auto index = static_cast<std::size_t>(
      std::distance(bounds_.begin(), std::lower_bound(bounds_.begin(), bounds_.end(), value)));
  counts_[index].fetch_add(1, std::memory_order_relaxed);
  sum_.Add(value);
}

std::uint64_t Histogram::count(std::size_t index) const {
  return counts_[index].load(std::memory_order_relaxed);
}

Metrics::Series& Metrics::SeriesOf(Kind kind, std::string_view name, std::string_view help,
                                   const MetricLabels& labels) {
  auto family = families_.find(name);
  if (family == families_.end()) {
    family =
        families_.emplace(std::string(name), Family{.kind = kind, .help = std::string(help)}).first;
  }
  auto& series = family->second.series;
  std::string text = LabelText(labels);
  if (series.size() >= kSeriesPerNameMax && !series.contains(text)) text = "overflow=\"true\"";
  return series[std::move(text)];
}

Counter& Metrics::CounterOf(std::string_view name, std::string_view help,
                            const MetricLabels& labels) {
  const std::scoped_lock lock(mutex_);
  auto& slot = SeriesOf(Kind::kCounter, name, help, labels).counter;
  if (!slot) slot = std::make_unique<Counter>();
  return *slot;
}

Gauge& Metrics::GaugeOf(std::string_view name, std::string_view help, const MetricLabels& labels) {
  const std::scoped_lock lock(mutex_);
  auto& slot = SeriesOf(Kind::kGauge, name, help, labels).gauge;
  if (!slot) slot = std::make_unique<Gauge>();
  return *slot;
}

Histogram& Metrics::HistogramOf(std::string_view name, std::string_view help,
                                std::vector<double> bounds, const MetricLabels& labels) {
  const std::scoped_lock lock(mutex_);
  auto& slot = SeriesOf(Kind::kHistogram, name, help, labels).histogram;
  if (!slot) slot = std::make_unique<Histogram>(std::move(bounds));
  return *slot;
}

void Metrics::BeforeText(std::function<void()> refresh) {
  const std::scoped_lock lock(mutex_);
  refreshers_.push_back(std::move(refresh));
}

std::string Metrics::Text() const {
  std::vector<std::function<void()>> refreshers;
  {
    const std::scoped_lock lock(mutex_);
    refreshers = refreshers_;
  }
  for (const auto& refresh : refreshers) refresh();
  const std::scoped_lock lock(mutex_);
  std::string text;
  for (const auto& [name, family] : families_) {
    static constexpr std::array<std::string_view, 3> kKinds{"counter", "gauge", "histogram"};
    fmt::format_to(std::back_inserter(text), "# HELP {} {}\n# TYPE {} {}\n", name,
                   Escaped(family.help, /*quotes=*/false), name,
                   kKinds.at(static_cast<std::size_t>(family.kind)));
    for (const auto& [labels, series] : family.series) {
      if (series.counter) Line(text, name, labels, fmt::to_string(series.counter->value()));
      if (series.gauge) Line(text, name, labels, NumberText(series.gauge->value()));
      if (series.histogram) HistogramText(text, name, labels, *series.histogram);
    }
  }
  return text;
}

std::vector<double> ExponentialBounds(double first, double factor, int count) {
  std::vector<double> bounds;
  for (; count > 0; --count) {
    bounds.push_back(first);
    first *= factor;
  }
  return bounds;
}

}  // namespace ffdl::k8s
