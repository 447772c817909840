#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ccrelay::base {

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

/// `length` bytes are equal but for the case of ASCII letters.
bool same_but_for_case(const char* a, const char* b, std::size_t length);

/// Equal but for the case of ASCII letters. Inline because most names differ in length already.
inline bool iequals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && same_but_for_case(a.data(), b.data(), a.size());
}
inline bool istarts_with(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         same_but_for_case(text.data(), prefix.data(), prefix.size());
}
std::string lower(std::string_view text);
/// Without blanks and tabs at both ends.
std::string_view trim(std::string_view text);
/// All of the text as a decimal number without sign; empty when it is not one or does not fit.
std::optional<std::uint64_t> parse_number(std::string_view text);
/// Whether a comma-separated header value (RFC 9110 section 5.6.1) names this token.
bool has_token(std::string_view list, std::string_view token);

}  // namespace ccrelay::base
