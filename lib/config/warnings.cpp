#include "base/ascii.hpp"
#include "config/words.hpp"
#include "provider/built_in.hpp"
#include "provider/types.hpp"

#include <fmt/format.h>
#include <ccrelay/config_load.hpp>

#include <algorithm>

namespace ccrelay {
namespace {

using namespace config;

/// What stands in examples where a key belongs.
bool is_placeholder(std::string_view key) {
  const std::string text = base::lower(key);
  const bool in_brackets = (text.starts_with('<') && text.ends_with('>')) ||
                           (text.starts_with("{{") && text.ends_with("}}"));
  return in_brackets || text.ends_with("...") || text.ends_with("…") || text.starts_with("your-") ||
         text.starts_with("your_") || text.find("xxxx") != text.npos ||
         text.starts_with("os.environ/") || text.starts_with("env:") ||
         (text.starts_with('%') && text.ends_with('%') && text.size() > 2);
}

/// Of one provider. Lives for the length of one check() call.
class ProviderWarnings {
 public:
  ProviderWarnings(std::string path, const ProviderConfig& provider, std::vector<std::string>& out)
      : path_(std::move(path)), provider_(provider), out_(out) {}

  void check() {
    check_base_url();
    check_keys();
  }

 private:
  void add(std::string_view key, std::string_view message) {
    out_.push_back(fmt::format("{}{}{}", path_, key, message));
  }

  void check_base_url() {
    const auto* type = provider::find_type(provider_.type);
    if (!type || provider_.base_url.empty()) return;
    const std::string used = provider::base_url_of(*type, provider_);
    const std::string_view rest = std::string_view(provider_.base_url).substr(used.size());
    if (rest.find_first_not_of('/') != rest.npos) {
      add(".base_url",
          fmt::format(" {} has {} at its end, which every request brings along; it is taken off, "
                      "write {}",
                      in_quotes(provider_.base_url), in_quotes(rest), in_quotes(used)));
    }
    // The vendor's own host, without the part of it that speaks the Anthropic API.
    if (type->base_url.size() > used.size() && type->base_url.starts_with(used) &&
        type->base_url[used.size()] == '/') {
      add(".base_url",
          fmt::format(" {} is not where {} speaks the Anthropic API; write {}, or "
                      "leave base_url out",
                      in_quotes(provider_.base_url), type->name, in_quotes(type->base_url)));
    }
  }

  void check_keys() {
    const auto& keys = provider_.keys;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto text = keys[i].key.reveal();
      if (text.empty()) continue;
      const auto path = fmt::format(".keys[{}].key", i);
      const auto same = std::find_if(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(i),
                                     [&](const auto& key) { return key.key.reveal() == text; });
      if (same != keys.begin() + static_cast<std::ptrdiff_t>(i)) {
        add(path, fmt::format(" is the same secret as keys[{}].key, so it makes no second budget; "
                              "remove one of them",
                              same - keys.begin()));
      } else if (is_placeholder(text)) {
        add(path, " looks like the placeholder of an example; write the key, or ${VARIABLE}");
      }
    }
  }

  const std::string path_;
  const ProviderConfig& provider_;
  std::vector<std::string>& out_;
};

}  // namespace

std::vector<std::string> warnings_of(const Config& config) {
  std::vector<std::string> out = config.warnings;
  if (config.providers.empty()) {
    out.push_back(
        "providers: there is none, so no request can be served; write [[providers]] and below it "
        "name, type and what the type needs");
  }
  for (std::size_t i = 0; i < config.providers.size(); ++i) {
    ProviderWarnings(fmt::format("providers[{}]", i), config.providers[i], out).check();
  }
  return out;
}

}  // namespace ccrelay
