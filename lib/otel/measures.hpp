#pragma once

#include <ccrelay/clock.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "otel/attributes.hpp"
#include "otel/record.hpp"

namespace ccrelay::otel {

/// One histogram of OTLP: its series since the start (cumulative, which is what Prometheus and its
/// like can read), of which there are at most `series_max`; one more takes what is beyond.
class Histogram {
 public:
  static constexpr std::size_t series_max = 1000;

  explicit Histogram(const names::Metric& metric) : metric_(metric) {}

  /// `attributes` as they go over the wire (HistogramDataPoint.attributes).
  void record(std::string attributes, double value);
  bool empty() const { return series_.empty(); }
  /// metrics.proto: Metric.
  Message message(WallTime start, WallTime now) const;

 private:
  struct Series {
    std::vector<std::uint64_t> buckets;
    std::uint64_t count = 0;
    double sum = 0;
    double min = 0;
    double max = 0;
  };

  const names::Metric& metric_;
  std::map<std::string, Series> series_;
};

/// What the metrics say of all requests since the start. One thread.
class Measures {
 public:
  explicit Measures(WallTime start) : start_(start) {}

  void add(const Record& record);
  bool empty() const { return duration_.empty(); }
  /// All of them as one ExportMetricsServiceRequest
  /// (opentelemetry/proto/collector/metrics/v1/metrics_service.proto).
  std::string export_of(const Resource& resource, WallTime now) const;

 private:
  void add_tokens(const Record& record, const Record::Attempt& attempt);

  const WallTime start_;
  Histogram tokens_{names::token_usage};
  Histogram duration_{names::operation_duration};
  Histogram first_chunk_{names::time_to_first_chunk};
  Histogram per_token_{names::time_per_output_token};
};

}  // namespace ccrelay::otel
