#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "json_splice.hpp"
#include "printable.hpp"
#include "table.hpp"

namespace ccrelay::app::checks {
namespace {

constexpr std::size_t text_bytes_max = 1000;

struct Look {
  std::string_view word;   // of the JSON
  std::string_view plain;  // where no signs are shown
  std::string_view sign;
  std::string_view colour;  // of the sign, ECMA-48
};

constexpr Look looks[] = {
    {"ok", "ok   ", "✓", "32"},
    {"warning", "warn ", "!", "33"},
    {"error", "error", "✗", "31"},
    {"skipped", "skip ", "–", "2"},
};

const Look& look_of(Status status) {
  return looks[static_cast<std::size_t>(status)];
}

std::string counted(std::size_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

std::string details_of(const Finding& finding) {
  std::string out;
  for (const auto& [name, value] : finding.details) {
    out += (out.empty() ? "" : ",") + json_quoted(name) + ":" +
           json_quoted(printable(value, text_bytes_max));
  }
  return out;
}

std::string shown(const std::string& text) {
  return printable(text, text_bytes_max);
}

}  // namespace

void print_text(const Findings& found, bool marks) {
  std::size_t width = 0;
  for (const Finding& each : found.all()) width = std::max(width, each.id.size());
  for (const Finding& each : found.all()) {
    const Look& look = look_of(each.status);
    const std::string mark =
        marks ? fmt::format("\x1b[{}m{}\x1b[0m", look.colour, look.sign) : std::string(look.plain);
    fmt::print("{} {:<{}}  {}{}{}\n", mark, each.id, width, shown(each.subject),
               each.subject.empty() ? "" : ": ", shown(each.message));
    if (!each.advice.empty()) fmt::print("    {}\n", shown(each.advice));
  }
  fmt::print("{} ok, {}, {}, {} skipped\n", found.count(Status::ok),
             counted(found.count(Status::warning), "warning"),
             counted(found.count(Status::error), "error"), found.count(Status::skipped));
}

void print_json(const Findings& found, bool ok) {
  fmt::print(R"({{"schema":1,"ok":{},"counts":{{)", ok);
  for (const Status status : {Status::ok, Status::warning, Status::error, Status::skipped}) {
    fmt::print("{}\"{}\":{}", status == Status::ok ? "" : ",", look_of(status).word,
               found.count(status));
  }
  fmt::print(R"(}},"findings":[)");
  bool first = true;
  for (const Finding& each : found.all()) {
    fmt::print(R"({}{{"id":"{}","status":"{}","subject":{},"message":{},"advice":{},)",
               first ? "" : ",", each.id, look_of(each.status).word,
               json_quoted(shown(each.subject)), json_quoted(shown(each.message)),
               json_quoted(shown(each.advice)));
    fmt::print(R"("details":{{{}}}}})", details_of(each));
    first = false;
  }
  fmt::print("]}}\n");
}

}  // namespace ccrelay::app::checks
