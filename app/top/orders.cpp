#include <fmt/format.h>

#include <cctype>

#include "json_splice.hpp"
#include "keys.hpp"
#include "text.hpp"

namespace ccrelay::app::top {

const std::vector<Span>& spans_of(Confirm::Verb verb) {
  static const std::vector<Span> none;
  static const std::vector<Span> disable = {
      {"until told", 0}, {"15m", 900'000}, {"1h", 3'600'000}, {"8h", 28'800'000}};
  static const std::vector<Span> drain = {
      {"5m", 300'000}, {"15m", 900'000}, {"1h", 3'600'000}, {"8h", 28'800'000}};
  switch (verb) {
    case Confirm::Verb::disable_provider:
    case Confirm::Verb::disable_key:
      return disable;
    case Confirm::Verb::drain_provider:
      return drain;
    case Confirm::Verb::cancel_request:
    case Confirm::Verb::reload:
      break;
  }
  return none;
}

std::string path_part(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        byte < 0x80 && (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~');
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return out;
}

Order order_of(const Confirm& confirm) {
  const std::string name = path_part(confirm.target);
  const std::string told = shown(confirm.target);
  const std::string reason = json_quoted(confirm.reason);
  const std::vector<Span>& spans = spans_of(confirm.verb);
  const std::int64_t ms = confirm.span < spans.size() ? spans[confirm.span].ms : 0;
  switch (confirm.verb) {
    case Confirm::Verb::disable_provider:
      return {"/providers/" + name + ":disable",
              fmt::format("{{\"reason\":{},\"ttl_ms\":{}}}", reason, ms), told + " disabled",
              told + " was disabled before"};
    case Confirm::Verb::drain_provider:
      return {"/providers/" + name + ":drain",
              fmt::format("{{\"reason\":{},\"timeout_ms\":{}}}", reason, ms), told + " drains",
              told + " drained before, or is disabled"};
    case Confirm::Verb::disable_key:
      return {"/keys/" + name + ":disable",
              fmt::format("{{\"reason\":{},\"ttl_ms\":{}}}", reason, ms),
              "key " + told + " disabled", "key " + told + " was disabled before"};
    case Confirm::Verb::cancel_request:
      return {"/requests/" + name + ":cancel", fmt::format("{{\"reason\":{}}}", reason),
              told + " cancelled", told + " had ended by itself"};
    case Confirm::Verb::reload:
      break;
  }
  return {"/config:reload", "{}", "configuration reloaded", "the configuration is as it was"};
}

}  // namespace ccrelay::app::top
