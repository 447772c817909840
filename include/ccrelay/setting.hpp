#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/secret.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ccrelay {

/// Where something stands in a configuration file, counted from 1.
struct Place {
  std::string source;        ///< as the loader was told, such as "/etc/cc-relay/config.toml"
  std::uint32_t line = 0;    ///< 0: in no file, a program filled it in
  std::uint32_t column = 0;  ///< in bytes

  bool in_file() const { return line != 0; }
};

struct Setting;

/// Settings of a kind that the relay knows nothing of, as a file or a program has them. A value
/// type. The functions answer for a name once and by type: empty where there is no setting of that
/// name, or where it is of another type.
class [[gnu::visibility("default")]] Settings {
 public:
  std::vector<Setting> all;  ///< in no particular order, each name once

  const Setting* find(std::string_view name) const;
  /// A string, secret or not. Valid until the list changes.
  std::optional<std::string_view> text(std::string_view name) const;
  std::optional<std::int64_t> integer(std::string_view name) const;
  /// An integer or a float.
  std::optional<double> number(std::string_view name) const;
  std::optional<bool> flag(std::string_view name) const;
  /// The strings of an array; empty where it isn't one, or has none.
  std::vector<std::string> texts(std::string_view name) const;
  /// A table; null where it isn't one.
  const Settings* table(std::string_view name) const;

  /// For a program that fills a Config itself: adds it, or puts it in the other's place.
  template <class Value>
  void set(std::string name, Value value);
};

/// One of them.
struct Setting {
  std::string name;  ///< as in the file; empty for an item of an array
  /// A Secret is shown as `***` by show_config(): what SettingRule::Kind says is one, and every
  /// string that no rule speaks of.
  std::variant<std::string, Secret, std::int64_t, double, bool, std::vector<Setting>, Settings>
      value;
  Place place = {};
};

template <class Value>
void Settings::set(std::string name, Value value) {
  for (Setting& setting : all) {
    if (setting.name != name) continue;
    setting.value = std::move(value);
    return;
  }
  all.push_back({std::move(name), std::move(value), {}});
}

/// What may be written for a setting that a program brings along. The loader holds a file to it,
/// and complains of a mistake with file, line and column as of any other.
struct SettingRule {
  enum class Kind : std::uint8_t {
    text,     ///< a string
    secret,   ///< a string that nobody is shown
    integer,  ///< from `min` to `max`
    number,   ///< an integer or a float
    flag,     ///< true or false
    texts,    ///< an array of strings
    any,      ///< whatever it is, tables as well; its strings count as secrets
  };
  std::string name;  ///< none of the relay's own settings of that table
  Kind kind = Kind::text;
  bool required = false;
  std::int64_t min = std::numeric_limits<std::int64_t>::min();  ///< of an integer
  std::int64_t max = std::numeric_limits<std::int64_t>::max();  ///< of an integer
  std::vector<std::string> words = {};  ///< of a text: these alone; empty = any
};

/// Something that a configuration asks for by its name and a program brings along: what makes it,
/// and which settings of its own it has. A value type.
template <class Factory>
struct Extension {
  Factory make;
  std::vector<SettingRule> settings;
  /// Whether what neither the relay nor `settings` knows reaches it as well. Else such a setting is
  /// a mistake, and the nearest name is shown.
  bool takes_others = false;

  Extension() = default;
  Extension(Factory how, std::vector<SettingRule> rules, bool others = false)
      : make(std::move(how)), settings(std::move(rules)), takes_others(others) {}
  /// Whatever can be called as the factory is: without rules, every setting reaches it.
  template <class Function>
  requires std::constructible_from<Factory, Function> &&
      (!std::same_as<std::remove_cvref_t<Function>, Extension>)Extension(Function how)
      : make(std::move(how)), takes_others(true) {}
};

}  // namespace ccrelay
