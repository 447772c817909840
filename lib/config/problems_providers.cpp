#include "config/address.hpp"
#include "config/clouds.hpp"
#include "config/decimal.hpp"
#include "config/error_rules.hpp"
#include "config/fields.hpp"
#include "config/own_address.hpp"
#include "config/problems.hpp"
#include "config/words.hpp"
#include "provider/types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace ccrelay::config {
namespace {

bool is_key_name(std::string_view name) {
  return name.size() <= 64 && !name.starts_with(' ') && !name.ends_with(' ') &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

/// What is wrong with one provider. Lives for the length of one check() call.
class ProviderCheck {
 public:
  ProviderCheck(std::string path, const std::string& listen, const ProviderConfig& provider,
                std::vector<Problem>& problems)
      : path_(std::move(path)),
        listen_(listen),
        provider_(provider),
        type_(provider::find_type(provider.type)),
        problems_(problems) {}

  void check(std::map<std::string_view, std::string>& names) {
    check_identity(names);
    check_addresses();
    check_models();
    check_keys();
    check_credentials();
    find_header_problems(path_ + ".headers", provider_.headers, problems_);
    check_numbers();
    find_cloud_problems(path_, provider_, problems_);
    find_error_rule_problems(path_, provider_, problems_);
  }

 private:
  void add(const std::string& key, std::string_view message) {
    const auto path = path_ + key;
    problems_.push_back({path, path + std::string(message)});
  }

  void check_identity(std::map<std::string_view, std::string>& names) {
    if (provider_.name.empty()) {
      add(".name", " is missing; give the provider a name of its own");
    } else if (!is_name(provider_.name)) {
      add(".name", fmt::format(" {} is not a name; allowed: 1 to 64 letters, digits, \".\", \"_\" "
                               "and \"-\"",
                               in_quotes(provider_.name)));
    } else if (const auto [found, is_new] = names.emplace(provider_.name, path_); !is_new) {
      add(".name", fmt::format(" {} is already used by {}; each provider needs a name of its own",
                               in_quotes(provider_.name), found->second));
    }
    if (provider_.type.empty()) {
      add(".type", " is missing; write one of: " + list_of(provider::type_names()));
    }
  }

  void check_addresses() {
    if (!provider_.base_url.empty()) {
      if (const auto wrong = problem_of_url(provider_.base_url, false); !wrong.empty()) {
        add(".base_url", wrong);
      } else if (leads_back()) {
        add(".base_url",
            fmt::format(" {} leads to server.listen {}, the relay itself: each request would come "
                        "back to it; write the provider's own address",
                        in_quotes(provider_.base_url), in_quotes(listen_)));
      }
    }
    if (!provider_.proxy.empty() && provider_.proxy != "none") {
      if (const auto wrong = problem_of_url(provider_.proxy, true); !wrong.empty()) {
        add(".proxy", wrong);
      }
    }
    if (provider_.ca_file.find('\0') != std::string::npos) {
      add(".ca_file", " contains a zero byte; remove it");
    }
  }

  void check_pattern(const std::string& key, std::string_view pattern) {
    if (const auto wrong = problem_of_pattern(pattern); !wrong.empty()) add(key, wrong);
  }

  // Behind a proxy it is another machine's address.
  bool leads_back() const {
    if (!provider_.enabled || (!provider_.proxy.empty() && provider_.proxy != "none")) return false;
    const auto listen = parse_listen(listen_);
    return listen && leads_to(provider_.base_url, *listen);
  }

  void check_models() {
    for (std::size_t i = 0; i < provider_.models.size(); ++i) {
      check_pattern(fmt::format(".models[{}]", i), provider_.models[i]);
    }
    for (const auto& [asked, sent] : provider_.model_mapping) {
      const auto key = ".model_mapping." + plain(asked);
      check_pattern(key, asked);
      if (sent.empty() || has_control(sent)) {
        add(key, " is mapped to no valid model; write the model to ask the provider for");
      }
    }
  }

  void check_keys() {
    for (std::size_t i = 0; i < provider_.keys.size(); ++i) {
      const auto& key = provider_.keys[i];
      const auto path = fmt::format(".keys[{}]", i);
      const auto text = key.key.reveal();
      if (text.empty() && provider_.enabled) {
        add(path + ".key", " is empty; give the key, or remove this entry");
      } else if (has_control(text) || text.find(' ') != text.npos) {
        add(path + ".key", " contains a blank or control character; remove it");
      }
      check_key_name(path + ".name", i);
      check_number(path + ".weight", key.weight, weight_max);
      check_number(path + ".priority", key.priority, weight_max);
      for (const auto& limit : limit_fields) {
        check_number(fmt::format("{}.{}", path, limit.key), integer_of(key.*limit.value),
                     limit_max);
      }
      check_number(path + ".max_in_flight", key.max_in_flight, in_flight_max);
    }
    if (provider_.enabled && type_ && type_->needs_key(provider_) && provider_.keys.empty()) {
      add(".keys", fmt::format(" is missing, and type {} needs a key; add [[providers.keys]] with "
                               "key = \"…\"",
                               in_quotes(provider_.type)));
    }
  }

  void check_key_name(const std::string& path, std::size_t index) {
    const auto& key = provider_.keys[index];
    if (key.name.empty()) return;
    // Names are told everywhere, and whoever mixes up the two settings must not find the key there.
    if (!key.key.empty() && key.name.find(key.key.reveal()) != std::string::npos) {
      add(path, " is the key itself; write a name that may be read in logs");
    } else if (!is_key_name(key.name)) {
      add(path, fmt::format(" {} is not a name; allowed: 1 to 64 printable ASCII characters, no "
                            "blank at either end",
                            in_quotes(key.name)));
    } else {
      for (std::size_t i = 0; i < index; ++i) {
        if (provider_.keys[i].name != key.name) continue;
        add(path, fmt::format(" {} is already used by {}.keys[{}]; each key of a provider needs a "
                              "name of its own",
                              in_quotes(key.name), path_, i));
        break;
      }
    }
  }

  void check_credentials() {
    if (provider_.type.empty()) return;
    const bool may_pass = type_ && type_->takes_client_credential;
    if (provider_.credentials == Credentials::passthrough && !may_pass) {
      add(".credentials", fmt::format(" \"passthrough\" would send the client's own credential to "
                                      "a provider of type {}; only \"anthropic\" may have it, use "
                                      "\"configured\"",
                                      in_quotes(provider_.type)));
    }
    if (provider_.credentials == Credentials::configured && may_pass && provider_.enabled &&
        provider_.keys.empty()) {
      add(".credentials", " \"configured\" needs a key; add [[providers.keys]], or use \"auto\"");
    }
  }

  void check_number(const std::string& key, std::int64_t value, std::int64_t max) {
    if (const auto wrong = out_of_range(value, 0, max); !wrong.empty()) add(key, wrong);
  }

  /// Negative is how a program says "not set here".
  void check_timeout(const std::string& key, milliseconds value, std::int64_t min) {
    if (value.count() < 0) return;
    const auto wrong = out_of_range(value.count(), min, milliseconds_max);
    if (!wrong.empty()) add(key, wrong);
  }

  void check_numbers() {
    check_number(".weight", provider_.weight, weight_max);
    check_number(".priority", provider_.priority.value_or(0), weight_max);
    check_number(".max_in_flight", provider_.max_in_flight, in_flight_max);
    if (provider_.price_factor > factor_max * 1000) {
      add(".price_factor",
          fmt::format(" {} is out of range; allowed: 0 to {}",
                      decimal_text(provider_.price_factor, factor_places), factor_max));
    }
    check_timeout(".connect_ms", provider_.connect_timeout, 1);
    check_timeout(".first_byte_ms", provider_.first_byte_timeout, 0);
    check_timeout(".stream_idle_ms", provider_.stream_idle_timeout, 1);
  }

  const std::string path_;
  const std::string& listen_;
  const ProviderConfig& provider_;
  const provider::Type* const type_;  // null: none, or one of the embedding program's
  std::vector<Problem>& problems_;
};

}  // namespace

std::string problem_of_pattern(std::string_view pattern) {
  if (pattern.empty()) {
    return " names no model; write a model, or the beginning of some and \"*\"";
  }
  if (has_control(pattern)) return " contains a control character; remove it";
  if (pattern.substr(0, pattern.size() - 1).find('*') == pattern.npos) return {};
  return fmt::format(" {} has a \"*\" that is not at its end; only there it stands for any text",
                     in_quotes(pattern));
}

void find_provider_problems(const Config& config, std::vector<Problem>& problems) {
  std::map<std::string_view, std::string> names;
  for (std::size_t i = 0; i < config.providers.size(); ++i) {
    ProviderCheck(fmt::format("providers[{}]", i), config.server.listen, config.providers[i],
                  problems)
        .check(names);
  }
  const auto& all = config.providers;
  if (all.empty() ||
      std::any_of(all.begin(), all.end(), [](const auto& provider) { return provider.enabled; })) {
    return;
  }
  bool is_told = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].missing_variable.empty()) continue;
    const std::string path = fmt::format("providers[{}].keys[0].key", i);
    problems.push_back({path, fmt::format("{}: environment variable {} has no value, and no other "
                                          "provider is there to be asked; set it",
                                          path, plain(all[i].missing_variable))});
    is_told = true;
  }
  if (!is_told) {
    problems.push_back({"providers",
                        "providers are all disabled (enabled = false), so no request could be "
                        "served; enable one"});
  }
}

}  // namespace ccrelay::config
