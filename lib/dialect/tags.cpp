#include "dialect/tags.hpp"

#include <algorithm>
#include <array>

#include "base/base64.hpp"
#include "sign/digests.hpp"

namespace ccrelay::dialect {
namespace {

constexpr std::string_view tag_prefix = "ccr1.";
constexpr std::size_t issuer_digits = 12;

bool is_issuer(std::string_view text) {
  return text.size() == issuer_digits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::optional<Dialect> dialect_named(std::string_view word) {
  for (const Dialect dialect :
       {Dialect::anthropic, Dialect::chat, Dialect::responses, Dialect::gemini}) {
    if (to_string(dialect) == word) return dialect;
  }
  return {};
}

// Up to the next dot, which goes too.
std::string_view take_part(std::string_view& text) {
  const auto dot = std::min(text.find('.'), text.size());
  const std::string_view part = text.substr(0, dot);
  text.remove_prefix(std::min(dot + 1, text.size()));
  return part;
}

}  // namespace

std::string issuer_of(std::string_view type, std::string_view base_url) {
  const std::array<std::string_view, 3> pieces{type, " ", base_url};
  return sign::hex(sign::sha256(pieces)).substr(0, issuer_digits);
}

std::string make_tag(const Tag& tag) {
  std::string out(tag_prefix);
  out += to_string(tag.dialect);
  out += '.';
  out += tag.issuer;
  out += '.';
  out += base::base64url_encoded(tag.data);
  return out;
}

std::optional<Tag> read_tag(std::string_view text) {
  if (text.substr(0, tag_prefix.size()) != tag_prefix) return {};
  text.remove_prefix(tag_prefix.size());
  const auto dialect = dialect_named(take_part(text));
  const std::string_view issuer = take_part(text);
  auto data = base::base64url_decoded(text);
  if (!dialect || !is_issuer(issuer) || !data) return {};
  const Json json = Json::read(*data);
  if (!json.is_object()) return {};
  return Tag{*dialect, std::string(issuer), std::string(json.raw())};
}

std::optional<Tag> read_tag(Json text) {
  // A backslash: the prefix may be written with escapes.
  const std::string_view front = text.raw().substr(0, 2);
  if (front != "\"c" && front != "\"\\") return {};
  return read_tag(text.text());
}

std::vector<std::string_view> tags_in(std::string_view text) {
  std::vector<std::string_view> tags;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) tags.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return tags;
}

std::string make_wrapped_tag(const Tag& tag) {
  return base::base64_encoded(make_tag(tag));
}

std::optional<Tag> read_wrapped_tag(std::string_view text) {
  const auto inside = base::base64_decoded(text);
  return inside ? read_tag(*inside) : std::nullopt;
}

}  // namespace ccrelay::dialect
