#include "config/expand.hpp"

#include "config/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/file_digest.hpp"
#include "base/read_file.hpp"

namespace ccrelay::config {
namespace {

constexpr std::size_t file_bytes_max = 64 << 10;

Error mistake(std::string message) {
  return {ErrorCode::config, std::move(message)};
}

bool is_variable_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto letter_or_digit = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), letter_or_digit);
}

Result<std::string> content_of(std::string_view path, std::vector<SourceFile>* files) {
  if (path.empty()) return mistake("${file:} names no file; write ${file:/path}");
  using Problem = base::FileText::Problem;
  base::FileText read = base::read_file(std::string(path), file_bytes_max);
  if (files) {
    // By the measure with which it will be looked at again.
    const bool cut = read.problem == Problem::too_large;
    files->push_back(
        {std::string(path), cut ? base::file_digest(std::string(path)) : base::digest_of(read)});
  }
  switch (read.problem) {
    case Problem::none:
      break;
    case Problem::directory:
      return mistake(fmt::format("file {} is a directory; name a file", in_quotes(path)));
    case Problem::not_regular:
      return mistake(fmt::format(
          "file {} is a pipe or a device, which a reload could not read again; name a file",
          in_quotes(path)));
    case Problem::unreadable:
      return mistake(fmt::format("file {} cannot be read; check that it exists and is readable",
                                 in_quotes(path)));
    case Problem::too_large:
      return mistake(
          fmt::format("file {} is larger than 64 KiB; name a smaller one", in_quotes(path)));
  }
  std::string content = std::move(read.text);
  // What writes secrets into files usually ends them with a newline that is not part of them.
  if (content.ends_with('\n')) content.resize(content.size() - (content.ends_with("\r\n") ? 2 : 1));
  return content;
}

/// What stands for all that is not looked up.
std::optional<std::string> anything(std::string_view) {
  return "x";
}
std::optional<std::string> nothing(std::string_view) {
  return {};
}

/// The value of what stands between `${` and `}`.
Result<std::string> value_of(std::string_view inside, const Environment& env,
                             std::vector<SourceFile>* files) {
  if (inside.starts_with("file:")) return content_of(inside.substr(5), files);
  const auto mark = inside.find(":-");
  const auto name = inside.substr(0, mark);
  if (!is_variable_name(name)) {
    return mistake(
        "\"${\" is not followed by a variable's name; write ${VAR}, ${VAR:-default} or "
        "${file:/path}, or $${ for the characters themselves");
  }
  auto value = env(name);
  if (mark != inside.npos) {
    return value && !value->empty() ? *value : std::string(inside.substr(mark + 2));
  }
  if (!value) {
    return mistake(fmt::format(
        "environment variable {0} is not set; set it, or write ${{{0}:-default}}", plain(name)));
  }
  return *value;
}

/// The variable of `${VAR:-}`.
std::string may_be_absent(std::string_view text) {
  constexpr std::string_view begin = "${", end = ":-}";
  if (text.size() < begin.size() + end.size() || !text.starts_with(begin) || !text.ends_with(end)) {
    return {};
  }
  text = text.substr(begin.size(), text.size() - begin.size() - end.size());
  return is_variable_name(text) ? std::string(text) : std::string();
}

std::string_view variable_at(std::string_view text) {
  if (!is_variable_name(text.substr(0, 1))) return {};
  // From its second character on a name may have digits as well.
  const auto end = std::find_if(text.begin(), text.end(), [](char c) {
    return !is_variable_name(std::string_view(&c, 1)) && !(c >= '0' && c <= '9');
  });
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

/// Whether `$name` is meant for a variable. Any text may be a secret, so it must be in capitals, as
/// the variables that hold keys are, or there must be such a variable.
bool is_meant(std::string_view name, const Environment& env) {
  const auto is_capital = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (name.empty()) return false;
  return (name.size() >= 2 && std::all_of(name.begin(), name.end(), is_capital)) ||
         env(name).has_value();
}

/// The name, when the text is `$NAME` and no more.
std::string_view bare_variable(std::string_view text, const Environment& env) {
  if (!text.starts_with('$') || !is_variable_name(text.substr(1))) return {};
  return is_meant(text.substr(1), env) ? text.substr(1) : std::string_view{};
}

std::string in_braces(std::string_view name) {
  return fmt::format(
      "${0} is not expanded without braces; write ${{{0}}}, or $${0} for the "
      "characters themselves",
      plain(name));
}

std::vector<std::string> warnings_about(std::string_view text, const Environment& env) {
  std::vector<std::string> out;
  for (auto dollar = text.find('$'); dollar != text.npos; dollar = text.find('$')) {
    text.remove_prefix(dollar + 1);
    if (text.starts_with('$')) {
      text.remove_prefix(1);
    } else if (text.starts_with('{')) {
      const auto close = text.find('}');
      if (close == text.npos) return out;  // a mistake, which is told as one
      const auto inside = text.substr(1, close - 1);
      text.remove_prefix(close + 1);
      if (!is_variable_name(inside)) continue;
      if (const auto value = env(inside); value && value->empty()) {
        out.push_back(fmt::format(
            "environment variable {0} is set, but empty; give it a value, or write ${{{0}:-}} if "
            "that is meant",
            plain(inside)));
      }
    } else if (const auto name = variable_at(text); !name.empty() && env(name)) {
      out.push_back(in_braces(name));
    }
  }
  return out;
}

bool has_expansion(std::string_view text) {
  for (auto dollar = text.find('$'); dollar != text.npos; dollar = text.find('$')) {
    text.remove_prefix(dollar + 1);
    if (text.starts_with('{')) return true;
    if (text.starts_with('$')) text.remove_prefix(1);
  }
  return false;
}

/// `${file:/path}` without the file.
std::string without_files(std::string text) {
  constexpr std::string_view begin = "${file:";
  for (auto at = text.find(begin); at != text.npos; at = text.find(begin, at)) {
    const auto close = text.find('}', at);
    if (close == text.npos || close == at + begin.size()) return text;  // a mistake
    text.replace(at, close - at, "${x");
  }
  return text;
}

}  // namespace

void expand_nothing(Value& value, const std::string& path, std::vector<Mistake>& mistakes,
                    std::set<std::string>& unresolved) {
  if (value.kind == Kind::string) {
    const auto name = bare_variable(value.text, nothing);
    const auto text = expanded(without_files(value.text), anything);
    if (!name.empty() || !text) {
      value.unusable = true;
      mistakes.push_back(
          {value.at, path + ": " + (name.empty() ? text.error().message : in_braces(name))});
    } else if (has_expansion(value.text)) {
      value.unusable = true;
      unresolved.insert(path);
    } else {
      value.text = *expanded(value.text, nothing);
    }
  }
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    expand_nothing(value.items[i], fmt::format("{}[{}]", path, i), mistakes, unresolved);
  }
  for (auto& member : value.members) {
    const auto key = plain(member.key);
    expand_nothing(member.value, path.empty() ? key : path + "." + key, mistakes, unresolved);
  }
}

Result<std::string> expanded(std::string_view text, const Environment& env,
                             std::vector<SourceFile>* files) {
  std::string out;
  while (true) {
    const auto dollar = text.find('$');
    out += text.substr(0, dollar);
    if (dollar == text.npos) return out;
    text.remove_prefix(dollar + 1);
    if (text.starts_with('$')) {
      out += '$';
      text.remove_prefix(1);
    } else if (text.starts_with('{')) {
      const auto close = text.find('}');
      if (close == text.npos) {
        return mistake(
            "\"${\" has no closing \"}\"; add it, or write $${ for the characters "
            "themselves");
      }
      auto value = value_of(text.substr(1, close - 1), env, files);
      if (!value) return value;
      out += *value;
      text.remove_prefix(close + 1);
    } else {
      out += '$';
    }
  }
}

void expand_all(Value& value, const std::string& path, const Environment& env,
                std::vector<Mistake>& mistakes, std::vector<Mistake>& warnings,
                std::vector<SourceFile>* files) {
  if (value.kind == Kind::string) {
    const auto name = bare_variable(value.text, env);
    if (!name.empty()) {
      value.unusable = true;
      mistakes.push_back({value.at, path + ": " + in_braces(name)});
      return;
    }
    for (auto& warning : warnings_about(value.text, env)) {
      warnings.push_back({value.at, path + ": " + warning});
    }
    auto text = expanded(value.text, env, files);
    value.unusable = !text;
    if (text && text->empty()) value.absent = may_be_absent(value.text);
    if (text) {
      value.text = *std::move(text);
    } else {
      mistakes.push_back({value.at, path + ": " + text.error().message});
    }
  }
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    expand_all(value.items[i], fmt::format("{}[{}]", path, i), env, mistakes, warnings, files);
  }
  for (auto& member : value.members) {
    const auto key = plain(member.key);
    expand_all(member.value, path.empty() ? key : path + "." + key, env, mistakes, warnings, files);
  }
}

}  // namespace ccrelay::config
