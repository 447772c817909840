#include "relay_report.hpp"

#include <fmt/format.h>

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "http_get.hpp"
#include "printable.hpp"

namespace ccrelay::app {
namespace {

using simdjson::dom::element;

/// A provider's line, and those of its keys and its last error below it.
struct Row {
  std::array<std::string, 4> cells;
  std::vector<std::string> details;
};

// Escaped, and no longer than anybody reads.
std::string shown_text(element from, std::string_view name) {
  constexpr std::size_t bytes_max = 1000;
  std::string_view text;
  return from[name].get(text) ? std::string() : printable(text, bytes_max);
}

// The same of a text with a line for each thing, which are lines here, too.
std::string shown_lines(element from, std::string_view name) {
  constexpr std::size_t bytes_max = 1000;  // of a line
  std::string_view text;
  if (from[name].get(text)) return {};
  std::string lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines += (lines.empty() ? "" : "\n  ") + printable(text.substr(0, end), bytes_max);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::uint64_t number_of(element from, std::string_view name) {
  std::uint64_t number = 0;
  return from[name].get(number) ? 0 : number;
}

std::string span_of(std::uint64_t ms) {
  const std::uint64_t seconds = (ms + 999) / 1000;
  if (seconds < 120) return fmt::format("{} s", seconds);
  const std::uint64_t minutes = (seconds + 59) / 60;
  if (minutes < 120) return fmt::format("{} min", minutes);
  if (minutes < 48 * 60) return fmt::format("{} h {} min", minutes / 60, minutes % 60);
  return fmt::format("{} d {} h", minutes / 60 / 24, minutes / 60 % 24);
}

// "team-a (5f1c0a9e): cooling, 12 s more for claude-x".
std::string key_of(element key) {
  std::string text = shown_text(key, "key");
  if (const auto name = shown_text(key, "name"); !name.empty()) text = name + " (" + text + ")";
  text += ": " + shown_text(key, "state");
  if (const auto rest = number_of(key, "free_in_ms"); rest > 0)
    text += ", " + span_of(rest) + " more";
  if (const auto rest = number_of(key, "asked_again_in_ms"); rest > 0) {
    text += ", asked again in " + span_of(rest);
  }
  simdjson::dom::array barred;
  if (!key["no_access"].get(barred)) {
    for (const element one : barred) text += ", no access to " + shown_text(one, "model");
  }
  simdjson::dom::array cooling;
  if (!key["cooling"].get(cooling)) {
    for (const element one : cooling) {
      const auto model = shown_text(one, "model");
      text += fmt::format(", {} more for {}", span_of(number_of(one, "free_in_ms")),
                          model.empty() ? "all models" : model);
    }
  }
  if (const auto why = shown_text(key, "why"); !why.empty()) text += ": " + why;
  return text;
}

// "of AWS profile work, 58 min left", or what is wrong with it.
std::string identity_of(element identity) {
  std::string text = "identity";
  if (const auto source = shown_text(identity, "source"); !source.empty()) text += " of " + source;
  const std::string state = shown_text(identity, "state");
  if (state == "ready") {
    if (const auto left = number_of(identity, "expires_in_ms"); left > 0) {
      text += fmt::format(", {} min left", left / 60'000);
    }
  } else if (state != "unasked") {
    text += ' ' + state;
  }
  if (const auto error = shown_text(identity, "error"); !error.empty()) text += ": " + error;
  return text;
}

std::vector<std::string> details_of(element provider) {
  std::vector<std::string> details;
  element identity;
  if (!provider["identity"].get(identity)) details.push_back(identity_of(identity));
  simdjson::dom::array keys;
  if (!provider["keys"].get(keys)) {
    for (const element key : keys) details.push_back("key " + key_of(key));
  }
  element error;
  if (!provider["last_error"].get(error)) {
    details.push_back(
        fmt::format("last error {}: {}", shown_text(error, "time"), shown_text(error, "message")));
  }
  return details;
}

// A provider beside the relay may take less than a millisecond: that is known all the same.
std::string first_byte_of(element provider) {
  std::uint64_t ms = 0;
  if (provider["first_byte_ms"].get(ms)) return "-";
  return ms > 0 ? fmt::format("{} ms", ms) : "< 1 ms";
}

Row row_of(element provider) {
  std::string words = shown_text(provider, "status");
  if (words.empty()) words = shown_text(provider, "health");  // of an older relay
  return {{shown_text(provider, "name"), std::to_string(number_of(provider, "in_flight")),
           first_byte_of(provider), std::move(words)},
          details_of(provider)};
}

std::string table_of(const std::vector<Row>& rows) {
  std::array<std::size_t, 3> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], row.cells[i].size());
    }
  }
  std::string table;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      table += fmt::format("{:<{}}  ", row.cells[i], widths[i]);
    }
    table += row.cells.back() + '\n';
    for (const std::string& detail : row.details) table += "  " + detail + '\n';
  }
  return table;
}

std::string about(element relay) {
  std::string listen;
  simdjson::dom::array addresses;
  bool tls = false;
  if (relay["tls"].get(tls)) tls = false;
  if (!relay["listen"].get(addresses)) {
    for (const element address : addresses) {
      std::string_view text;
      if (address.get(text)) continue;
      listen += listen.empty() ? "" : ", ";
      if (text.substr(0, 5) != "unix:") listen += tls ? "https://" : "http://";
      listen += printable(text);
    }
  }
  const std::string file = shown_text(relay, "configuration");
  std::string text =
      fmt::format("cc-relay {} on {}, up {}\nconfiguration: {}\n", shown_text(relay, "version"),
                  listen, span_of(number_of(relay, "uptime_ms")), file.empty() ? "built in" : file);
  element rejected;
  if (!relay["rejected"].get(rejected)) {
    text += fmt::format("  the one of before stays in use, as of {}: {}\n",
                        shown_text(rejected, "time"), shown_lines(rejected, "mistakes"));
  }
  if (const std::string ledger = shown_text(relay, "ledger"); !ledger.empty()) {
    text += fmt::format("ledger: {}\n", ledger);
  }
  if (const std::string otel = shown_text(relay, "otel"); !otel.empty()) {
    text += fmt::format("otel: {}\n", otel);
  }
  return text;
}

}  // namespace

Result<RelayReport> report_of(const std::string& page, const std::string& name) {
  simdjson::dom::parser parser;
  element root;
  element data;
  simdjson::dom::array providers;
  if (parser.parse(page).get(root) || root["data"].get(data) || data.get(providers)) {
    return Error{ErrorCode::network, fmt::format("{}: the list of providers is not one", name)};
  }
  std::vector<Row> rows{{{"PROVIDER", "IN FLIGHT", "FIRST BYTE", "STATE"}, {}}};
  for (const element provider : providers) rows.push_back(row_of(provider));
  RelayReport report;
  report.status = shown_text(root, "status");
  report.why = shown_text(root, "why");
  element relay;
  if (!root["relay"].get(relay)) {
    report.about = about(relay);
    std::uint64_t age = 0;
    std::string_view file;
    if (!relay["configuration"].get(file)) report.configuration = file;
    element rejected;
    std::string_view mistakes;
    if (!relay["rejected"].get(rejected) && !rejected["mistakes"].get(mistakes)) {
      report.rejected = mistakes;
    }
    report.ledger = shown_text(relay, "ledger");
    if (!relay["configuration_age_ms"].get(age)) {
      report.configuration_age = std::chrono::milliseconds(age);
    }
    report.json = R"("relay":)" + printable_json(std::string(simdjson::minify(relay))) + ',';
  }
  report.json += R"("providers":)" + printable_json(std::string(simdjson::minify(data)));
  if (rows.size() > 1) report.table = table_of(rows);
  return report;
}

Result<RelayReport> relay_report(const RelayPlace& place, const std::string& token,
                                 std::chrono::milliseconds timeout) {
  const auto answer = http_get(place, "/v1/providers", timeout, token);
  if (!answer) return answer.error();
  if (answer->status != 200) {
    const std::string_view what_to_do =
        answer->status != 401 ? ""
        : token.empty()       ? "; it asks for a token: give it with --token-file FILE"
                              : "; it does not take this token: write the relay's into server.auth "
                                "of this configuration, or give it with --token-file FILE";
    return Error{ErrorCode::network, fmt::format("{} answered {} when asked for its providers{}",
                                                 place.name(), answer->status, what_to_do)};
  }
  return report_of(answer->body, place.name());
}

}  // namespace ccrelay::app
