#include "provider/model_profiles.hpp"

#include <algorithm>

#include "provider/built_in.hpp"
#include "provider/types.hpp"

namespace ccrelay::provider {

Result<dialect::Profiles> profiles_of(const TranslationConfig& config) {
  dialect::Profiles all = dialect::Profiles::shipped();
  if (config.profiles_text.empty()) return all;
  const auto own = dialect::Profiles::read(config.profiles_text, config.profiles_file);
  if (!own) return own.error();
  all.prepend(*own);
  return all;
}

std::string price_profile(const ProviderConfig& config, const dialect::Profiles& profiles) {
  return config.type == "openai" ? profile_name(config, profiles) : std::string();
}

std::string profile_name(const ProviderConfig& config, const dialect::Profiles& profiles) {
  if (config.profile != "auto") return config.profile;
  const Type* const type = find_type(config.type);
  // Types of a program's own speak Anthropic's form, unless they say otherwise.
  if (!type) return "anthropic";
  if (!type->profile.empty()) return std::string(type->profile);
  return profiles.name_for(base_url_of(*type, config));
}

Result<dialect::ProfileSetting> read_quirk(std::string_view key, std::string_view toml) {
  const auto known = dialect::profile_keys();
  if (std::find(known.begin(), known.end(), key) == known.end()) {
    return Error{ErrorCode::config, "is unknown"};
  }
  // The profiles' own reader knows what each key may be.
  const std::string head = "[[profiles]]\nname = \"quirks\"\n" + std::string(key) + " = ";
  auto read = dialect::Profiles::read(head + std::string(toml), "");
  if (!read) {
    std::string words = read.error().message;
    const std::string named = std::string(key) + ' ';
    if (const auto at = words.find(named); at != std::string::npos) {
      words.erase(0, at + named.size());
    } else if (const auto colon = words.rfind(": "); colon != std::string::npos) {
      words.erase(0, colon + 2);
    }
    return Error{ErrorCode::config, std::move(words)};
  }
  const auto& rows = read->rows();
  if (rows.size() != 1 || rows[0].settings.size() != 1 || !rows[0].models.empty()) {
    return Error{ErrorCode::config, "must be one value"};
  }
  return rows[0].settings[0];
}

std::vector<dialect::ProfileSetting> quirks_of(const ProviderConfig& config) {
  std::vector<dialect::ProfileSetting> out;
  for (const auto& [key, toml] : config.quirks) {
    if (auto quirk = read_quirk(key, toml)) out.push_back(*std::move(quirk));
  }
  return out;
}

dialect::Profile profile_of(const ProviderConfig& config, const dialect::Profiles& profiles,
                            std::string_view model) {
  dialect::Profile profile = profiles.of(profile_name(config, profiles), model);
  // Whatever it speaks, a host tells its costs by the same name.
  if (const Type* const type = find_type(config.type);
      type && config.profile == "auto" && profile.told_cost.empty()) {
    profile.told_cost = profiles.of(profiles.name_for(base_url_of(*type, config)), model).told_cost;
  }
  for (const dialect::ProfileSetting& quirk : quirks_of(config)) dialect::set(profile, quirk);
  return profile;
}

}  // namespace ccrelay::provider
