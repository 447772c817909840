#include "manage/settings.hpp"

#include <ccrelay/config_load.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "config/needs_restart.hpp"

namespace ccrelay::manage {
namespace {

using management::Setting;
using management::SettingOrigin;

// A setting by its name among its like, `providers.NAME.weight`, and by its place in a file,
// `providers[0].weight`.
struct Named {
  std::string path;
  std::string place;
  std::string value;
};

std::string unquoted(std::string_view value) {
  const bool is_quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return std::string(is_quoted ? value.substr(1, value.size() - 2) : value);
}

// Behind a secret a comment tells it from others; in a string a # is none.
std::string_view without_comment(std::string_view value) {
  const bool is_masked = value.starts_with("\"***\"") || value.starts_with("[\"***\"");
  return is_masked ? value.substr(0, value.find("  #")) : value;
}

// Reads what config show says, line by line.
class Reader {
 public:
  std::vector<Named> read(std::string_view text) {
    while (!text.empty()) {
      const std::string_view line = text.substr(0, text.find('\n'));
      take(line);
      text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return std::move(out_);
  }

 private:
  void take(std::string_view line) {
    if (line.starts_with("[[")) return begin_element(line.substr(2, line.size() - 4));
    if (line.starts_with('[')) return begin_section(line.substr(1, line.size() - 2));
    const auto equals = line.find(" = ");
    if (line.starts_with('#') || equals == line.npos) return;
    const std::string key(line.substr(0, equals));
    const std::string value(without_comment(line.substr(equals + 3)));
    if (std::exchange(is_first_, false) && key == "name" && !is_below_) {
      path_ = section_ + '.' + unquoted(value);
    }
    if (is_owner_) owner_path_ = path_;
    out_.push_back({path_ + '.' + key, place_ + '.' + key, value});
  }

  // Of those below another one each begins to count anew.
  void begin_element(std::string_view name) {
    is_below_ = !owner_.empty() && name.starts_with(owner_ + '.');
    std::string_view rest = name;
    if (is_below_) {
      rest.remove_prefix(owner_.size() + 1);
      const std::size_t index = below_[std::string(rest)]++;
      path_ = fmt::format("{}.{}[{}]", owner_path_, rest, index);
      place_ = fmt::format("{}.{}[{}]", owner_place_, rest, index);
      is_owner_ = false;
      return;
    }
    section_ = name;
    below_.clear();
    owner_ = name;
    path_ = place_ = owner_path_ = owner_place_ = fmt::format("{}[{}]", name, count_[section_]++);
    is_first_ = is_owner_ = true;
  }

  void begin_section(std::string_view name) {
    is_first_ = is_owner_ = false;
    if (!owner_.empty() && name.starts_with(owner_ + '.')) {
      const std::string_view rest = name.substr(owner_.size());
      path_ = owner_path_ + std::string(rest);
      place_ = owner_place_ + std::string(rest);
      return;
    }
    owner_.clear();
    path_ = place_ = name;
  }

  std::vector<Named> out_;
  std::string section_, path_, place_;
  std::string owner_, owner_path_, owner_place_;  // the element that sections below belong to
  std::map<std::string, std::size_t> count_, below_;
  bool is_first_ = false;
  bool is_owner_ = false;
  bool is_below_ = false;
};

SettingOrigin origin_of(SettingPlace::From from) {
  switch (from) {
    case SettingPlace::From::file:
      return SettingOrigin::file;
    case SettingPlace::From::environment:
      return SettingOrigin::environment;
    case SettingPlace::From::command_line:
      return SettingOrigin::command_line;
  }
  return SettingOrigin::unspecified;
}

}  // namespace

std::vector<Setting> settings_of(const Config& config, std::string_view shown) {
  // What a program has made says nothing of where it is from but that it differs.
  std::map<std::string, std::string> defaults;
  if (!config.places) {
    for (Named& one : Reader().read(show_config(Config()))) defaults[one.path] = one.value;
  }
  std::vector<Setting> out;
  for (Named& one : Reader().read(shown)) {
    Setting& setting = out.emplace_back();
    setting.origin = SettingOrigin::default_;
    if (!config.places) {
      const auto usual = defaults.find(one.path);
      const bool is_usual = usual != defaults.end() && usual->second == one.value;
      if (!is_usual) setting.origin = SettingOrigin::program;
    } else if (const auto at = config.places->find(one.place); at != config.places->end()) {
      setting.origin = origin_of(at->second.from);
      setting.line = static_cast<std::int32_t>(at->second.line);
    }
    setting.needs_restart = config::needs_restart(one.path);
    setting.path = std::move(one.path);
    setting.value = std::move(one.value);
  }
  return out;
}

}  // namespace ccrelay::manage
