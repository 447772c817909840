#include "config/expand.hpp"

#include "config/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

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

Result<std::string> content_of(std::string_view path) {
  if (path.empty()) return mistake("${file:} names no file; write ${file:/path}");
  const std::filesystem::path file{std::string(path)};
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) {
    return mistake(fmt::format("file {} is a directory; name a file", in_quotes(path)));
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    return mistake(fmt::format("file {} cannot be read; check that it exists and is readable",
                               in_quotes(path)));
  }
  std::string content(file_bytes_max + 1, '\0');
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(in.gcount()));
  if (content.size() > file_bytes_max) {
    return mistake(
        fmt::format("file {} is larger than 64 KiB; name a smaller one", in_quotes(path)));
  }
  // What writes secrets into files usually ends them with a newline that is not part of them.
  if (content.ends_with('\n')) content.resize(content.size() - (content.ends_with("\r\n") ? 2 : 1));
  return content;
}

/// The value of what stands between `${` and `}`.
Result<std::string> value_of(std::string_view inside, const Environment& env) {
  if (inside.starts_with("file:")) return content_of(inside.substr(5));
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

}  // namespace

Result<std::string> expanded(std::string_view text, const Environment& env) {
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
      auto value = value_of(text.substr(1, close - 1), env);
      if (!value) return value;
      out += *value;
      text.remove_prefix(close + 1);
    } else {
      out += '$';
    }
  }
}

void expand_all(Value& value, const std::string& path, const Environment& env,
                std::vector<Mistake>& mistakes) {
  if (value.kind == Kind::string) {
    auto text = expanded(value.text, env);
    value.unusable = !text;
    if (text) {
      value.text = *std::move(text);
    } else {
      mistakes.push_back({value.at, path + ": " + text.error().message});
    }
  }
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    expand_all(value.items[i], fmt::format("{}[{}]", path, i), env, mistakes);
  }
  for (auto& member : value.members) {
    const auto key = plain(member.key);
    expand_all(member.value, path.empty() ? key : path + "." + key, env, mistakes);
  }
}

}  // namespace ccrelay::config
