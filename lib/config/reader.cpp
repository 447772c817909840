#include "config/reader.hpp"

#include "config/decimal.hpp"
#include "config/fields.hpp"
#include "config/meant.hpp"
#include "config/nearest_name.hpp"
#include "config/refusal.hpp"
#include "config/words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ccrelay::config {

namespace {

/// `providers[0].keys[1]` -> `providers.keys`
std::string without_indexes(std::string_view path) {
  std::string out;
  bool inside = false;
  for (const char c : path) {
    if (c == '[') inside = true;
    if (!inside) out += c;
    if (c == ']') inside = false;
  }
  return out;
}

/// Of `providers.keys.key is meant; …` in the table `providers`: `keys`.
std::string_view setting_in(std::string_view meant, std::string_view table) {
  meant = meant.substr(0, meant.find(' '));
  if (!table.empty() && meant.starts_with(table)) meant.remove_prefix(table.size() + 1);
  return meant.substr(0, meant.find('.'));
}

}  // namespace

TableReader::TableReader(const Value& table, std::string path, Findings& findings)
    : table_(table), path_(std::move(path)), findings_(findings) {}

std::optional<std::string> TableReader::string(std::string_view key) {
  const auto* value = of_kind(key, Kind::string, "a string");
  if (value == nullptr) return std::nullopt;
  return value->text;
}

std::optional<std::int64_t> TableReader::integer(std::string_view key, std::int64_t min,
                                                 std::int64_t max) {
  return in_range(key, min, max, false);
}

std::optional<std::int64_t> TableReader::integer_or_zero(std::string_view key, std::int64_t min,
                                                         std::int64_t max) {
  const auto value = in_range(key, min, max, true);
  return value == 0 ? std::nullopt : value;
}

std::optional<bool> TableReader::boolean(std::string_view key) {
  const auto* value = of_kind(key, Kind::boolean, "true or false");
  if (value == nullptr) return std::nullopt;
  return value->boolean;
}

std::optional<std::int64_t> TableReader::decimal(std::string_view key, int places,
                                                 std::int64_t max) {
  const auto* member = take(key);
  if (member == nullptr) return std::nullopt;
  const Value& value = member->value;
  if (value.kind != Kind::integer && value.kind != Kind::real) {
    complain(value.at, key,
             fmt::format(" is {}; a number from 0 to {} is needed, such as 2.5",
                         name_of(value.kind), max));
    return std::nullopt;
  }
  const Decimal found = value.kind == Kind::integer ? decimal_of(value.integer, places, max)
                                                    : decimal_of(value.real, places, max);
  if (found.wrong.empty()) return found.units;
  complain(value.at, key, found.wrong);
  return std::nullopt;
}

std::optional<Day> TableReader::date(std::string_view key) {
  const auto* member = take(key);
  if (member == nullptr) return std::nullopt;
  const Value& value = member->value;
  if (value.kind == Kind::moment && value.moment == Moment::date) {
    return static_cast<Day>(value.integer / 86'400 - (value.integer % 86'400 < 0 ? 1 : 0));
  }
  complain(value.at, key,
           fmt::format(" is {}; a date without quotes is needed, such as 2026-10-07",
                       value.kind == Kind::moment ? "a time" : name_of(value.kind)));
  return std::nullopt;
}

std::optional<std::int64_t> TableReader::instant(std::string_view key) {
  const auto* member = take(key);
  if (member == nullptr) return std::nullopt;
  const Value& value = member->value;
  if (value.kind == Kind::moment &&
      (value.moment == Moment::date || value.moment == Moment::instant)) {
    return value.integer;
  }
  complain(value.at, key,
           value.kind != Kind::moment
               ? fmt::format(" is {}; a date or time without quotes is needed, such as 2027-01-01 "
                             "or 2027-01-01T12:00:00Z",
                             name_of(value.kind))
           : value.moment == Moment::time
               ? " is a time without its date; write both, such as 2027-01-01T12:00:00Z"
               : " is a time without its offset from UTC; write it as well, such as "
                 "2027-01-01T12:00:00Z or 2027-01-01T12:00:00+01:00");
  return std::nullopt;
}

std::vector<std::string> TableReader::strings(std::string_view key) {
  std::vector<std::string> out;
  if (const auto* found = array(key, Kind::string, "an array of strings")) {
    for (const auto& item : found->items) out.push_back(item.text);
  } else if (findings_.places.contains(path_of(key))) {
    // Then that it is missing is not said beside what is wrong with an item.
    findings_.complained.insert(path_of(key));
  }
  return out;
}

std::vector<std::string> TableReader::strings_or_one(std::string_view key) {
  const auto* member = take(key);
  if (member == nullptr) return {};
  if (member->value.kind == Kind::string) return {member->value.text};
  if (member->value.kind == Kind::array) return strings(key);
  complain(member->value.at, key,
           fmt::format(" is {}; a string or an array of strings is needed",
                       name_of(member->value.kind)));
  return {};
}

const Value* TableReader::table(std::string_view key) {
  return of_kind(key, Kind::table, fmt::format("a table ([{}])", path_of(key)));
}

std::map<std::string, std::string> TableReader::mapping(std::string_view key) {
  std::map<std::string, std::string> found;
  const auto* value = table(key);
  if (value == nullptr) return found;
  TableReader inner(*value, path_of(key), findings_);
  for (const auto& member : value->members) {
    if (member.value.kind == Kind::table) {
      inner.complain(member.at, member.key,
                     " is a table; a string is needed; a name that contains a \".\" stands in "
                     "quotes");
    } else if (auto text = inner.string(member.key)) {
      found[member.key] = *std::move(text);
    }
  }
  // Then that it is empty is not said beside what is wrong with its members.
  if (found.empty() && !value->members.empty()) findings_.complained.insert(path_of(key));
  return found;
}

const Value* TableReader::array(std::string_view key, Kind item, std::string_view allowed) {
  const auto* member = take(key);
  if (member == nullptr) return nullptr;
  const auto* value = &member->value;
  const bool has_other = std::any_of(value->items.begin(), value->items.end(),
                                     [&](const Value& found) { return found.kind != item; });
  if (value->kind != Kind::array || (item == Kind::table && has_other)) {
    const auto how = item == Kind::table ? how_to_write_list(key, *value) : std::string();
    if (!how.empty()) {
      complain(value->kind == Kind::table ? member->at : value->at, key,
               fmt::format(
                   " is {}; write {}",
                   has_other ? "an array of other things than tables" : name_of(value->kind), how));
      return nullptr;
    }
  }
  if (value->kind != Kind::array) {
    complain(value->at, key, fmt::format(" is {}; {} is needed", name_of(value->kind), allowed));
    return nullptr;
  }
  bool usable = true;
  for (std::size_t i = 0; i < value->items.size(); ++i) {
    const auto& found = value->items[i];
    const auto name = fmt::format("{}[{}]", key, i);
    findings_.places[path_of(name)] = found.at;
    usable = usable && !found.unusable;
    if (found.kind == item) continue;
    complain(found.at, name,
             fmt::format(" is {}; {} is needed", name_of(found.kind), name_of(item)));
    usable = false;
  }
  return usable ? value : nullptr;
}

void TableReader::later(std::string_view key, std::string_view reason) {
  const auto* member = take(key);
  if (member == nullptr || is_off(member->value)) return;
  complain(member->at, key, not_available(reason));
}

const Member* TableReader::take(std::string_view key) {
  known_.push_back(key);
  for (const auto& member : table_.members) {
    if (member.key != key) continue;
    findings_.places[path_of(key)] = member.value.at;
    if (!member.value.unusable) return &member;
    findings_.complained.insert(path_of(key));
  }
  return nullptr;
}

std::vector<const Member*> TableReader::take_others() {
  std::vector<const Member*> others;
  for (const auto& member : table_.members) {
    if (knows(member.key)) continue;
    known_.push_back(member.key);
    others.push_back(&member);
  }
  return others;
}

bool TableReader::knows(std::string_view key) const {
  return std::find(known_.begin(), known_.end(), key) != known_.end();
}

bool TableReader::was_complained_of(std::string_view key) const {
  return findings_.complained.contains(path_of(key));
}

std::string TableReader::path_of(std::string_view key) const {
  return path_.empty() ? plain(key) : path_ + "." + plain(key);
}

void TableReader::complain(Position at, std::string_view key, std::string_view message) {
  findings_.complained.insert(path_of(key));
  findings_.mistakes.push_back({at, path_of(key) + std::string(message)});
}

void TableReader::finish() {
  for (const auto& member : table_.members) {
    if (knows(member.key)) continue;
    if (const auto meant = meant_by(without_indexes(path_), member.key, table_); !meant.empty()) {
      complain(member.at, member.key, " is unknown; " + meant);
      // Then that the setting itself is missing is not said beside it.
      findings_.complained.insert(path_of(setting_in(meant, without_indexes(path_))));
      continue;
    }
    const auto near = nearest_name(member.key, known_);
    complain(member.at, member.key,
             near.empty() ? fmt::format(" is unknown; one of: {}", list_of(known_))
                          : fmt::format(" is unknown; did you mean \"{}\"?", near));
  }
}

const Value* TableReader::of_kind(std::string_view key, Kind kind, std::string_view allowed) {
  const auto* member = take(key);
  if (member == nullptr) return nullptr;
  if (member->value.kind == kind) return &member->value;
  complain(member->value.at, key,
           fmt::format(" is {}; {} is needed", name_of(member->value.kind), allowed));
  return nullptr;
}

std::optional<std::int64_t> TableReader::in_range(std::string_view key, std::int64_t min,
                                                  std::int64_t max, bool or_zero) {
  const auto* value =
      of_kind(key, Kind::integer, fmt::format("an integer from {} to {}", min, max));
  if (value == nullptr) return std::nullopt;
  const auto wrong = out_of_range(value->integer, min, max);
  if (wrong.empty() || (or_zero && value->integer == 0)) return value->integer;
  complain(value->at, key, wrong + (or_zero ? ", or 0 for the default" : ""));
  return std::nullopt;
}

}  // namespace ccrelay::config
