#pragma once

#include <ccrelay/config_load.hpp>

#include <map>
#include <string>

namespace ccrelay::test {

/// An environment of just these variables.
inline Environment variables(std::map<std::string, std::string> values = {}) {
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(std::string(name));
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

/// What parse_config says about a text, or "ok".
inline std::string said_about(std::string_view toml, const Environment& env = variables()) {
  const auto config = parse_config(toml, "c.toml", env);
  return config ? "ok" : config.error().message;
}

}  // namespace ccrelay::test
