#include "report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "json_splice.hpp"

namespace ccrelay::app::contract {
namespace {

constexpr std::size_t id_width = 18;  // of the longest
constexpr std::string_view outcomes[] = {"pass", "fail", "skip"};

std::string_view word_of(Outcome outcome) {
  return outcomes[static_cast<std::size_t>(outcome)];
}
std::string_view word_of(Level level) {
  return level == Level::must ? "MUST" : "SHOULD";
}

std::string in_xml(std::string_view text) {
  std::string out;
  for (const char each : text) {
    switch (each) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += each;
    }
  }
  return out;
}

}  // namespace

std::size_t Report::count(Outcome outcome) const {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [outcome](const Finding& each) { return each.verdict.outcome == outcome; }));
}

bool Report::ok() const {
  return std::none_of(findings.begin(), findings.end(), [](const Finding& each) {
    return each.check->level == Level::must && each.verdict.outcome == Outcome::fail;
  });
}

void print_text(const Report& report) {
  for (const Finding& each : report.findings) {
    const Verdict& verdict = each.verdict;
    const std::string_view id = each.check->id;
    std::string line =
        fmt::format("{}  {:<6}  {}", word_of(verdict.outcome), word_of(each.check->level), id);
    const std::string_view more = verdict.outcome == Outcome::fail ? each.check->clause
                                  : verdict.outcome == Outcome::skip
                                      ? std::string_view(verdict.detail)
                                      : std::string_view();
    if (!more.empty()) line += fmt::format("{:<{}}  {}", "", id_width - id.size(), more);
    fmt::print("{}\n", line);
    if (verdict.outcome == Outcome::fail) fmt::print("    {}\n", verdict.detail);
  }
  fmt::print("{} passed, {} failed, {} skipped\n", report.count(Outcome::pass),
             report.count(Outcome::fail), report.count(Outcome::skip));
}

void print_json(const Report& report) {
  fmt::print(R"({{"schema":1,"url":{},"ok":{},"counts":{{"pass":{},"fail":{},"skip":{}}},)",
             json_quoted(report.url), report.ok(), report.count(Outcome::pass),
             report.count(Outcome::fail), report.count(Outcome::skip));
  fmt::print(R"("checks":[)");
  bool first = true;
  for (const Finding& each : report.findings) {
    fmt::print(R"({}{{"id":"{}","level":"{}","verdict":"{}","clause":{},"detail":{}}})",
               first ? "" : ",", each.check->id, word_of(each.check->level),
               word_of(each.verdict.outcome), json_quoted(std::string(each.check->clause)),
               json_quoted(each.verdict.detail));
    first = false;
  }
  fmt::print("]}}\n");
}

std::string junit(const Report& report) {
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites>\n<testsuite name=\"cc-relay conformance\" tests=\"{}\" failures=\"{}\" "
      "errors=\"0\" skipped=\"{}\">\n",
      report.findings.size(), report.count(Outcome::fail), report.count(Outcome::skip));
  for (const Finding& each : report.findings) {
    const std::string_view id = each.check->id;
    out += fmt::format("<testcase classname=\"conformance.{}\" name=\"{}\"",
                       id.substr(0, id.find('.')), id);
    const std::string detail = in_xml(each.verdict.detail);
    if (each.verdict.outcome == Outcome::fail) {
      out += fmt::format("><failure type=\"{}\" message=\"{}\">{}</failure></testcase>\n",
                         word_of(each.check->level), in_xml(each.check->clause), detail);
    } else if (each.verdict.outcome == Outcome::skip) {
      out += fmt::format("><skipped message=\"{}\"/></testcase>\n", detail);
    } else {
      out += "/>\n";
    }
  }
  return out + "</testsuite>\n</testsuites>\n";
}

}  // namespace ccrelay::app::contract
