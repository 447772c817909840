#include "base/same_settings.hpp"

#include <algorithm>
#include <type_traits>

namespace ccrelay::base {
namespace {

bool same(const Setting& one, const Setting& other);

bool same(const Secret& one, const Secret& other) {
  return one.reveal() == other.reveal();
}
bool same(const std::vector<Setting>& one, const std::vector<Setting>& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](const Setting& mine, const Setting& its) { return same(mine, its); });
}
bool same(const Settings& one, const Settings& other) {
  return same_settings(one, other);
}
template <class Plain>
bool same(const Plain& one, const Plain& other) {
  return one == other;
}

bool same(const Setting& one, const Setting& other) {
  if (one.value.index() != other.value.index()) return false;
  return std::visit(
      [&other](const auto& value) {
        return same(value, std::get<std::remove_cvref_t<decltype(value)>>(other.value));
      },
      one.value);
}

}  // namespace

bool same_settings(const Settings& one, const Settings& other) {
  return one.all.size() == other.all.size() && changed_settings(one, other).empty();
}

std::vector<std::string_view> changed_settings(const Settings& before, const Settings& after) {
  std::vector<std::string_view> names;
  for (const Setting& setting : before.all) {
    const Setting* now = after.find(setting.name);
    if (now == nullptr || !same(setting, *now)) names.emplace_back(setting.name);
  }
  for (const Setting& setting : after.all) {
    if (before.find(setting.name) == nullptr) names.emplace_back(setting.name);
  }
  return names;
}

}  // namespace ccrelay::base
