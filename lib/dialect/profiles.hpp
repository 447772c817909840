#pragma once

#include <ccrelay/result.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "dialect/profile.hpp"
#include "dialect/profile_keys.hpp"

namespace ccrelay::dialect {

/// What differs for some of a provider's models.
struct ModelRow {
  std::vector<std::string> match;  ///< patterns of names, `*` is any text; case does not matter
  std::vector<ProfileSetting> settings;
};

/// One [[profiles]].
struct ProfileRow {
  std::string name;
  std::string like;  ///< another row of the table, whose settings come first; empty: none
  /// Patterns: `api.x.ai`, `*.openai.azure.com`, with a port `*:11434`, with a path
  /// `generativelanguage.googleapis.com/*openai*`.
  std::vector<std::string> hosts;
  std::vector<ProfileSetting> settings;
  std::vector<ModelRow> models;  ///< all that match count, in their order
};

/// Profiles in the order in which a host is looked for. A value type; immutable when shared.
class Profiles {
 public:
  /// Reads [[profiles]] of the plain form that the shipped file has: strings without escapes, whole
  /// numbers, true and false, lists of strings. The error tells the line.
  static Result<Profiles> read(std::string_view toml, std::string_view file_name);
  /// Those that the program brings.
  static const Profiles& shipped();

  /// With these in front: a row of the same name takes the other's place.
  void prepend(const Profiles& others);
  /// Of the row whose host fits, `generic` if none does.
  std::string name_for(std::string_view base_url) const;
  const ProfileRow* find(std::string_view name) const;
  /// What a model of that profile takes; an unknown profile is generic.
  Profile of(std::string_view name, std::string_view model) const;
  const std::vector<ProfileRow>& rows() const { return rows_; }

 private:
  void apply(const ProfileRow& row, std::string_view model, Profile& profile, int depth) const;

  std::vector<ProfileRow> rows_;
};

/// Whether the whole text is what the pattern says: `*` is any text, also none; case does not
/// matter.
bool fits_pattern(std::string_view pattern, std::string_view text);

}  // namespace ccrelay::dialect
