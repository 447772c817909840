#include "config/own_settings.hpp"

#include "config/fields.hpp"
#include "config/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ccrelay::config {
namespace {

using RuleKind = SettingRule::Kind;

std::string_view needed(RuleKind kind) {
  switch (kind) {
    case RuleKind::text:
    case RuleKind::secret:
      return "a string";
    case RuleKind::integer:
      return "an integer";
    case RuleKind::number:
      return "a number";
    case RuleKind::flag:
      return "true or false";
    case RuleKind::texts:
      return "an array of strings";
    case RuleKind::any:
      return "a string, number, boolean, array or table";
  }
  return "something else";
}

bool fits(const Value& value, RuleKind kind) {
  switch (kind) {
    case RuleKind::text:
    case RuleKind::secret:
      return value.kind == Kind::string;
    case RuleKind::integer:
      return value.kind == Kind::integer;
    case RuleKind::number:
      return value.kind == Kind::integer || (value.kind == Kind::real && std::isfinite(value.real));
    case RuleKind::flag:
      return value.kind == Kind::boolean;
    case RuleKind::texts:
      return value.kind == Kind::array &&
             std::all_of(value.items.begin(), value.items.end(),
                         [](const Value& item) { return item.kind == Kind::string; });
    case RuleKind::any:
      return value.kind != Kind::moment &&
             (value.kind != Kind::real || std::isfinite(value.real)) &&
             std::all_of(value.items.begin(), value.items.end(),
                         [](const Value& item) { return fits(item, RuleKind::any); }) &&
             std::all_of(value.members.begin(), value.members.end(),
                         [](const Member& member) { return fits(member.value, RuleKind::any); });
  }
  return false;
}

/// Whether it or something in it could not be expanded, which was reported already.
bool is_unusable(const Value& value) {
  return value.unusable || std::any_of(value.items.begin(), value.items.end(), is_unusable) ||
         std::any_of(value.members.begin(), value.members.end(),
                     [](const Member& member) { return is_unusable(member.value); });
}

class Reading {
 public:
  Reading(TableReader& reader, std::string_view owner) : reader_(reader), owner_(owner) {}

  void read(const SettingRule& rule) {
    if (reader_.knows(rule.name)) {
      // The program's mistake, and no line of the file could mend it.
      reader_.complain({}, rule.name,
                       fmt::format(" is the relay's own, and {} has a setting of that name; the "
                                   "program must give it another one",
                                   owner_));
      return;
    }
    const Member* member = reader_.take(rule.name);
    if (member == nullptr) {
      if (rule.required && !reader_.was_complained_of(rule.name)) {
        reader_.complain(reader_.at(), rule.name,
                         fmt::format(" is missing; {} needs it ({})", owner_, needed(rule.kind)));
      }
      return;
    }
    const Value& value = member->value;
    if (is_unusable(value)) return;
    if (!fits(value, rule.kind)) {
      reader_.complain(value.at, rule.name,
                       fmt::format(" is {}; {} is needed",
                                   fits(value, RuleKind::any) ? name_of(value.kind) : "not usable",
                                   needed(rule.kind)));
      return;
    }
    if (const auto wrong = outside(value, rule); !wrong.empty()) {
      reader_.complain(value.at, rule.name, wrong);
      return;
    }
    out_.all.push_back(converted(rule.name, value, rule.kind));
  }

  void read_others() {
    for (const Member* member : reader_.take_others()) {
      if (is_unusable(member->value)) continue;
      if (fits(member->value, RuleKind::any)) {
        out_.all.push_back(converted(member->key, member->value, RuleKind::any));
      } else {
        reader_.complain(member->value.at, member->key,
                         fmt::format(" is not usable; {} is needed", needed(RuleKind::any)));
      }
    }
  }

  Settings take() { return std::move(out_); }

 private:
  static std::string outside(const Value& value, const SettingRule& rule) {
    if (rule.kind == RuleKind::integer) return out_of_range(value.integer, rule.min, rule.max);
    if (rule.kind != RuleKind::text || rule.words.empty()) return {};
    if (std::find(rule.words.begin(), rule.words.end(), value.text) != rule.words.end()) return {};
    return unknown_word(value.text, {rule.words.begin(), rule.words.end()});
  }

  Setting converted(std::string name, const Value& value, RuleKind kind) const {
    Setting out;
    out.name = std::move(name);
    out.place = reader_.place(value.at);
    switch (value.kind) {
      case Kind::string:
        // Nobody has said that it may be seen.
        if (kind == RuleKind::secret || kind == RuleKind::any) {
          out.value = Secret(value.text);
        } else {
          out.value = value.text;
        }
        break;
      case Kind::integer:
        out.value = value.integer;
        break;
      case Kind::boolean:
        out.value = value.boolean;
        break;
      case Kind::array: {
        std::vector<Setting> items;
        for (const Value& item : value.items) items.push_back(converted({}, item, kind));
        out.value = std::move(items);
        break;
      }
      case Kind::table: {
        Settings members;
        for (const Member& member : value.members) {
          members.all.push_back(converted(member.key, member.value, kind));
        }
        out.value = std::move(members);
        break;
      }
      case Kind::real:
      case Kind::moment:
        out.value = value.real;
        break;
    }
    return out;
  }

  TableReader& reader_;
  const std::string_view owner_;
  Settings out_;
};

struct Shown {
  std::string operator()(const std::string& text) const { return toml_string(doubled(text)); }
  std::string operator()(const Secret& secret) const {
    return toml_string(secret.empty() ? std::string_view{} : Secret::mask);
  }
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(double value) const {
    // A float has a point, or it is read as an integer.
    const std::string text = fmt::format("{}", value);
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
  }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(const std::vector<Setting>& items) const {
    std::string out;
    for (const Setting& item : items) out += (out.empty() ? "" : ", ") + shown_value(item);
    return '[' + out + ']';
  }
  std::string operator()(const Settings& table) const {
    std::string out;
    for (const Setting& member : table.all) {
      out += (out.empty() ? " " : ", ") + shown_name(member.name) + " = " + shown_value(member);
    }
    return out.empty() ? "{}" : '{' + out + " }";
  }
};

}  // namespace

Settings read_own_settings(TableReader& reader, const OwnRules& own) {
  Reading reading(reader, own.owner);
  for (const SettingRule& rule : own.rules) reading.read(rule);
  if (own.takes_others) reading.read_others();
  return reading.take();
}

std::string shown_value(const Setting& setting) {
  return std::visit(Shown{}, setting.value);
}

std::string shown_name(std::string_view name) {
  const bool is_bare = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return is_bare ? std::string(name) : toml_string(name);
}

}  // namespace ccrelay::config
