#include "otel/measures.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace ccrelay::otel {
namespace {

constexpr int point_attributes = 9;
constexpr std::uint64_t cumulative = 2;  // AggregationTemporality

double real_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string first_model(const Record::Attempt& attempt) {
  return attempt.usage.charges.empty() ? std::string() : attempt.usage.charges.front().model;
}

struct Dimensions {
  std::string_view token_type = {};
  std::string_view error = {};
};

std::string dimensions(const Record& record, const Record::Attempt& attempt,
                       std::string_view response_model, Dimensions more) {
  Message out;
  Attributes attributes(out, point_attributes);
  attributes.text(names::operation, record.route->operation);
  attributes.text(names::provider, provider_name(attempt));
  attributes.text(names::request_model, attempt.model);
  attributes.text(names::response_model, response_model);
  attributes.text(names::server_address, attempt.host);
  if (attempt.port != 0) attributes.number(names::server_port, attempt.port);
  attributes.text(names::token_type, more.token_type);
  attributes.text(names::error_type, more.error);
  return out.take();
}

}  // namespace

void Histogram::record(std::string attributes, double value) {
  if (series_.size() >= series_max && !series_.contains(attributes)) {
    Message out;
    Attributes(out, point_attributes).flag(names::overflow, true);
    attributes = out.take();
  }
  Series& series = series_[std::move(attributes)];
  const double* const begin = metric_.bounds.data();
  const double* const end = begin + metric_.bounds_used;
  if (series.count == 0) {
    series.buckets.resize(metric_.bounds_used + 1);
    series.min = series.max = value;
  }
  // Upper bounds are inclusive.
  ++series.buckets[static_cast<std::size_t>(std::lower_bound(begin, end, value) - begin)];
  ++series.count;
  series.sum += value;
  series.min = std::min(series.min, value);
  series.max = std::max(series.max, value);
}

Message Histogram::message(WallTime start, WallTime now) const {
  Message histogram;
  for (const auto& [attributes, series] : series_) {
    Message point;
    point.fixed64(2, nanoseconds_of(start));
    point.fixed64(3, nanoseconds_of(now));
    point.fixed64(4, series.count);
    point.real(5, series.sum);
    point.packed(6, std::span<const std::uint64_t>(series.buckets));
    point.packed(7, std::span<const double>(metric_.bounds.data(), metric_.bounds_used));
    point.real(11, series.min);
    point.real(12, series.max);
    // Fields may come in any order.
    histogram.bytes(1, point.wire() + attributes);
  }
  histogram.varint(2, cumulative);
  Message metric;
  metric.text(1, metric_.name);
  metric.text(2, metric_.description);
  metric.text(3, metric_.unit);
  metric.message(9, histogram);
  return metric;
}

void Measures::add(const Record& record) {
  if (!record.route || record.route->operation.empty()) return;
  for (const Record::Attempt& attempt : record.attempts) {
    const std::string model = first_model(attempt);
    const std::string_view error = error_of(attempt);
    duration_.record(dimensions(record, attempt, model, {{}, error}), real_seconds(attempt.total));
    add_tokens(record, attempt);
    // Otherwise the head comes when all of the answer is there.
    const bool answers = record.stream && attempt.status >= 200 && attempt.status < 300 &&
                         attempt.first_byte > Duration::zero();
    if (!answers) continue;
    const std::string plain = dimensions(record, attempt, model, {});
    first_chunk_.record(plain, real_seconds(attempt.first_byte));
    UsageTotal total;
    ccrelay::add(total, attempt.usage);
    const std::uint64_t output = total.tokens[TokenClass::output].value_or(0);
    if (!error.empty() || output < 2) continue;
    per_token_.record(
        plain, real_seconds(attempt.total - attempt.first_byte) / static_cast<double>(output - 1));
  }
}

// Of billed charges alone, as every other sum of the relay's.
void Measures::add_tokens(const Record& record, const Record::Attempt& attempt) {
  for (const Charge& charge : attempt.usage.charges) {
    if (!charge.billed) continue;
    const Counted tokens = counted(charge.tokens);
    const auto one = [&](std::string_view type, const std::optional<std::uint64_t>& count) {
      if (!count) return;
      tokens_.record(dimensions(record, attempt, charge.model, {type, {}}),
                     static_cast<double>(*count));
    };
    one("input", tokens.input);
    one("output", tokens.output);
  }
}

std::string Measures::export_of(const Resource& resource, WallTime now) const {
  Message scope_metrics;
  scope_metrics.message(1, scope_message(resource));
  for (const Histogram* one : {&tokens_, &duration_, &first_chunk_, &per_token_}) {
    if (!one->empty()) scope_metrics.message(2, one->message(start_, now));
  }
  scope_metrics.text(3, names::schema_url);
  Message resource_metrics;
  resource_metrics.message(1, resource.message());
  resource_metrics.message(2, scope_metrics);
  resource_metrics.text(3, names::schema_url);
  Message request;
  request.message(1, resource_metrics);
  return request.take();
}

}  // namespace ccrelay::otel
