#include "identity/files.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/ascii.hpp"
#include "base/read_file.hpp"
#include "identity/limits.hpp"
#include "identity/refusal.hpp"

namespace ccrelay::identity {
namespace {

Error cannot_read(const std::string& path, const std::string& why) {
  return config_error("cannot read " + path + ": " + why);
}

}  // namespace

std::optional<std::string> variable(const Environment& env, std::string_view name) {
  auto value = env(name);
  if (value && value->empty()) return std::nullopt;
  return value;
}

bool is_on(const Environment& env, std::string_view name) {
  const auto value = variable(env, name);
  return value && (*value == "1" || base::iequals(*value, "true"));
}

Result<std::string> read_file(const std::string& path) {
  base::FileText read = base::read_file(path, text_bytes_max);
  if (!read) {
    Error error = cannot_read(path, read.words(text_bytes_max));
    // It may be as good as ever.
    if (read.error == EMFILE || read.error == ENFILE) error.code = ErrorCode::limit;
    return error;
  }
  return std::move(read.text);
}

bool file_exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

Result<std::string> read_token_file(const std::string& path) {
  auto text = read_file(path);
  if (!text) return text;
  static constexpr const char* white = " \t\r\n";
  const std::size_t begin = text->find_first_not_of(white);
  if (begin == std::string::npos) return cannot_read(path, "it is empty, and should hold a token");
  return text->substr(begin, text->find_last_not_of(white) + 1 - begin);
}

std::string home(const Environment& env) {
  return variable(env, "HOME").value_or("");
}

std::string expanded_path(const std::string& path, const Environment& env) {
  if (path.rfind("~/", 0) != 0) return path;
  return home(env) + path.substr(1);
}

}  // namespace ccrelay::identity
