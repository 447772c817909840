#include "dialect/names.hpp"

#include <cstddef>

#include "sign/digests.hpp"

namespace ccrelay::dialect {
namespace {

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool allowed(NameForm form, char c, bool first) {
  if (is_letter(c) || c == '_') return true;
  if (form != NameForm::gemini) return (c >= '0' && c <= '9') || c == '-';
  return !first && ((c >= '0' && c <= '9') || c == '.' || c == ':' || c == '-');
}

// A byte that goes on with a character of UTF-8: the character is one `_`.
bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

bool Names::fits(std::string_view name) const {
  if (name.empty() || name.size() > (form_ == NameForm::anthropic ? 128U : 64U)) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (!allowed(form_, name[i], i == 0)) return false;
  }
  return true;
}

std::string Names::out(std::string_view name) {
  if (fits(name)) return std::string(name);
  std::string made;
  for (const char c : name) {
    if (made.size() == 55) break;
    if (is_continuation(c)) continue;
    made += allowed(form_, c, made.empty()) ? c : '_';
  }
  made += '_';
  made += sign::hex(sign::sha256(name)).substr(0, 8);
  back_.try_emplace(made, name);
  return made;
}

std::string_view Names::back(std::string_view name) const {
  const auto found = back_.find(name);
  return found == back_.end() ? name : std::string_view(found->second);
}

void Names::chain(const Names& later) {
  for (const auto& [sent, name] : later.back_)
    back_.insert_or_assign(sent, std::string(back(name)));
}

}  // namespace ccrelay::dialect
