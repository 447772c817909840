#include "price/plain_prices.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "price/table.hpp"

namespace ccrelay::price {
namespace {

// USD per million tokens with six decimals, in units of the last, are pico-USD a token.
constexpr int usd_places = 6;
constexpr int factor_places = 3;
constexpr std::size_t digits_max = 15;

// What is left of a line; whatever does not fit is remembered.
class Line {
 public:
  explicit Line(std::string_view text) : left_(text) {}

  bool failed() const { return failed_; }
  bool at_end() {
    skip_spaces();
    return left_.empty();
  }
  bool takes(char c) {
    skip_spaces();
    if (!left_.starts_with(c)) return false;
    left_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!takes(c)) failed_ = true;
  }
  std::string_view word() {
    skip_spaces();
    return take_while([](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_'; });
  }
  std::string string() {
    expect('"');
    const std::string_view text =
        take_while([](char c) { return c != '"' && c != '\\' && c != '$' && c >= ' '; });
    expect('"');
    return std::string(text);
  }
  std::uint64_t whole() {
    const std::string_view digits = number();
    std::uint64_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (read.ec != std::errc()) failed_ = true;
    return value;
  }
  // In units of the last of so many places.
  std::uint64_t decimal(int places) {
    std::uint64_t value = whole();
    std::string_view fraction;
    if (left_.starts_with('.')) {
      left_.remove_prefix(1);
      fraction = number();
      if (fraction.size() > static_cast<std::size_t>(places)) failed_ = true;
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(places); ++i) {
      const int digit = i < fraction.size() ? fraction[i] - '0' : 0;
      value = value * 10 + static_cast<std::uint64_t>(digit);
    }
    return value;
  }
  std::optional<Day> day() {
    skip_spaces();
    const auto found = parse_day(left_.substr(0, 10));
    if (!found) failed_ = true;
    left_.remove_prefix(found ? 10 : 0);
    return found;
  }
  // The members of `{ name = …, name = … }`.
  template <class Member>
  void table(Member member) {
    expect('{');
    do {
      const std::string_view name = word();
      expect('=');
      if (failed_ || name.empty() || !member(name)) failed_ = true;
    } while (!failed_ && takes(','));
    expect('}');
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  void skip_spaces() {
    while (left_.starts_with(' ')) left_.remove_prefix(1);
  }
  template <class Is>
  std::string_view take_while(Is is) {
    std::size_t size = 0;
    while (size < left_.size() && is(left_[size])) ++size;
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }
  std::string_view number() {
    skip_spaces();
    const std::string_view digits = take_while(is_digit);
    if (digits.empty() || digits.size() > digits_max) failed_ = true;
    return digits.substr(0, digits_max);
  }

  std::string_view left_;
  bool failed_ = false;
};

bool read_rate(Line& line, std::string_view name, TokenRates& rates) {
  for (std::size_t i = 0; i < token_classes; ++i) {
    if (name != token_class_names[i]) continue;
    rates.pico_usd[i] = line.decimal(usd_places);
    return true;
  }
  return false;
}

std::vector<std::string> read_strings(Line& line) {
  std::vector<std::string> out;
  line.expect('[');
  do {
    out.push_back(line.string());
  } while (!line.failed() && line.takes(','));
  line.expect(']');
  return out;
}

void read_long(Line& line, PriceRow& row) {
  PriceRow::Long prices;
  line.table([&](std::string_view name) {
    if (name == "above") {
      prices.above = line.whole();
      return true;
    }
    return read_rate(line, name, prices.rates);
  });
  row.long_prompt = prices;
}

bool read_table(Line& line, std::string_view key, PriceRow& row) {
  if (key == "long") {
    read_long(line, row);
  } else if (key == "fast") {
    row.fast.emplace();
    line.table([&](std::string_view name) { return read_rate(line, name, *row.fast); });
  } else if (key == "geo") {
    line.table([&](std::string_view name) {
      row.geo[std::string(name)] = static_cast<std::uint32_t>(line.decimal(factor_places));
      return true;
    });
  } else {
    return false;
  }
  return true;
}

bool read_key(Line& line, std::string_view key, PriceRow& row) {
  if (read_rate(line, key, row.rates) || read_table(line, key, row)) return true;
  if (key == "provider") {
    row.provider = line.string();
  } else if (key == "models") {
    row.models = read_strings(line);
  } else if (key == "from") {
    row.from = line.day();
  } else if (key == "web_search") {
    row.web_search = line.decimal(usd_places);
  } else if (key == "same_as") {
    row.same_as = line.string();
  } else if (key == "factor") {
    row.factor = static_cast<std::uint32_t>(line.decimal(factor_places));
  } else if (key == "source") {
    row.source = line.string();
  } else if (key == "checked") {
    row.checked = line.day();
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::optional<std::vector<PriceRow>> read_plain(std::string_view text) {
  std::vector<PriceRow> rows;
  while (!text.empty()) {
    const std::string_view whole = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), whole.size() + 1));
    if (whole.empty() || whole.starts_with('#')) continue;
    if (whole == "[[prices]]") {
      rows.emplace_back();
      continue;
    }
    Line line(whole);
    const std::string_view key = line.word();
    line.expect('=');
    if (line.failed() || rows.empty() || !read_key(line, key, rows.back())) return std::nullopt;
    if (!line.at_end() || line.failed()) return std::nullopt;
  }
  return rows;
}

}  // namespace ccrelay::price
