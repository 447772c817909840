#include <ccrelay/config_load.hpp>

#include <fmt/format.h>

#include <string>
#include <vector>

#include "claude_settings.hpp"
#include "commands.hpp"
#include "effective_config.hpp"
#include "http_get.hpp"

namespace ccrelay::app {
namespace {

// Claude Code adds `/v1/messages` to what it is given.
Result<std::string> checked_url(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  const bool scheme = url.rfind("http://", 0) == 0 || url.rfind("https://", 0) == 0;
  bool plain = scheme && url.back() != '/' && url.back() != ':';
  for (const char c : url) plain = plain && c > ' ' && c < 0x7F && c != '"';
  if (!plain) {
    return Error{ErrorCode::config,
                 "--proxy-url: an http:// or https:// URL is needed, such as "
                 "http://127.0.0.1:8787"};
  }
  if (url.size() > 3 && url.compare(url.size() - 3, 3, "/v1") == 0) {
    return Error{ErrorCode::config,
                 "--proxy-url: leave /v1 out, because Claude Code adds it by itself"};
  }
  return url;
}

void print_names(std::string_view what, const std::vector<std::string>& names) {
  for (const std::string& name : names) fmt::print("  {} env.{}\n", what, name);
}

}  // namespace

int config_cc_init(const std::string& config, const std::string& proxy_url, bool own_login) {
  const Result<Config> effective = effective_config(config);
  if (!effective) return complain(effective.error().message);
  const Result<std::string> url =
      proxy_url.empty() ? local_url(effective->server) : checked_url(proxy_url);
  if (!url) {
    complain(url.error().message);
    return proxy_url.empty() ? 1 : 2;
  }
  const Result<std::string> file = claude_settings_file(process_environment());
  if (!file) return complain(file.error().message);

  std::vector<SettingsValue> values = {{std::string(base_url_name), *url}};
  if (!own_login) values.push_back({std::string(token_name), client_token(*effective)});
  const Result<bool> changed = put_into_claude_settings(*file, values);
  if (!changed) return complain(changed.error().message);

  fmt::print("{} {}\n", *file, *changed ? "now points Claude Code at the relay:" : "is as wanted:");
  fmt::print("  env.{} = {}\n", base_url_name, *url);
  if (!own_login) fmt::print("  env.{} is set\n", token_name);
  if (*changed) fmt::print("Take it back with: cc-relay config cc remove\n");
  if (!own_login && needs_own_login(*effective)) {
    say("cc-relay: note: no provider of this configuration has a key, so requests need "
        "Claude Code's own login.\n"
        "Either configure a key, or keep that login with: cc-relay config cc init "
        "--own-login\n");
  }
  return 0;
}

int config_cc_remove() {
  const Result<std::string> file = claude_settings_file(process_environment());
  if (!file) return complain(file.error().message);
  const Result<RestoredSettings> restored = take_out_of_claude_settings(*file);
  if (!restored) return complain(restored.error().message);

  if (restored->removed.empty() && restored->restored.empty() && restored->left.empty()) {
    fmt::print("{} holds nothing that cc-relay put there\n", *file);
    return 0;
  }
  fmt::print("{}{}\n", *file, restored->empty ? " is deleted, as nothing else was in it:" : ":");
  print_names("removed", restored->removed);
  print_names("restored the earlier value of", restored->restored);
  print_names("left, because it was changed since:", restored->left);
  return 0;
}

}  // namespace ccrelay::app
