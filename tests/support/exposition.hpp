#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace ccrelay::testing {

/// Prometheus' text format, read strictly: the test fails on what promtool would complain about, on
/// a family that is told twice or in pieces, a series that is there twice, and a histogram whose
/// buckets fall or whose last one is not its count.
class Metrics {
 public:
  explicit Metrics(std::string_view text);

  /// Of `name{label="value",…}`, as it stands there; fails the test when it is not there.
  double operator[](const std::string& series) const;
  bool has(const std::string& series) const { return values_.count(series) == 1; }
  /// The sum over all series of a name.
  double sum(const std::string& name) const;
  std::size_t count(const std::string& name) const;
  const std::map<std::string, double>& all() const { return values_; }
  /// Which labels the series of a name have; those of a family without series are not known.
  const std::map<std::string, std::set<std::string>>& labels() const { return labels_; }
  const std::map<std::string, std::string>& families() const { return types_; }

 private:
  void read_line(std::string_view line);
  void read_sample(std::string_view line);
  std::string family_of(const std::string& name) const;
  void check_histograms() const;

  std::map<std::string, double> values_;
  std::map<std::string, std::string> types_;
  std::map<std::string, std::set<std::string>> labels_;
  std::set<std::string> helps_;
  std::string family_;  // of the last line
};

}  // namespace ccrelay::testing
