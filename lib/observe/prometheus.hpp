#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace ccrelay::observe {

/// Prints metrics in Prometheus' text format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/). A family is opened, then gets
/// all of its samples, so that none is split. Pure.
class Exposition {
 public:
  struct Label {
    std::string_view name;
    std::string_view value;  ///< any text; it is escaped
  };
  using Labels = std::initializer_list<Label>;

  /// A decimal fraction that is kept as a whole number: so many, in billionths.
  struct Billionths {
    std::int64_t value;
  };

  void counter(std::string_view name, std::string_view help) { open(name, "counter", help); }
  void gauge(std::string_view name, std::string_view help) { open(name, "gauge", help); }
  void histogram(std::string_view name, std::string_view help) { open(name, "histogram", help); }

  /// A sample of the family that is open.
  void sample(Labels labels, std::uint64_t value);
  void sample(Labels labels, double value);
  void sample(Labels labels, Billionths value);
  /// A histogram's samples: `counts` by bucket, each alone, one more than there are bounds; bounds
  /// and sum in billionths.
  void buckets(Labels labels, std::span<const std::int64_t> bounds,
               std::span<const std::uint64_t> counts, std::uint64_t sum);

  /// A gauge that has one sample, without labels.
  template <class Value>
  void gauge(std::string_view name, std::string_view help, Value value) {
    gauge(name, help);
    sample({}, value);
  }
  template <class Value>
  void counter(std::string_view name, std::string_view help, Value value) {
    counter(name, help);
    sample({}, value);
  }

  std::string take() { return std::move(text_); }

  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

 private:
  void open(std::string_view name, std::string_view type, std::string_view help);
  void series(std::string_view suffix, Labels labels, std::string_view bound = {});

  std::string text_;
  std::string name_;
};

}  // namespace ccrelay::observe
