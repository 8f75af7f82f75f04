// Counters, gauges and histograms, and the Prometheus text format.
//
// By hand, because Debian's prometheus-cpp-dev brings a web server (civetweb) and a push client
// along, and a wrapper that keeps its types out of headers would be as long as this file and its
// source.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ffdl::k8s {

class Counter {
 public:
  void Add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void Set(double value) { value_.store(value, std::memory_order_relaxed); }
  void Add(double change);
  [[nodiscard]] double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

class Histogram {
 public:
  // `bounds`: upper bounds of the buckets, rising; the one without bound is added.
  explicit Histogram(std::vector<double> bounds);
  void Observe(double value);

  [[nodiscard]] const std::vector<double>& bounds() const { return bounds_; }
  // Of bucket `index`, not cumulative; `bounds().size()` is the one without bound.
  [[nodiscard]] std::uint64_t count(std::size_t index) const;
  [[nodiscard]] double sum() const { return sum_.value(); }

 private:
  const std::vector<double> bounds_;
  std::vector<std::atomic<std::uint64_t>> counts_;
  Gauge sum_;
};

// Name and value, in the order in which they are to appear.
using MetricLabels = std::vector<std::pair<std::string, std::string>>;

// All metrics of one process (or of one simulated one). Asking again for the same name and labels
// gives the same object; references stay valid as long as the registry lives. Thread-safe; looking
// a metric up takes a lock, so hot paths keep the reference.
class Metrics {
 public:
  // Different label sets of one name. Beyond it all further ones share one series labelled
  // "overflow", because label values must never be able to fill the memory.
  static constexpr std::size_t kSeriesPerNameMax = 1000;

  Counter& CounterOf(std::string_view name, std::string_view help, const MetricLabels& labels = {});
  Gauge& GaugeOf(std::string_view name, std::string_view help, const MetricLabels& labels = {});
  Histogram& HistogramOf(std::string_view name, std::string_view help, std::vector<double> bounds,
                         const MetricLabels& labels = {});

  // `refresh` is called at the beginning of each Text, on its thread: for gauges that are cheaper
  // to compute than to keep. It may outlive what it measures, and must then do nothing.
  void BeforeText(std::function<void()> refresh);

  // Text exposition format 0.0.4, sorted by name and labels. Content type: kTextContentType.
  [[nodiscard]] std::string Text() const;

  static constexpr std::string_view kTextContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  enum class Kind { kCounter, kGauge, kHistogram };
  struct Series {
    std::unique_ptr<Counter> counter;
    std::unique_ptr<Gauge> gauge;
    std::unique_ptr<Histogram> histogram;
  };
  struct Family {
    Kind kind = Kind::kCounter;
    std::string help;
    std::map<std::string, Series> series;  // by their labels as text
  };

  Series& SeriesOf(Kind kind, std::string_view name, std::string_view help,
                   const MetricLabels& labels);

  mutable std::mutex mutex_;
  std::map<std::string, Family, std::less<>> families_;
  std::vector<std::function<void()>> refreshers_;
};

// `count` bounds, each `factor` times the one before.
[[nodiscard]] std::vector<double> ExponentialBounds(double first, double factor, int count);

}  // namespace ffdl::k8s
