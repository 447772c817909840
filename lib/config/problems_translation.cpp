#include "config/fields.hpp"
#include "config/problems.hpp"
#include "config/words.hpp"
#include "dialect/profiles.hpp"
#include "provider/model_profiles.hpp"
#include "provider/types.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ccrelay::config {
namespace {

using dialect::Profiles;

/// ` "wrod" is unknown; …`, to follow a key's path; empty for one of them.
std::string wrong_choice(std::string_view word, const std::vector<std::string_view>& known) {
  if (std::find(known.begin(), known.end(), word) != known.end()) return {};
  return unknown_word(word, known);
}

std::vector<std::string_view> names_of(const Profiles& profiles) {
  std::vector<std::string_view> names{"auto"};
  for (const auto& row : profiles.rows()) names.emplace_back(row.name);
  return names;
}

/// Of one provider. Lives for the length of one check() call.
class ApiCheck {
 public:
  ApiCheck(std::string path, const ProviderConfig& provider, const Profiles& profiles,
           std::vector<Problem>& problems)
      : path_(std::move(path)),
        provider_(provider),
        profiles_(profiles),
        is_openai_(provider.type == "openai" || provider.type == "azure_openai"),
        problems_(problems) {}

  void check() {
    check_api();
    if (const auto wrong = wrong_choice(provider_.profile, names_of(profiles_)); !wrong.empty()) {
      add(".profile", wrong);
    }
    if (const auto wrong = wrong_choice(provider_.answer_model, {"provider", "asked"});
        !wrong.empty()) {
      add(".answer_model", wrong);
    }
    const auto wrong = out_of_range(integer_of(provider_.max_output_tokens), 0, output_tokens_max);
    if (!wrong.empty()) add(".max_output_tokens", wrong);
    check_quirks();
  }

 private:
  void add(const std::string& key, std::string_view message) {
    problems_.push_back({path_ + key, path_ + key + std::string(message)});
  }

  void check_api() {
    if (const auto wrong = wrong_choice(provider_.api, {"auto", "chat", "responses"});
        !wrong.empty()) {
      add(".api", wrong);
    } else if (provider_.api != "auto" && !is_openai_ && provider::find_type(provider_.type)) {
      add(".api", fmt::format(" is for type openai or azure_openai, this provider's is {}; remove "
                              "it",
                              in_quotes(provider_.type)));
    }
    const std::string& version = provider_.azure_api_version;
    if (version.empty()) return;
    if (provider_.type != "azure_openai") {
      add(".azure_api_version",
          fmt::format(" is for type azure_openai, this provider's is {}; remove it",
                      in_quotes(provider_.type)));
    } else if (has_control(version) || version.size() > 64) {
      add(".azure_api_version", " is not a version; write one like \"2025-04-01-preview\"");
    }
  }

  void check_quirks() {
    for (const auto& [key, toml] : provider_.quirks) {
      const auto read = provider::read_quirk(key, toml);
      if (read) continue;
      const std::string named = ".quirks." + plain(key);
      const auto known = dialect::profile_keys();
      const bool is_known = std::find(known.begin(), known.end(), key) != known.end();
      add(named, is_known ? ' ' + read.error().message
                          : fmt::format(" is no key of a profile; {}", suggestion(key, known)));
    }
  }

  const std::string path_;
  const ProviderConfig& provider_;
  const Profiles& profiles_;
  const bool is_openai_;
  std::vector<Problem>& problems_;
};

/// What the file says, in front of what the relay brings.
Profiles read_profiles(const TranslationConfig& translation, std::vector<Problem>& problems) {
  Profiles all = Profiles::shipped();
  if (translation.profiles_text.empty()) return all;
  const std::string path = "translation.profiles_file";
  const auto own = Profiles::read(translation.profiles_text, translation.profiles_file);
  if (!own) {
    problems.push_back({path, path + ": " + own.error().message});
    return all;
  }
  all.prepend(*own);
  for (const auto& row : own->rows()) {
    if (row.like.empty() || all.find(row.like)) continue;
    problems.push_back({path, fmt::format("{}: profile {} is like {}, which there is not", path,
                                          in_quotes(row.name), in_quotes(row.like))});
  }
  return all;
}

}  // namespace

void find_translation_problems(const Config& config, std::vector<Problem>& problems) {
  const TranslationConfig& translation = config.translation;
  const auto check = [&](const std::string& path, std::string_view word,
                         const std::vector<std::string_view>& known) {
    if (const auto wrong = wrong_choice(word, known); !wrong.empty()) {
      problems.push_back({path, path + wrong});
    }
  };
  check("translation.unsupported", translation.unsupported, {"route", "drop"});
  check("translation.web_search", translation.web_search, {"alone", "always", "never"});
  if (translation.profiles_file.find('\0') != std::string::npos) {
    const std::string path = "translation.profiles_file";
    problems.push_back({path, path + " contains a zero byte; remove it"});
  }
  const Profiles profiles = read_profiles(translation, problems);
  for (std::size_t i = 0; i < config.providers.size(); ++i) {
    ApiCheck(fmt::format("providers[{}]", i), config.providers[i], profiles, problems).check();
  }
}

}  // namespace ccrelay::config
