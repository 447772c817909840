#include "observe/prometheus.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "base/utf8.hpp"

namespace ccrelay::observe {
namespace {

// A label's value between its quotes, or with `in_help` a help text: quotes need nothing there.
void append_escaped(std::string& out, std::string_view text, bool in_help = false) {
  while (!text.empty()) {
    const char c = text.front();
    std::size_t length = 1;
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && !in_help) {
      out += "\\\"";
    } else if (static_cast<unsigned char>(c) < 0x80) {
      out += c;
    } else {
      const base::CodePoint point = base::decode_utf8(text);
      length = point.length;
      point.valid ? out.append(text.substr(0, length)) : out.append("\xEF\xBF\xBD");
    }
    text.remove_prefix(length);
  }
}

// Without zeros at its end.
void append_billionths(std::string& out, std::uint64_t value) {
  constexpr std::uint64_t billion = 1'000'000'000;
  fmt::format_to(std::back_inserter(out), "{}", value / billion);
  if (value % billion == 0) return;
  fmt::format_to(std::back_inserter(out), ".{:09}", value % billion);
  while (out.back() == '0') out.pop_back();
}

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    fmt::format_to(std::back_inserter(out), "{}", value);
  }
}

}  // namespace

void Exposition::open(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name) += ' ';
  append_escaped(text_, help, true);
  text_.append("\n# TYPE ").append(name).append(" ").append(type) += '\n';
}

void Exposition::series(std::string_view suffix, Labels labels, std::string_view bound) {
  text_.append(name_).append(suffix);
  char before = '{';
  for (const Label& label : labels) {
    text_ += before;
    text_.append(label.name).append("=\"");
    append_escaped(text_, label.value);
    text_ += '"';
    before = ',';
  }
  if (!bound.empty()) {
    text_ += before;
    text_.append("le=\"").append(bound).append("\"");
    before = ',';
  }
  text_ += before == ',' ? "} " : " ";
}

void Exposition::sample(Labels labels, std::uint64_t value) {
  series({}, labels);
  fmt::format_to(std::back_inserter(text_), "{}\n", value);
}

void Exposition::sample(Labels labels, double value) {
  series({}, labels);
  append_number(text_, value);
  text_ += '\n';
}

void Exposition::sample(Labels labels, Billionths value) {
  series({}, labels);
  if (value.value < 0) text_ += '-';
  const auto magnitude = static_cast<std::uint64_t>(value.value);
  append_billionths(text_, value.value < 0 ? 0 - magnitude : magnitude);
  text_ += '\n';
}

void Exposition::buckets(Labels labels, std::span<const std::int64_t> bounds,
                         std::span<const std::uint64_t> counts, std::uint64_t sum) {
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    so_far += counts[i];
    std::string bound = "+Inf";
    if (i < bounds.size()) {
      bound.clear();
      append_billionths(bound, static_cast<std::uint64_t>(bounds[i]));
    }
    series("_bucket", labels, bound);
    fmt::format_to(std::back_inserter(text_), "{}\n", so_far);
  }
  series("_sum", labels);
  append_billionths(text_, sum);
  text_ += '\n';
  series("_count", labels);
  fmt::format_to(std::back_inserter(text_), "{}\n", so_far);
}

}  // namespace ccrelay::observe
