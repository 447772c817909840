#include "base/base64.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cstddef>

namespace ccrelay::base {
namespace {

// OpenSSL counts in int. Four characters a group, so that pieces of this size can stand alone.
constexpr std::size_t piece_chars = std::size_t{1} << 24;
constexpr std::size_t piece_bytes = piece_chars / 4 * 3;

unsigned char* writable(std::string& out, std::size_t at) {
  return reinterpret_cast<unsigned char*>(out.data() + at);
}

const unsigned char* readable(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

void replace(std::string& text, char from, char to) {
  std::replace(text.begin(), text.end(), from, to);
}

// How many `=` end the text; nothing if there are some elsewhere, where OpenSSL takes them for `A`.
std::optional<std::size_t> padding(std::string_view text) {
  const auto first = text.find('=');
  if (first == std::string_view::npos) return 0;
  const std::size_t count = text.size() - first;
  if (count > 2 || text.back() != '=') return std::nullopt;
  return count;
}

}  // namespace

std::string base64_encoded(std::string_view bytes) {
  std::string out;
  out.resize((bytes.size() + 2) / 3 * 4 + 1);  // OpenSSL puts a zero behind
  std::size_t at = 0;
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, piece_bytes);
    at += static_cast<std::size_t>(
        EVP_EncodeBlock(writable(out, at), readable(piece), static_cast<int>(piece.size())));
    bytes.remove_prefix(piece.size());
  }
  out.resize(at);
  return out;
}

bool append_base64_decoded(std::string& out, std::string_view text) {
  const auto padded = padding(text);
  if (text.size() % 4 != 0 || !padded) return false;
  const std::size_t before = out.size();
  out.resize(before + text.size() / 4 * 3);
  std::size_t at = before;
  bool good = true;
  while (good && !text.empty()) {
    const std::string_view piece = text.substr(0, piece_chars);
    const int count =
        EVP_DecodeBlock(writable(out, at), readable(piece), static_cast<int>(piece.size()));
    // Fewer when OpenSSL has passed over white space at the ends.
    good = count >= 0 && static_cast<std::size_t>(count) == piece.size() / 4 * 3;
    at += piece.size() / 4 * 3;
    text.remove_prefix(piece.size());
  }
  // It makes a byte of each `=`, of the bits that are left over.
  good = good && out.find_first_not_of('\0', at - *padded) == std::string::npos;
  out.resize(good ? at - *padded : before);
  return good;
}

std::optional<std::string> base64_decoded(std::string_view text) {
  std::string out;
  if (!append_base64_decoded(out, text)) return std::nullopt;
  return out;
}

std::string base64url_encoded(std::string_view bytes) {
  std::string out = base64_encoded(bytes);
  out.resize(out.size() - padding(out).value_or(0));
  replace(out, '+', '-');
  replace(out, '/', '_');
  return out;
}

std::optional<std::string> base64url_decoded(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string standard(text);
  replace(standard, '-', '+');
  replace(standard, '_', '/');
  standard.append((4 - standard.size() % 4) % 4, '=');
  return base64_decoded(standard);
}

}  // namespace ccrelay::base
