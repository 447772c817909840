#pragma once

#include <ccrelay/config.hpp>

#include <map>
#include <string>
#include <string_view>

namespace ccrelay::config {

/// What `config show` says of each setting, by its path as changes() names it: whatever is not told
/// there, such as a secret, is not told here either.
class ShownSettings {
 public:
  explicit ShownSettings(const Config& config);

  /// Without the quotes of a string, clipped; of a table of free keys `{a = b, c = d}`. Empty when
  /// it is not one value.
  std::string of(const std::string& path) const;
  /// As TOML, whole and without what stands behind it for people. Of a provider or client with that
  /// path an inline table of what it is, and of keys of a provider one mask each.
  std::string toml_of(const std::string& path) const;

 private:
  void take(std::string_view line);
  void begin_section(std::string_view name, bool is_element);

  std::map<std::string, std::string> all_;
  std::map<std::string, std::string> masked_keys_;
  std::string prefix_;         // of what stands in the section, with a dot at its end
  std::string element_;        // the section of many, until its name is known
  std::string owner_;          // the last of them with a name: `providers.NAME`
  std::string owner_section_;  // `providers`
  bool is_mapping_ = false;    // keys are the operator's own words
  bool skips_ = true;
  std::string keys_of_;  // below a provider: whose keys these are
};

}  // namespace ccrelay::config
