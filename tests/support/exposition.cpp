#include "support/exposition.hpp"

#include <cctype>
#include <cstdlib>
#include <vector>

#include "catch.hpp"

namespace ccrelay::testing {
namespace {

std::string word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  std::string out(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return out;
}

bool is_name(std::string_view text) {
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text[0]))) return false;
  for (const char c : text) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_') return false;
  }
  return true;
}

double number(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  INFO("number: " << text);
  CHECK((!text.empty() && *end == '\0'));
  return value;
}

}  // namespace

Metrics::Metrics(std::string_view text) {
  CHECK((text.empty() || text.back() == '\n'));
  while (!text.empty()) {
    const auto end = text.find('\n');
    read_line(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  check_histograms();
}

void Metrics::read_line(std::string_view line) {
  INFO(line);
  if (line.starts_with("# HELP ")) {
    line.remove_prefix(7);
    const std::string name = word(line);
    CHECK(helps_.insert(name).second);
    CHECK_FALSE(line.empty());
    family_ = name;
  } else if (line.starts_with("# TYPE ")) {
    line.remove_prefix(7);
    const std::string name = word(line);
    CHECK(name == family_);
    CHECK(types_.emplace(name, std::string(line)).second);
    CHECK((line == "counter" || line == "gauge" || line == "histogram"));
    CHECK((line == "counter") == name.ends_with("_total"));
  } else {
    read_sample(line);
  }
}

std::string Metrics::family_of(const std::string& name) const {
  for (const std::string suffix : {"_bucket", "_sum", "_count"}) {
    if (!name.ends_with(suffix)) continue;
    const std::string family = name.substr(0, name.size() - suffix.size());
    const auto type = types_.find(family);
    if (type != types_.end() && type->second == "histogram") return family;
  }
  return name;
}

void Metrics::read_sample(std::string_view line) {
  const std::string_view whole = line;
  const auto end = line.find_first_of("{ ");
  REQUIRE(end != std::string_view::npos);
  const std::string name(line.substr(0, end));
  CHECK(is_name(name));
  CHECK(family_of(name) == family_);
  line.remove_prefix(end);
  auto& labels = labels_[name];
  if (line.front() == '{') {
    do {
      line.remove_prefix(1);
      const auto equals = line.find("=\"");
      REQUIRE(equals != std::string_view::npos);
      const std::string label(line.substr(0, equals));
      CHECK(is_name(label));
      labels.insert(label);
      line.remove_prefix(equals + 2);
      while (line.at(0) != '"') line.remove_prefix(line[0] == '\\' ? 2 : 1);
      line.remove_prefix(1);
    } while (line.at(0) == ',');
    CHECK(line.front() == '}');
    line.remove_prefix(1);
  }
  const std::string series(whole.substr(0, whole.size() - line.size()));
  REQUIRE(line.starts_with(" "));
  CHECK(values_.emplace(series, number(std::string(line.substr(1)))).second);
}

void Metrics::check_histograms() const {
  std::string before;
  for (const auto& [name, type] : types_) {
    if (type != "histogram") continue;
    for (const auto& [series, value] : values_) {
      if (series.rfind(name + "_count", 0) != 0) continue;
      INFO(series);
      std::string bucket = series;
      bucket.replace(name.size(), 6, "_bucket");
      if (bucket.back() == '}') {
        bucket.back() = ',';
      } else {
        bucket += '{';
      }
      CHECK((*this)[bucket + "le=\"+Inf\"}"] == value);
      std::map<double, double> buckets;
      for (const auto& [other, count] : values_) {
        if (other.rfind(bucket + "le=\"", 0) != 0) continue;
        const std::string bound = other.substr(bucket.size() + 4);
        buckets[std::strtod(bound.c_str(), nullptr)] = count;
      }
      CHECK(buckets.size() > 5);
      double last = 0;
      for (const auto& [bound, count] : buckets) {
        CHECK(count >= last);
        last = count;
      }
    }
  }
}

double Metrics::operator[](const std::string& series) const {
  const auto found = values_.find(series);
  if (found == values_.end()) FAIL(series << " is not there");
  return found->second;
}

double Metrics::sum(const std::string& name) const {
  double sum = 0;
  for (const auto& [series, value] : values_) {
    if (series == name || series.rfind(name + '{', 0) == 0) sum += value;
  }
  return sum;
}

std::size_t Metrics::count(const std::string& name) const {
  std::size_t count = 0;
  for (const auto& [series, value] : values_) {
    if (series == name || series.rfind(name + '{', 0) == 0) ++count;
  }
  return count;
}

}  // namespace ccrelay::testing
