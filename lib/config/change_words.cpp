#include "config/change_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "config/named.hpp"
#include "config/shown_settings.hpp"

namespace ccrelay::config {
namespace {

/// Knows both, and says of each change what it was and is.
class ChangeWords {
 public:
  ChangeWords(const Config& before, const Config& after) : before_(before), after_(after) {}

  void say(std::vector<ConfigChange>& changes) const {
    const ShownSettings before(before_);
    const ShownSettings after(after_);
    for (ConfigChange& change : changes) {
      change.old_value = before.toml_of(change.key);
      change.new_value = after.toml_of(change.key);
      change.words = provider_words(change.key);
      if (change.words.empty()) change.words = client_words(change.key);
      if (change.key == "manage.auth.tokens") change.words = token_words();
      if (!change.words.empty()) continue;
      const std::string was = before.of(change.key);
      const std::string is = after.of(change.key);
      if (was.empty() && is.empty()) continue;
      if (was == is && change.key == "pricing.prices_file") {
        change.words = "other prices in " + is;
        continue;
      }
      if (was == is && change.key == "translation.profiles_file") {
        change.words = "other profiles in " + is;
        continue;
      }
      change.words = fmt::format("{} → {}", was.empty() ? "unset" : was, is.empty() ? "unset" : is);
    }
  }

 private:
  /// What is called NAME in one of the two alone, `SECTION.NAME`.
  template <class Named>
  static std::string_view come_or_gone(std::string_view name, const std::vector<Named>& before,
                                       const std::vector<Named>& after) {
    const bool was = find_named(before, name) != nullptr;
    const bool is = find_named(after, name) != nullptr;
    return was == is ? "" : was ? "removed" : "added";
  }

  static std::string count_words(int added, int removed) {
    return fmt::format("+{} -{}", added, removed);
  }

  /// Of one that has come or gone, and of keys, which are not told one by one.
  std::string provider_words(std::string_view key) const {
    constexpr std::string_view section = "providers.";
    if (!key.starts_with(section)) return {};
    key.remove_prefix(section.size());
    const auto moved = come_or_gone(key, before_.providers, after_.providers);
    if (!moved.empty() || !key.ends_with(".keys")) return std::string(moved);
    key.remove_suffix(std::string_view(".keys").size());
    const ProviderConfig* was = find_named(before_.providers, key);
    const ProviderConfig* is = find_named(after_.providers, key);
    if (!was || !is) return {};
    const int added = missing_of(is->keys, was->keys, secret_of);
    const int removed = missing_of(was->keys, is->keys, secret_of);
    if (added == 0 && removed == 0) return "other limits, weights, names or order";
    return count_words(added, removed);
  }

  std::string client_words(std::string_view key) const {
    constexpr std::string_view section = "server.auth.clients.";
    if (!key.starts_with(section)) return {};
    key.remove_prefix(section.size());
    const auto& before = before_.server.auth.clients;
    const auto& after = after_.server.auth.clients;
    const auto moved = come_or_gone(key, before, after);
    if (!moved.empty()) return std::string(moved);
    for (const auto& [name, secrets] : {std::pair{".key", &ClientConfig::keys},
                                        std::pair{".key_sha256", &ClientConfig::key_hashes}}) {
      if (!key.ends_with(name)) continue;
      const std::string_view client = key.substr(0, key.size() - std::string_view(name).size());
      const ClientConfig* was = find_named(before, client);
      const ClientConfig* is = find_named(after, client);
      if (!was || !is) continue;
      const auto itself = [](const Secret& secret) -> const Secret& { return secret; };
      return count_words(missing_of(is->*secrets, was->*secrets, itself),
                         missing_of(was->*secrets, is->*secrets, itself));
    }
    return {};
  }

  std::string token_words() const {
    const auto secret = [](const ManageToken& token) -> const Secret& { return token.token; };
    const auto& before = before_.manage.tokens;
    const auto& after = after_.manage.tokens;
    const int added = missing_of(after, before, secret);
    const int removed = missing_of(before, after, secret);
    if (added == 0 && removed == 0) return "other names, roles or order";
    return count_words(added, removed);
  }

  static const Secret& secret_of(const KeyConfig& key) { return key.key; }

  /// How many of these are not among those.
  template <class One, class SecretOf>
  static int missing_of(const std::vector<One>& these, const std::vector<One>& those,
                        SecretOf secret) {
    return static_cast<int>(std::count_if(these.begin(), these.end(), [&](const One& one) {
      return std::none_of(those.begin(), those.end(), [&](const One& other) {
        return secret(one).reveal() == secret(other).reveal();
      });
    }));
  }

  const Config& before_;
  const Config& after_;
};

}  // namespace

void put_into_words(std::vector<ConfigChange>& changes, const Config& before, const Config& after) {
  ChangeWords(before, after).say(changes);
}

}  // namespace ccrelay::config
