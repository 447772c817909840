#include "config/error_rules.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "config/words.hpp"

namespace ccrelay::config {
namespace {

// A day, as no answer of a provider can set a key aside for longer either.
constexpr std::int64_t wait_ms_max = 86'400'000;
constexpr std::size_t rules_max = 100;

constexpr std::array meanings{ErrorAbout::account,  ErrorAbout::key,     ErrorAbout::key_and_model,
                              ErrorAbout::model,    ErrorAbout::limit,   ErrorAbout::request,
                              ErrorAbout::overload, ErrorAbout::provider};

void read_about(TableReader& reader, Position table, ErrorRule& rule) {
  const auto word = reader.string("about");
  if (!word) {
    if (!reader.take("about")) {
      reader.complain(table, "about", " is missing; it says what such an error is about");
    }
    return;
  }
  std::vector<std::string_view> words;
  for (const ErrorAbout about : meanings) {
    if (to_string(about) == *word) {
      rule.about = about;
      return;
    }
    words.push_back(to_string(about));
  }
  reader.complain(reader.take("about")->value.at, "about", unknown_word(*word, words));
}

bool sets_aside(ErrorAbout about) {
  return about == ErrorAbout::account || about == ErrorAbout::key ||
         about == ErrorAbout::key_and_model || about == ErrorAbout::limit;
}

}  // namespace

void read_error_rules(TableReader& reader, ProviderConfig& provider, Findings& findings) {
  const auto* array =
      reader.array("errors", Kind::table, "an array of tables ([[providers.errors]])");
  if (array == nullptr) return;
  for (std::size_t i = 0; i < array->items.size(); ++i) {
    TableReader inner(array->items[i], reader.path_of(fmt::format("errors[{}]", i)), findings);
    ErrorRule rule;
    if (const auto status = inner.integer("status", 0, 599)) {
      rule.status = static_cast<int>(*status);
    }
    if (auto code = inner.string("code")) rule.code = *std::move(code);
    if (auto words = inner.string("words")) rule.words = *std::move(words);
    read_about(inner, array->items[i].at, rule);
    if (const auto wait = inner.integer("wait_ms", 0, wait_ms_max)) {
      rule.wait = milliseconds(*wait);
    }
    inner.finish();
    provider.errors.push_back(std::move(rule));
  }
}

void find_error_rule_problems(const std::string& path, const ProviderConfig& provider,
                              std::vector<Problem>& problems) {
  const auto add = [&](const std::string& key, const std::string& what) {
    problems.push_back({path + key, path + key + what});
  };
  if (provider.errors.size() > rules_max) {
    add(".errors", fmt::format(" has more than {} rules", rules_max));
  }
  for (std::size_t i = 0; i < provider.errors.size(); ++i) {
    const ErrorRule& rule = provider.errors[i];
    const std::string key = fmt::format(".errors[{}]", i);
    if (rule.status == 0 && rule.code.empty() && rule.words.empty()) {
      add(key, " fits every error; write status, code or words");
    }
    if (rule.status != 0 && (rule.status < 400 || rule.status > 599)) {
      add(key + ".status", fmt::format(" {} is no status of an error (400 to 599)", rule.status));
    }
    if (rule.wait.count() >= 0 && !sets_aside(rule.about)) {
      add(key + ".wait_ms", fmt::format(" has no effect: nothing is set aside with about = \"{}\"",
                                        to_string(rule.about)));
    }
    if (rule.wait.count() > wait_ms_max) {
      add(key + ".wait_ms", fmt::format(" is more than a day ({})", wait_ms_max));
    }
  }
}

}  // namespace ccrelay::config
