#include "config/fields.hpp"
#include "config/problems.hpp"
#include "config/words.hpp"
#include "sign/digests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace ccrelay::config {
namespace {

constexpr std::size_t clients_max = 10'000;
// Of random letters and digits that is beyond guessing.
constexpr std::size_t client_key_min = 16;
constexpr std::int64_t nano_in_usd = 1'000'000'000;
// What those are called in log, figures and ledger who have no name of their own. What `unknown`
// ones ask is not written: a client of that name would have no budget.
constexpr std::array<std::string_view, 5> reserved_names{"default", "subscription", "anonymous",
                                                         "other", "unknown"};

bool is_sha256(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

/// Which secret opens what, by its digest: each may do so for one alone.
class Secrets {
 public:
  void note(const Secret& secret, std::string owner) {
    if (!secret.empty()) owners_.try_emplace(digest(secret), std::move(owner));
  }
  /// Who had it before; empty when nobody else.
  std::string taken_from(std::string digest, const std::string& owner) {
    const auto [found, is_new] = owners_.try_emplace(std::move(digest), owner);
    return found->second == owner ? std::string() : found->second;
  }
  static std::string digest(const Secret& secret) {
    return sign::hex(sign::sha256(secret.reveal()));
  }

 private:
  std::map<std::string, std::string> owners_;
};

/// What is wrong with one client. Lives for the length of one check() call.
class ClientCheck {
 public:
  ClientCheck(std::size_t index, const Config& config, std::vector<Problem>& problems)
      : path_(fmt::format("server.auth.clients[{}]", index)),
        client_(config.server.auth.clients[index]),
        config_(config),
        problems_(problems) {}

  void check(std::map<std::string_view, std::string>& names, Secrets& secrets) {
    check_name(names);
    check_keys(secrets);
    check_hashes(secrets);
    for (std::size_t i = 0; i < client_.models.size(); ++i) {
      const auto wrong = problem_of_pattern(client_.models[i]);
      if (!wrong.empty()) add(fmt::format(".models[{}]", i), wrong);
    }
    check_providers();
    check_limits();
    check_budgets();
  }

 private:
  void add(const std::string& key, std::string_view message) {
    const auto path = path_ + key;
    problems_.push_back({path, path + std::string(message)});
  }
  /// Of one that may stand there alone, without brackets.
  void add(std::string_view key, std::size_t index, std::size_t count, std::string_view message) {
    const auto path = fmt::format("{}.{}[{}]", path_, key, index);
    problems_.push_back(
        {path, (count == 1 ? fmt::format("{}.{}", path_, key) : path) + std::string(message)});
  }

  void check_name(std::map<std::string_view, std::string>& names) {
    if (client_.name.empty()) {
      add(".name", " is missing; give the client a name of its own");
    } else if (!is_name(client_.name)) {
      add(".name", fmt::format(" {} is not a name; allowed: 1 to 64 letters, digits, \".\", \"_\" "
                               "and \"-\"",
                               in_quotes(client_.name)));
    } else if (std::find(reserved_names.begin(), reserved_names.end(), client_.name) !=
               reserved_names.end()) {
      add(".name", fmt::format(" {} means clients without a name of their own; write another one",
                               in_quotes(client_.name)));
    } else if (const auto [found, is_new] = names.emplace(client_.name, path_); !is_new) {
      add(".name", fmt::format(" {} is already used by {}; each client needs a name of its own",
                               in_quotes(client_.name), found->second));
    }
  }

  void check_keys(Secrets& secrets) {
    if (client_.keys.empty() && client_.key_hashes.empty() && client_.enabled) {
      add(".key", " is missing; write key = \"${VARIABLE}\", or key_sha256 = \"…\"");
    }
    const auto count = client_.keys.size();
    for (std::size_t i = 0; i < count; ++i) {
      const auto text = client_.keys[i].reveal();
      if (text.empty()) {
        add("key", i, count, " is empty; give the key, or remove this client");
      } else if (has_control(text) || text.find(' ') != text.npos) {
        add("key", i, count, " contains a blank or control character; remove it");
      } else if (text.size() < client_key_min) {
        add("key", i, count,
            fmt::format(" has fewer than {} characters and could be guessed; write a longer one",
                        client_key_min));
      } else {
        check_alone("key", i, count, Secrets::digest(client_.keys[i]), secrets);
      }
    }
  }

  void check_hashes(Secrets& secrets) {
    const auto count = client_.key_hashes.size();
    for (std::size_t i = 0; i < count; ++i) {
      const auto text = client_.key_hashes[i].reveal();
      if (is_sha256(text)) {
        check_alone("key_sha256", i, count, std::string(text), secrets);
      } else {
        add("key_sha256", i, count,
            " is no SHA-256; write the 64 hexadecimal digits that sha256sum makes of the key, or "
            "the key itself as key");
      }
    }
  }

  void check_alone(std::string_view key, std::size_t index, std::size_t count, std::string digest,
                   Secrets& secrets) {
    const auto owner = secrets.taken_from(std::move(digest), path_);
    if (owner.empty()) return;
    add(key, index, count,
        fmt::format(" is the same secret as that of {}; give the client one of its own", owner));
  }

  void check_providers() {
    std::vector<std::string_view> names;
    for (const auto& provider : config_.providers) {
      if (!provider.name.empty()) names.emplace_back(provider.name);
    }
    for (std::size_t i = 0; i < client_.providers.size(); ++i) {
      const auto& name = client_.providers[i];
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      add(fmt::format(".providers[{}]", i),
          fmt::format(" {} is no configured provider; {}", in_quotes(name),
                      names.empty() ? "add it to [[providers]]" : suggestion(name, names)));
    }
  }

  void check_number(const std::string& key, std::int64_t value, std::int64_t max) {
    if (const auto wrong = out_of_range(value, 0, max); !wrong.empty()) add(key, wrong);
  }

  void check_limits() {
    for (const auto& limit : client_limit_fields) {
      check_number(fmt::format(".{}", limit.key), integer_of(client_.*limit.value), limit_max);
    }
    check_number(".max_in_flight", client_.max_in_flight, in_flight_max);
  }

  void check_budgets() {
    for (const auto& budget : budget_fields) {
      const auto& nano_usd = client_.*budget.nano_usd;
      if (!nano_usd) continue;
      const auto key = fmt::format(".{}", budget.key);
      if (*nano_usd < 0 || *nano_usd > budget_max * nano_in_usd) {
        add(key, fmt::format(" is out of range; allowed: 0 to {}", budget_max));
      }
      // Who writes that it is not required knows.
      if (config_.ledger.enabled || config_.ledger.required.has_value()) continue;
      const auto path = path_ + key;
      problems_.push_back(
          {path,
           path + " needs the ledger, which is off: after a restart nobody would know what was "
                  "spent; set ledger.enabled = true, or ledger.required = false to begin at 0 each "
                  "time",
           "ledger"});
    }
  }

  const std::string path_;
  const ClientConfig& client_;
  const Config& config_;
  std::vector<Problem>& problems_;
};

}  // namespace

void find_client_problems(const Config& config, std::vector<Problem>& problems) {
  const AuthConfig& auth = config.server.auth;
  const auto count = auth.clients.size();
  if (count > clients_max) {
    problems.push_back(
        {"server.auth.clients",
         fmt::format("server.auth.clients are {}; at most {} are allowed", count, clients_max)});
  }
  Secrets secrets;
  secrets.note(auth.api_key, "server.auth.api_key");
  secrets.note(auth.bearer_secret, "server.auth.bearer_secret");
  secrets.note(config.metrics.bearer_secret, "metrics.bearer_secret");
  std::map<std::string_view, std::string> names;
  for (std::size_t i = 0; i < std::min(count, clients_max); ++i) {
    ClientCheck(i, config, problems).check(names, secrets);
  }
}

}  // namespace ccrelay::config
