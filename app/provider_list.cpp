#include "provider_list.hpp"

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
using Row = std::array<std::string, 5>;

constexpr std::size_t text_max = 1000;

std::string text_of(element from, std::string_view name) {
  std::string_view text;
  return from[name].get(text) ? std::string() : printable(text, text_max);
}

std::uint64_t number_of(element from, std::string_view name) {
  std::uint64_t number = 0;
  return from[name].get(number) ? 0 : number;
}

std::string seconds(std::uint64_t ms) {
  return fmt::format("{} s", (ms + 999) / 1000);
}

// "5f1c0a9e", or with what keeps it from being used: "5f1c0a9e cooling 12 s".
std::string key_of(element key) {
  std::string text = text_of(key, "key");
  const std::string state = text_of(key, "state");
  if (state == "ok") return text;
  std::uint64_t rest = number_of(key, "free_in_ms");
  simdjson::dom::array cooling;
  if (!key["cooling"].get(cooling)) {
    for (const element one : cooling) rest = std::max(rest, number_of(one, "free_in_ms"));
  }
  return fmt::format("{} {} {}", text, state, seconds(rest));
}

// "identity of AWS profile work, 58 min left", or what is wrong with it.
std::string identity_of(element identity) {
  std::string text = "identity";
  if (const auto source = text_of(identity, "source"); !source.empty()) text += " of " + source;
  const std::string state = text_of(identity, "state");
  if (state == "ready") {
    if (const auto left = number_of(identity, "expires_in_ms"); left > 0) {
      text += fmt::format(", {} min left", left / 60'000);
    }
  } else if (state != "unasked") {
    text += ' ' + state;
  }
  if (const auto error = text_of(identity, "error"); !error.empty()) text += ": " + error;
  return text;
}

std::string keys_of(element provider) {
  element identity;
  if (!provider["identity"].get(identity)) return identity_of(identity);
  simdjson::dom::array keys;
  if (provider["keys"].get(keys)) return {};
  std::string text;
  for (const element key : keys) {
    if (!text.empty()) text += ", ";
    text += key_of(key);
  }
  return text.empty() ? "-" : text;
}

Row row_of(element provider) {
  std::string health = text_of(provider, "health");
  element breaker;
  if (health == "open" && !provider["breaker"].get(breaker)) {
    health += " for " + seconds(number_of(breaker, "half_open_in_ms"));
  }
  const std::uint64_t first_byte = number_of(provider, "first_byte_ms");
  return {text_of(provider, "name"), health, std::to_string(number_of(provider, "in_flight")),
          first_byte > 0 ? fmt::format("{} ms", first_byte) : "-", keys_of(provider)};
}

std::string table_of(const std::vector<Row>& rows) {
  std::array<std::size_t, 4> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string table;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      table += fmt::format("{:<{}}  ", row[i], widths[i]);
    }
    table += row.back() + '\n';
  }
  return table;
}

}  // namespace

Result<ProviderList> provider_list(const RelayPlace& place, const std::string& token,
                                   std::chrono::milliseconds timeout) {
  const auto answer = http_get(place, "/v1/providers", timeout, token);
  if (!answer) return answer.error();
  if (answer->status != 200) {
    return Error{
        ErrorCode::network,
        fmt::format("{} answered {} when asked for its providers{}", place.name(), answer->status,
                    answer->status == 401 ? "; this configuration has another "
                                            "server.auth than the relay that runs"
                                          : "")};
  }
  simdjson::dom::parser parser;
  element root;
  element data;
  simdjson::dom::array providers;
  if (parser.parse(answer->body).get(root) || root["data"].get(data) || data.get(providers)) {
    return Error{ErrorCode::network,
                 fmt::format("{}: the list of providers is not one", place.name())};
  }
  std::vector<Row> rows{{"PROVIDER", "HEALTH", "IN FLIGHT", "FIRST BYTE", "KEYS"}};
  for (const element provider : providers) rows.push_back(row_of(provider));
  return ProviderList{simdjson::minify(data), rows.size() > 1 ? table_of(rows) : std::string()};
}

}  // namespace ccrelay::app
