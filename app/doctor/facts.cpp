#include "facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <set>
#include <utility>

#include "claude_settings.hpp"
#include "config_check.hpp"
#include "effective_config.hpp"
#include "files.hpp"
#include "http_get.hpp"
#include "managed_relay.hpp"
#include "managed_report.hpp"
#include "top/json_object.hpp"

namespace ccrelay::app::checks {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Of one question to the relay.
constexpr milliseconds patience_min{1};
constexpr milliseconds patience_max{5000};

void read_config(Facts& facts) {
  const Result<std::string> path = find_config(facts.asked.config, facts.env);
  if (!path) {
    facts.not_found = path.error().message;
    return;
  }
  facts.path = *path;
  if (path->empty()) {
    facts.config = default_config(facts.env);
    return;
  }
  if (Result<Config> config = checked_config(*path, facts.env, facts.unset)) {
    facts.config = *std::move(config);
    return;
  } else {
    facts.mistakes = config.error().message;
  }
  if (auto lenient = load_config_leniently(*path, facts.env)) {
    facts.config = std::move(lenient->config);
  }
}

std::string place_of(const top::JsonObject& diagnostic) {
  const std::string file = diagnostic.text("file");
  const std::int64_t line = diagnostic.number("line").value_or(0);
  if (line == 0) return file.empty() ? file : file + ": ";
  return fmt::format("{}:{}:{}: ", file, line, diagnostic.number("column").value_or(0));
}

// Without a text it is about the file.
std::optional<Judgement> judgement_of(ManagedRelay& relay) {
  const top::Reply reply = relay.post("/config:validate");
  simdjson::dom::parser parser;
  const top::JsonObject told = top::parse(parser, reply.body);
  if (!reply.ok() || !told.is_there()) return {};
  Judgement out;
  if (!told.flag("valid")) {
    for (const top::JsonObject& each : told.list("diagnostics")) {
      if (each.word("severity", "SEVERITY_") != "ERROR") continue;
      out.mistakes += (out.mistakes.empty() ? "" : "\n") + place_of(each) + each.text("message");
    }
    if (out.mistakes.empty()) out.mistakes = "it can't be used";
  }
  for (const top::JsonObject& each : told.list("changes")) {
    const std::string words = each.text("words");
    out.changes.push_back(each.text("path") + (words.empty() ? "" : ": " + words));
  }
  return out;
}

// What clients would show the relay at `url`. The tokens of settings that lead elsewhere are
// others'.
std::set<std::string> tokens_for(const Facts& facts, const std::string& url) {
  std::set<std::string> tokens;
  if (is_same_url(facts.claude_url(), url)) {
    tokens.insert(effective_variable(facts.claude, token_name));
  }
  if (is_same_url(facts.gemini_url.value, url)) tokens.insert(facts.gemini_key.value);
  tokens.erase("");  // each has a login of its own then, or asks nobody
  const std::string codex = facts.codex.said("base_url");
  if (is_same_url(codex, url) || is_same_url(codex, url + "/v1")) {
    tokens.insert(facts.codex_token());
  }
  return tokens;
}

void ask_relay(Facts& facts) {
  if (!facts.not_found.empty()) return;
  // All questions together have the time that was asked for, however many of them hang.
  const auto end = steady_clock::now() + milliseconds(facts.asked.timeout_ms);
  const auto patience = [end] {
    return std::clamp(std::chrono::floor<milliseconds>(end - steady_clock::now()), patience_min,
                      patience_max);
  };
  auto found = find_relay({facts.asked.config, {}, {}});
  if (!found) return;
  facts.contact = *std::move(found);
  const RelayContact& contact = *facts.contact;
  if (auto meeting = meet(contact, patience())) {
    facts.meeting = *std::move(meeting);
  } else {
    facts.wants_certificate = wants_certificate(meeting.error());
  }
  if (facts.is_ours()) {
    auto report = relay_report(contact.place, contact.token, patience());
    facts.reported_at = std::chrono::system_clock::now();
    if (report) {
      facts.report = *std::move(report);
    } else {
      facts.report_refused = report.error().message;
    }
  }
  if (auto managed = ManagedRelay::find(contact, patience())) {
    managed->set_patience(patience());
    if (!facts.report) {
      if (auto report = managed_report(*managed)) facts.report = *std::move(report);
      facts.reported_at = std::chrono::system_clock::now();
      managed->set_patience(patience());
    }
    facts.judged = judgement_of(*managed);
  }
  // To our own relay alone.
  const Result<std::string> url = facts.relay_url();
  if (!facts.is_ours() || !url) return;
  for (const std::string& token : tokens_for(facts, *url)) {
    const auto models = http_get(contact.place, "/v1/models", patience(), token);
    if (models) facts.tokens_taken[token] = models->status != 401 && models->status != 403;
  }
}

// A configuration that can't be read in full may lead to another host than is meant: its keys are
// not sent anywhere.
std::string why_unasked(const Facts& facts) {
  if (!facts.not_found.empty()) return "there is no configuration";
  if (!facts.mistakes.empty()) return "the configuration has mistakes";
  if (!facts.unset.empty()) return "the running relay has variables that are not set here";
  return {};
}

void read_clients(Facts& facts) {
  facts.folder = current_folder();
  facts.claude = claude_sources(facts.env, facts.folder);
  facts.codex = read_codex_settings(facts.env);
  facts.gemini_dotenv = gemini_dotenv_file(facts.env, facts.folder);
  facts.gemini_url = gemini_variable(facts.env, facts.gemini_dotenv, gemini_url_name);
  facts.gemini_key = gemini_variable(facts.env, facts.gemini_dotenv, gemini_key_name);
}

void ask_providers(Facts& facts) {
  facts.providers_unasked = why_unasked(facts);
  if (!facts.providers_unasked.empty()) return;
  ProviderCheckOptions options;
  options.timeout = milliseconds(facts.asked.timeout_ms);
  options.offline = facts.asked.offline;
  options.only = facts.asked.provider;
  auto found = check_providers(facts.config, options);
  if (found) {
    facts.providers = *std::move(found);
  } else {
    facts.providers_unasked = found.error().message;
  }
}

}  // namespace

Result<Facts> gather(const DoctorOptions& asked) {
  Facts facts;
  facts.asked = asked;
  facts.env = process_environment();
  facts.now = std::chrono::system_clock::now();
  read_config(facts);
  const auto& providers = facts.config.providers;
  const bool known = asked.provider.empty() || !facts.not_found.empty() ||
                     std::any_of(providers.begin(), providers.end(), [&](const auto& one) {
                       return one.name == asked.provider && one.enabled;
                     });
  if (!known) {
    return Error{ErrorCode::config, fmt::format("--provider {}: no provider that is enabled has "
                                                "that name",
                                                asked.provider)};
  }
  read_clients(facts);

  // Each fills in members of its own.
  auto relay = std::async(std::launch::async, [&facts] { ask_relay(facts); });
  const auto version_of = [timeout = milliseconds(asked.timeout_ms)](const char* program) {
    return std::async(std::launch::async,
                      [timeout, program] { return installed_version(program, timeout); });
  };
  auto claude = version_of("claude");
  auto codex = version_of("codex");
  auto gemini = version_of("gemini");
  ask_providers(facts);
  relay.get();
  facts.claude_version = claude.get();
  facts.codex_version = codex.get();
  facts.gemini_version = gemini.get();
  return facts;
}

bool Facts::may_take(const std::string& token) const {
  if (const auto asked_of = tokens_taken.find(token); asked_of != tokens_taken.end()) {
    return asked_of->second;
  }
  if (!contact) return true;
  const AuthConfig& auth = config.server.auth;
  if (token.empty()) {
    return contact->token.empty() && !contact->token_unknown && auth.clients.empty() &&
           !auth.allow_subscription;
  }
  // Without a running relay to ask, a client's own may be known by its hash alone.
  return !auth.clients.empty() || contact->token.empty() || token == contact->token;
}

std::string Facts::claude_url() const {
  std::string url = effective_variable(claude, base_url_name);
  for (const ClaudeSource& source : claude) {
    if (source.kind != ClaudeSource::Kind::managed) continue;
    if (std::string here = source.variable(base_url_name); !here.empty()) url = std::move(here);
  }
  return url;
}

std::string Facts::codex_token() const {
  const std::string variable = codex.said("env_key");
  return variable.empty() ? codex.said("experimental_bearer_token") : env(variable).value_or("");
}

Result<std::string> Facts::relay_url() const {
  if (contact) return local_url(contact->place);
  return Error{ErrorCode::config, "the relay's address is not known"};
}

}  // namespace ccrelay::app::checks
