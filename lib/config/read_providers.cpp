#include "config/clouds.hpp"
#include "config/error_rules.hpp"
#include "config/fields.hpp"
#include "config/own_settings.hpp"
#include "config/read.hpp"
#include "config/refusal.hpp"
#include "config/words.hpp"
#include "provider/types.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

namespace ccrelay::config {
namespace {

/// As it would be written again; nothing for what no quirk can be.
std::optional<std::string> plain_toml(const Value& value) {
  switch (value.kind) {
    case Kind::string:
      return toml_string(value.text);
    case Kind::integer:
      return fmt::format("{}", value.integer);
    case Kind::boolean:
      return value.boolean ? "true" : "false";
    case Kind::array: {
      std::string out;
      for (const Value& item : value.items) {
        if (item.kind != Kind::string) return std::nullopt;
        out += (out.empty() ? "" : ", ") + toml_string(item.text);
      }
      return '[' + out + ']';
    }
    case Kind::table:
    case Kind::real:
    case Kind::moment:
      break;
  }
  return std::nullopt;
}

void read_type(TableReader& reader, const ProviderTypes& own, ProviderConfig& provider) {
  const auto type = reader.string("type");
  if (!type || type->empty()) return;
  provider.type = *type;
  if (provider::find_type(*type) || own.contains(*type)) return;
  auto names = provider::type_names();
  for (const auto& [name, extension] : own) names.emplace_back(name);
  reader.complain(reader.take("type")->value.at, "type", unknown_word(*type, names));
}

void read_credentials(TableReader& reader, ProviderConfig& provider) {
  const auto word = reader.string("credentials");
  if (!word) return;
  if (*word == "auto") {
    provider.credentials = Credentials::automatic;
  } else if (*word == "configured") {
    provider.credentials = Credentials::configured;
  } else if (*word == "passthrough") {
    provider.credentials = Credentials::passthrough;
  } else {
    reader.complain(reader.take("credentials")->value.at, "credentials",
                    unknown_word(*word, {"auto", "configured", "passthrough"}));
  }
}

KeyConfig read_key(const Value& table, const std::string& path, Findings& findings) {
  TableReader reader(table, path, findings);
  KeyConfig key;
  if (auto text = reader.string("key")) key.key = Secret(*std::move(text));
  if (auto name = reader.string("name")) key.name = *std::move(name);
  // 0 is the older relay's way to say "the default".
  if (const auto weight = reader.integer("weight", 0, weight_max); weight.value_or(0) > 0) {
    key.weight = static_cast<int>(*weight);
  }
  if (const auto priority = reader.integer("priority", 0, weight_max)) {
    key.priority = static_cast<int>(*priority);
  }
  for (const auto& limit : limit_fields) {
    if (const auto value = reader.integer(limit.key, 0, limit_max)) {
      key.*limit.value = static_cast<std::uint64_t>(*value);
    }
  }
  if (const auto requests = reader.integer("max_in_flight", 0, in_flight_max)) {
    key.max_in_flight = static_cast<int>(*requests);
  }
  reader.finish();
  return key;
}

/// A key that is to be had from a variable alone, which has no value here.
struct AbsentKey {
  Position at;
  std::string path;
  std::string variable;
};

std::string absent_variable(const Value& key) {
  for (const Member& member : key.members) {
    if (member.key == "key") return member.value.absent;
  }
  return {};
}

/// `${VAR:-}` says that the key may be missing: the others do without it, and so does the relay
/// without its provider. A misspelt `${VAR}` is a mistake all the same.
void leave_out(const std::vector<AbsentKey>& absent, ProviderConfig& provider, Findings& findings) {
  const bool is_last = provider.keys.empty();
  if (is_last && !absent.empty()) {
    provider.enabled = false;
    provider.missing_variable = absent.front().variable;
  }
  for (const AbsentKey& key : absent) {
    findings.warnings.push_back(
        {key.at, fmt::format("{}.key: environment variable {} has no value, so {} is left out; set "
                             "it where the relay is started",
                             key.path, plain(key.variable),
                             is_last ? "provider " + in_quotes(provider.name) : "this key")});
  }
}

void read_keys(TableReader& reader, ProviderConfig& provider, Findings& findings) {
  std::vector<AbsentKey> absent;
  const auto* array = reader.array("keys", Kind::table, "an array of tables ([[providers.keys]])");
  if (array == nullptr) return;
  for (std::size_t i = 0; i < array->items.size(); ++i) {
    const auto path = reader.path_of(fmt::format("keys[{}]", i));
    auto key = read_key(array->items[i], path, findings);
    // Anthropic's clients bring their own credential, at a cloud the relay may have an identity,
    // and a provider that is off needs none.
    const auto* type = provider::find_type(provider.type);
    const bool may_be_empty =
        !provider.enabled ||
        (type && type->auth != provider::Type::Auth::none && !type->needs_key(provider));
    // One that can't be read here is a key all the same.
    const bool left_empty = key.key.empty() && findings.places.contains(path + ".key") &&
                            !findings.complained.contains(path + ".key");
    if (left_empty && may_be_empty) continue;
    if (auto variable = absent_variable(array->items[i]); left_empty && !variable.empty()) {
      absent.push_back({findings.places[path + ".key"], path, std::move(variable)});
      continue;
    }
    provider.keys.push_back(std::move(key));
  }
  leave_out(absent, provider, findings);
}

void read_models(TableReader& reader, ProviderConfig& provider) {
  if (const auto* array = reader.array("models", Kind::string, "an array of strings")) {
    for (const auto& item : array->items) provider.models.push_back(item.text);
  }
  provider.model_mapping = reader.mapping("model_mapping");
}

void read_headers(TableReader& reader, ProviderConfig& provider, Findings& findings) {
  const auto* headers = reader.table("headers");
  if (headers == nullptr) return;
  TableReader inner(*headers, reader.path_of("headers"), findings);
  for (const auto& member : headers->members) {
    if (auto value = inner.string(member.key)) {
      provider.headers.emplace_back(member.key, Secret(*std::move(value)));
    }
  }
}

void read_numbers(TableReader& reader, ProviderConfig& provider) {
  if (const auto weight = reader.integer("weight", 0, weight_max)) {
    provider.weight = static_cast<int>(*weight);
  }
  if (const auto priority = reader.integer("priority", 0, weight_max)) {
    provider.priority = static_cast<int>(*priority);  // 0 as well
  }
  if (const auto requests = reader.integer("max_in_flight", 0, in_flight_max)) {
    provider.max_in_flight = static_cast<int>(*requests);
  }
  if (const auto factor = reader.decimal("price_factor", factor_places, factor_max)) {
    provider.price_factor = static_cast<std::uint32_t>(*factor);
  }
  if (const auto value = reader.integer("connect_ms", 1, milliseconds_max)) {
    provider.connect_timeout = milliseconds(*value);
  }
  if (const auto value = reader.integer("first_byte_ms", 0, milliseconds_max)) {
    provider.first_byte_timeout = milliseconds(*value);
  }
  if (const auto value = reader.integer("stream_idle_ms", 1, milliseconds_max)) {
    provider.stream_idle_timeout = milliseconds(*value);
  }
}

void read_pool_strategy(TableReader& pooling, ProviderConfig& provider) {
  const auto word = pooling.string("strategy");
  if (!word || word->empty()) return;
  std::vector<std::string_view> words;
  for (const auto& [name, strategy] : pool_strategies) {
    if (name == *word) {
      provider.pool_strategy = strategy;
      return;
    }
    words.push_back(name);
  }
  pooling.complain(pooling.take("strategy")->value.at, "strategy", unknown_word(*word, words));
}

void read_pooling(TableReader& reader, ProviderConfig& provider, Findings& findings) {
  const auto* pooling = reader.table("pooling");
  if (pooling == nullptr) return;
  TableReader inner(*pooling, reader.path_of("pooling"), findings);
  // Every provider's keys form a pool, as several did in the older relay whatever this said.
  (void)inner.boolean("enabled");
  read_pool_strategy(inner, provider);
  inner.finish();
}

void read_cloud_fields(TableReader& reader, ProviderConfig& provider) {
  for (const CloudField& field : cloud_fields()) {
    auto value = reader.string(field.key);
    if (!value) continue;
    if (field.text) {
      provider.*field.text = *std::move(value);
    } else {
      provider.*field.secret = Secret(*std::move(value));
    }
  }
  reader.later("azure_deployment_id",
               "a deployment is a model's name there; write it in providers.model_mapping");
}

void read_dialect_fields(TableReader& reader, ProviderConfig& provider, Findings& findings) {
  if (auto api = reader.string("api"); api && !api->empty()) provider.api = *std::move(api);
  if (auto profile = reader.string("profile"); profile && !profile->empty()) {
    provider.profile = *std::move(profile);
  }
  if (auto version = reader.string("azure_api_version")) {
    provider.azure_api_version = *std::move(version);
  }
  if (auto model = reader.string("answer_model"); model && !model->empty()) {
    provider.answer_model = *std::move(model);
  }
  if (const auto most = reader.integer("max_output_tokens", 0, output_tokens_max)) {
    provider.max_output_tokens = static_cast<std::uint64_t>(*most);
  }
  if (const auto* quirks = reader.table("quirks")) {
    TableReader inner(*quirks, reader.path_of("quirks"), findings);
    for (const Member& member : quirks->members) {
      inner.take(member.key);
      if (auto text = plain_toml(member.value)) {
        provider.quirks[member.key] = *std::move(text);
      } else if (!member.value.unusable) {
        inner.complain(member.value.at, member.key,
                       " is neither a string, a whole number, true, false nor a list of strings");
      }
    }
  }
}

void read_unsupported(TableReader& reader, ProviderConfig& provider, Findings& findings) {
  const auto* array =
      reader.array("unsupported", Kind::table, "an array of tables ([[providers.unsupported]])");
  if (array == nullptr) return;
  for (std::size_t i = 0; i < array->items.size(); ++i) {
    TableReader inner(array->items[i], reader.path_of(fmt::format("unsupported[{}]", i)), findings);
    UnsupportedConfig rule;
    rule.models = inner.strings("models");
    rule.betas = inner.strings("betas");
    rule.fields = inner.strings("fields");
    inner.finish();
    provider.unsupported.push_back(std::move(rule));
  }
}

}  // namespace

ProviderConfig read_provider(const Value& table, const std::string& path, const ProviderTypes& own,
                             Findings& findings) {
  TableReader reader(table, path, findings);
  ProviderConfig provider;
  provider.place = reader.place(table.at);
  if (auto name = reader.string("name")) provider.name = *std::move(name);
  read_type(reader, own, provider);
  provider.enabled = reader.boolean("enabled").value_or(true);
  if (auto url = reader.string("base_url")) provider.base_url = *std::move(url);
  read_models(reader, provider);
  read_keys(reader, provider, findings);
  read_numbers(reader, provider);
  read_credentials(reader, provider);
  read_headers(reader, provider, findings);
  if (auto proxy = reader.string("proxy")) provider.proxy = *std::move(proxy);
  if (auto file = reader.string("ca_file")) provider.ca_file = *std::move(file);
  read_pooling(reader, provider, findings);
  reader.later(
      "http2",
      "providers are asked over HTTP/1.1, one request at a time on a connection, so that no stream "
      "holds up another request");
  read_cloud_fields(reader, provider);
  read_dialect_fields(reader, provider, findings);
  read_unsupported(reader, provider, findings);
  read_error_rules(reader, provider, findings);
  if (const auto found = own.find(provider.type); found != own.end()) {
    const auto owner = "type " + in_quotes(found->first);
    provider.settings =
        read_own_settings(reader, {owner, found->second.settings, found->second.takes_others});
  }
  reader.finish();
  return provider;
}

}  // namespace ccrelay::config
