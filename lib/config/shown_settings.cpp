#include "config/shown_settings.hpp"

#include <ccrelay/config_load.hpp>

#include "base/clipped.hpp"

namespace ccrelay::config {
namespace {

// Only a text that has nothing escaped in it is the same without its quotes.
std::string_view unquoted(std::string_view value) {
  const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  if (!quoted || value.size() == 2) return value;
  const std::string_view inside = value.substr(1, value.size() - 2);
  return inside.find_first_of("\\\"") == std::string_view::npos ? inside : value;
}

}  // namespace

ShownSettings::ShownSettings(const Config& config) {
  const std::string text = show_config(config);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    take(std::string_view(text).substr(at, end - at));
    at = end + 1;
  }
}

std::string ShownSettings::of(const std::string& path) const {
  const auto found = all_.find(path);
  if (found == all_.end()) return {};
  const std::string& value = found->second;
  return base::clipped(value.starts_with('{') ? value + '}' : std::string(unquoted(value)));
}

std::string ShownSettings::toml_of(const std::string& path) const {
  const auto found = all_.find(path);
  if (found != all_.end()) {
    const std::string& value = found->second;
    if (value.starts_with('{')) return value + '}';
    // A comment tells a secret from others; in a string a # is none.
    const bool is_masked = value.starts_with("\"***\"") || value.starts_with("[\"***\"");
    return is_masked ? value.substr(0, value.find("  #")) : value;
  }
  if (const auto keys = masked_keys_.find(path); keys != masked_keys_.end()) {
    return '[' + keys->second + ']';
  }
  const auto first = all_.lower_bound(path + '.');
  if (first == all_.end() || !first->first.starts_with(path + '.')) return {};
  const auto type = all_.find(path + ".type");
  return type == all_.end() ? "{}" : "{ type = " + type->second + " }";
}

void ShownSettings::begin_section(std::string_view name, bool is_element) {
  const bool below = !owner_section_.empty() && name.starts_with(owner_section_ + '.');
  is_mapping_ = false;
  skips_ = false;
  element_.clear();
  keys_of_.clear();
  if (is_element) {
    // Those below a provider have no names of their own.
    skips_ = below;
    if (!below) element_ = name;
    if (below && name == "providers.keys") keys_of_ = owner_ + ".keys";
  } else if (below) {
    prefix_ = owner_ + std::string(name.substr(owner_section_.size()));
    is_mapping_ = true;
  } else {
    prefix_ = name;
    is_mapping_ = name.ends_with("_mapping");
  }
  if (is_mapping_) all_[prefix_] = "{";
  prefix_ += '.';
}

void ShownSettings::take(std::string_view line) {
  if (line.starts_with("[[")) return begin_section(line.substr(2, line.size() - 4), true);
  if (line.starts_with('[')) return begin_section(line.substr(1, line.size() - 2), false);
  const std::size_t equals = line.find(" = ");
  if (!keys_of_.empty() && line.starts_with("key = ")) {
    std::string& keys = masked_keys_[keys_of_];
    keys += (keys.empty() ? "" : ", ") + std::string("\"***\"");
  }
  if (skips_ || line.starts_with('#') || equals == std::string_view::npos) return;
  const std::string_view value = line.substr(equals + 3);
  if (!element_.empty()) {
    skips_ = !line.starts_with("name = ");
    if (skips_) return;
    owner_section_ = element_;
    owner_ = element_ + '.' + std::string(unquoted(value));
    prefix_ = owner_ + '.';
    element_.clear();
    return;
  }
  if (is_mapping_) {
    std::string& joined = all_[prefix_.substr(0, prefix_.size() - 1)];
    joined += (joined.size() > 1 ? ", " : "") + std::string(line);
    return;
  }
  all_[prefix_ + std::string(line.substr(0, equals))] = value;
}

}  // namespace ccrelay::config
