#include "dialect/ids.hpp"

#include <algorithm>

#include "sign/digests.hpp"

namespace ccrelay::dialect {
namespace {

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool all_of(std::string_view id, std::string_view beside_alnum) {
  return std::all_of(id.begin(), id.end(), [&](char c) {
    return is_alnum(c) || beside_alnum.find(c) != std::string_view::npos;
  });
}

}  // namespace

std::string base62_digest(std::string_view text, std::size_t length) {
  static constexpr std::string_view digits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  sign::Digest number = sign::sha256(text);
  std::string out;
  // The 256 bits as one number, divided by 62 again and again: 40 digits leave 18 bits of it.
  for (std::size_t i = 0; i < std::min<std::size_t>(length, 40); ++i) {
    std::uint32_t rest = 0;
    for (std::uint8_t& byte : number) {
      const std::uint32_t part = rest << 8 | byte;
      byte = static_cast<std::uint8_t>(part / 62);
      rest = part % 62;
    }
    out += digits[rest];
  }
  return out;
}

std::string Seed::made(std::string_view prefix, std::size_t length) {
  ++count_;
  return std::string(prefix) + base62_digest(seed_ + '#' + std::to_string(count_), length);
}

bool fits(IdForm form, std::string_view id) {
  if (id.empty()) return false;
  switch (form) {
    case IdForm::any:
      return true;
    case IdForm::responses:
      return id.size() <= 64 && all_of(id, "_.:-");
    case IdForm::anthropic:
      return id.size() <= 64 && all_of(id, "_-");
    case IdForm::alnum9:
      return id.size() == 9 && all_of(id, "");
  }
  return false;
}

std::string id_for(IdForm form, std::string_view id) {
  if (fits(form, id)) return std::string(id);
  if (form == IdForm::alnum9) return base62_digest(id, 9);
  return "call_" + base62_digest(id, 24);
}

}  // namespace ccrelay::dialect
