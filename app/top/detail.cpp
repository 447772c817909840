#include <fmt/format.h>

#include <algorithm>

#include "figures.hpp"
#include "screens.hpp"
#include "states.hpp"
#include "text.hpp"

namespace ccrelay::app::top {
namespace {

// `1 zai 01c4ff3e anthropic>chat failed 502 41 ms`
std::string attempt_words(const Attempt& attempt) {
  const bool runs = attempt.outcome.empty() || attempt.outcome == "UNSPECIFIED";
  std::string out = fmt::format("{} {}", grouped(attempt.number), shown(attempt.provider));
  if (!attempt.key.empty()) out += " " + shown(attempt.key);
  if (!attempt.translated.empty()) out += " " + shown(attempt.translated);
  out += " " + (runs ? std::string("runs") : lower_case(shown(attempt.outcome)));
  if (!runs && attempt.status.value_or(0) != 0) out += fmt::format(" {}", *attempt.status);
  if (attempt.duration_us) out += " " + took(*attempt.duration_us);
  return out;
}

std::string lasted(const Request& request, std::int64_t now) {
  std::int64_t us = request.duration_us.value_or(0);
  if (request.state != "ENDED" && request.start_time) {
    us = std::max(us, (now - *request.start_time) * 1000);
  }
  if (us < 100'000'000) return fmt::format("{:.1f} s", static_cast<double>(us / 100'000) / 10);
  return age(us);
}

class Lines {
 public:
  Lines(Grid& grid, int row, int end, int left, int width)
      : grid_(grid), row_(row), end_(end), left_(left), width_(width) {}

  void add(const std::string& text, Style style = {}) {
    if (row_ < end_) grid_.put(row_++, left_ + 1, cut(text, width_ - 2), style);
  }
  /// With what does not fit in lines of their own, `indent` columns in.
  void add_whole(const std::string& text, int indent, Style style = {}) {
    std::string_view rest = text;
    int in = 0;
    indent = std::min(indent, width_ / 3);
    while (!rest.empty() && row_ < end_) {
      const std::string_view part = first_line(rest, width_ - 2 - in);
      grid_.put(row_++, left_ + 1 + in, part, style);
      rest.remove_prefix(part.size());
      in = indent;
    }
  }

 private:
  Grid& grid_;
  int row_, end_, left_, width_;
};

std::string progress_words(const Request& request, std::int64_t now) {
  std::string out = fmt::format("{} {}   in {}", state_of(request).word, lasted(request, now),
                                size(request.request_bytes));
  if (request.response_bytes.value_or(0) > 0) out += "   out " + size(request.response_bytes);
  if (request.usage.output_tokens.value_or(0) > 0) {
    out += "   tokens " + brief(request.usage.output_tokens);
  }
  out += "   attempts " + grouped(request.attempt_count);
  if (request.first_byte_us) out += "   first byte " + took(*request.first_byte_us);
  if (request.nano_usd.value_or(0) > 0) out += "   " + money(request.nano_usd);
  return out;
}

}  // namespace

void draw_detail(Grid& grid, const Model& model, int row, int end, int left, int width) {
  Lines lines(grid, row, end, left, width);
  if (!model.detail) return lines.add("asking for it");
  const Request& request = *model.detail;
  lines.add_whole(fmt::format("Request {}  {}  {}  {} {}  {}", shown(request.id),
                              shown(request.request_id), shown(request.client),
                              shown(request.method), shown(request.path), shown(request.model)),
                  2, {.bold = true});
  lines.add_whole(progress_words(request, model.now()), 2);
  if (!request.error.empty()) lines.add_whole(shown(request.error), 2, {.tint = Tint::bad});
  for (const TraceStep& step : request.trace) {
    const double ms = static_cast<double>(step.at_us.value_or(0)) / 1000;
    lines.add_whole(
        fmt::format("{:>7.1f} ms  {:<12} {}", ms, shown(step.event), shown(step.message)), 25);
  }
  if (request.trace.empty()) {
    lines.add_whole(request.traced
                        ? "no decision yet"
                        : "its decisions were not recorded: nobody watched (manage.trace)",
                    2, {.dim = true});
  }
  std::string attempts = "Attempts";
  for (const Attempt& each : request.attempts) {
    attempts += (&each == &request.attempts.front() ? "  " : "    ") + attempt_words(each);
  }
  if (!request.attempts.empty()) lines.add_whole(attempts, 10);
  for (const Attempt& each : request.attempts) {
    if (!each.detail.empty()) {
      lines.add_whole(fmt::format("{}: {}", grouped(each.number), shown(each.detail)), 2,
                      {.tint = Tint::warn});
    }
  }
}

}  // namespace ccrelay::app::top
