#include "claude_overrides.hpp"

#include <algorithm>
#include <utility>

#include "claude_settings.hpp"
#include "client_proxy.hpp"
#include "json_splice.hpp"
#include "relay_place.hpp"

namespace ccrelay::app {
namespace {

constexpr std::string_view option = "--settings";
constexpr std::string_view joined_option = "--settings=";
constexpr std::string_view api_key_name = "ANTHROPIC_API_KEY";
constexpr std::string_view helper_name = "apiKeyHelper";

bool is_joined(const std::string& word) {
  return word.compare(0, joined_option.size(), joined_option) == 0;
}

bool has_proxy(const std::vector<ClaudeSource>& sources) {
  for (const std::string_view name : proxy_variables) {
    if (!effective_variable(sources, name).empty()) return true;
  }
  return false;
}

// Whether the address is Anthropic's own, or the relay's.
bool is_vendors_or(const std::string& url, const std::string& base) {
  const HostAndPort there = host_and_port(base);
  const HostAndPort relay = host_and_port(url);
  const bool same_host =
      there.host == relay.host || (is_loopback(there.host) && is_loopback(relay.host));
  return there.host == "api.anthropic.com" || (same_host && there.port == relay.port);
}

// The credentials that came with another address belong to that one, and what `config cc init` puts
// in place of a token is no login.
void drop_foreign_credentials(ClaudeOverrides& out, const std::string& url,
                              const std::vector<ClaudeSource>& sources) {
  bool token = effective_variable(sources, token_name) == placeholder_token;
  bool key = false;
  for (const ClaudeSource& source : sources) {
    if (source.kind == ClaudeSource::Kind::managed) continue;
    const std::string base = source.variable(base_url_name);
    if (base.empty() || is_vendors_or(url, base)) continue;
    token = token || !source.variable(token_name).empty();
    key = key || !source.variable(api_key_name).empty();
    out.no_api_key_helper = out.no_api_key_helper || !source.api_key_helper().empty();
  }
  if (token) out.env.push_back({std::string(token_name), ""});
  if (key) out.env.push_back({std::string(api_key_name), ""});
}

Result<std::string> without_helper(std::string text) {
  const Result<JsonObject> root = read_root(text);
  if (!root) return root.error();
  const JsonMember* member = root->find(helper_name);
  return member != nullptr ? with_value(text, *member, "\"\"")
                           : with_member(text, *root, helper_name, "\"\"", layout_of(text, *root));
}

}  // namespace

ClaudeOverrides overrides_for(const std::string& url, const std::string& token,
                              const std::string& certificates, bool direct,
                              const std::vector<ClaudeSource>& sources) {
  ClaudeOverrides out;
  out.env.push_back({std::string(base_url_name), url});
  for (const std::string_view name : claude_switches()) out.env.push_back({std::string(name), ""});
  if (token.empty()) {
    drop_foreign_credentials(out, url, sources);
  } else {
    out.env.push_back({std::string(token_name), token});
    // Two credentials at once make Claude Code ask which one is meant.
    out.env.push_back({std::string(api_key_name), ""});
    out.no_api_key_helper = true;
    const std::string headers = effective_variable(sources, custom_headers_name);
    if (std::string kept = without_credentials(headers); kept.size() != headers.size()) {
      out.env.push_back({std::string(custom_headers_name), std::move(kept)});
    }
  }
  if (!certificates.empty()) out.env.push_back({"NODE_EXTRA_CA_CERTS", certificates});
  if (direct && has_proxy(sources)) {
    for (const char* name : {"NO_PROXY", "no_proxy"}) {
      out.env.push_back({name, with_host_of(effective_variable(sources, name), url)});
    }
  }
  return out;
}

Result<std::string> with_overrides(std::string_view settings, const ClaudeOverrides& overrides) {
  Result<EditedSettings> edited = claude_format().put(settings, overrides.env);
  if (!edited) return edited.error();
  if (!overrides.no_api_key_helper) return edited->text;
  return without_helper(std::move(edited->text));
}

std::optional<std::string> settings_argument(const std::vector<std::string>& arguments) {
  std::optional<std::string> found;
  for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    if (is_joined(arguments[i])) {
      found = arguments[i].substr(joined_option.size());
    } else if (arguments[i] == option && i + 1 < arguments.size()) {
      found = arguments[++i];
    }
  }
  return found;
}

std::vector<std::string> with_settings_argument(const std::vector<std::string>& arguments,
                                                const std::string& file) {
  std::vector<std::string> out = arguments;
  bool replaced = false;
  for (std::size_t i = 0; i < out.size() && out[i] != "--"; ++i) {
    if (is_joined(out[i])) {
      out[i] = std::string(joined_option) + file;
      replaced = true;
    } else if (out[i] == option && i + 1 < out.size()) {
      out[++i] = file;
      replaced = true;
    }
  }
  if (!replaced) out.insert(out.begin(), {std::string(option), file});
  return out;
}

}  // namespace ccrelay::app
