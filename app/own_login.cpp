#include "own_login.hpp"

#include <fmt/format.h>

#include <simdjson.h>

#include <chrono>
#include <optional>

#include "effective_config.hpp"
#include "http_get.hpp"

namespace ccrelay::app {
namespace {

using simdjson::dom::element;

// None when it can't be told.
std::optional<bool> has_no_key(const std::string& json) {
  simdjson::dom::parser parser;
  element root;
  simdjson::dom::array providers;
  if (parser.parse(json).get(root) || root["data"].get(providers)) return {};
  bool any = false;
  for (const element provider : providers) {
    std::string_view type;
    simdjson::dom::array keys;
    if (provider["type"].get(type) || provider["keys"].get(keys)) return {};
    if (speaks_other_api(type)) continue;
    any = true;
    if (type != "anthropic" || keys.size() > 0) return false;
  }
  return any;
}

bool all_pass_through(const Config& config) {
  bool any = false;
  for (const ProviderConfig& provider : config.providers) {
    if (!provider.enabled) continue;
    any = true;
    if (provider.credentials != Credentials::passthrough) return false;
  }
  return any;
}

}  // namespace

Result<bool> needs_own_login(const RelayContact& contact) {
  const Config& config = contact.settings.config;
  const auto answer =
      http_get(contact.place, "/v1/providers", std::chrono::seconds(5), contact.token);
  if (!answer) return answer.error();
  if (answer->status == 401) {
    if (!contact.named && contact.token.empty() && needs_own_login(config)) return true;
    return Error{
        ErrorCode::network,
        contact.token_unknown
            ? fmt::format("the relay on {} asks for a token that can't be read here; give it with "
                          "--token-file FILE:\n{}",
                          contact.place.name(), contact.settings.mistakes)
        : contact.token.empty()
            ? fmt::format("the relay on {} asks for a token; give it with --token-file FILE",
                          contact.place.name())
            : fmt::format("the relay on {} does not take this token: it goes by another "
                          "server.auth; give its token with --token-file FILE",
                          contact.place.name())};
  }
  if (!contact.token.empty()) return false;
  if (!contact.named && all_pass_through(config)) return true;
  const std::optional<bool> none = answer->status == 200 ? has_no_key(answer->body) : std::nullopt;
  return none ? *none : needs_own_login(config);
}

}  // namespace ccrelay::app
