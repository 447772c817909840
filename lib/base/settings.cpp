#include <ccrelay/setting.hpp>

#include <algorithm>

namespace ccrelay {
namespace {

template <class Value>
const Value* value_of(const Settings& settings, std::string_view name) {
  const Setting* found = settings.find(name);
  return found ? std::get_if<Value>(&found->value) : nullptr;
}

template <class Value>
std::optional<Value> copy_of(const Settings& settings, std::string_view name) {
  const Value* value = value_of<Value>(settings, name);
  return value ? std::optional<Value>(*value) : std::nullopt;
}

std::optional<std::string_view> text_of(const Setting& setting) {
  if (const auto* text = std::get_if<std::string>(&setting.value)) return *text;
  if (const auto* secret = std::get_if<Secret>(&setting.value)) return secret->reveal();
  return {};
}

}  // namespace

const Setting* Settings::find(std::string_view name) const {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Setting& setting) { return setting.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::optional<std::string_view> Settings::text(std::string_view name) const {
  const Setting* found = find(name);
  return found ? text_of(*found) : std::nullopt;
}

std::optional<std::int64_t> Settings::integer(std::string_view name) const {
  return copy_of<std::int64_t>(*this, name);
}

std::optional<double> Settings::number(std::string_view name) const {
  if (const auto whole = integer(name)) return static_cast<double>(*whole);
  return copy_of<double>(*this, name);
}

std::optional<bool> Settings::flag(std::string_view name) const {
  return copy_of<bool>(*this, name);
}

std::vector<std::string> Settings::texts(std::string_view name) const {
  std::vector<std::string> out;
  const auto* items = value_of<std::vector<Setting>>(*this, name);
  if (!items) return out;
  for (const Setting& item : *items) {
    if (const auto text = text_of(item)) out.emplace_back(*text);
  }
  return out;
}

const Settings* Settings::table(std::string_view name) const {
  return value_of<Settings>(*this, name);
}

}  // namespace ccrelay
