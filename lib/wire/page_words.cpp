#include "wire/page_words.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/ascii.hpp"
#include "wire/json_scan.hpp"

namespace ccrelay::wire {
namespace {

using base::iequals;
using base::istarts_with;

// A title stands at the beginning; what is read of a page is bounded by that.
constexpr std::size_t page_bytes_max = std::size_t{64} << 10;
// So short a secret would be found in any text.
constexpr std::size_t secret_bytes_min = 6;
constexpr std::size_t key_bytes_min = 12;

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_letter(char c) {
  const char lower = base::to_lower(c);
  return lower >= 'a' && lower <= 'z';
}

struct Entity {
  std::string_view name;
  std::string_view text;
};
constexpr std::array entities{Entity{"amp;", "&"},     Entity{"lt;", "<"},   Entity{"gt;", ">"},
                              Entity{"quot;", "\""},   Entity{"#39;", "'"},  Entity{"apos;", "'"},
                              Entity{"nbsp;", " "},    Entity{"#160;", " "}, Entity{"mdash;", "-"},
                              Entity{"ndash;", "-"},   Entity{"copy;", ""},  Entity{"#x27;", "'"},
                              Entity{"hellip;", "..."}};

// Where the tag ends that begins at `at`: behind its '>', outside quotes.
std::size_t tag_end(std::string_view page, std::size_t at) {
  if (page.substr(at, 4) == "<!--") {
    const auto end = page.find("-->", at + 4);
    return end == std::string_view::npos ? page.size() : end + 3;
  }
  const auto end = page.find('>', at);
  return end == std::string_view::npos ? page.size() : end + 1;
}

std::string_view tag_name(std::string_view page, std::size_t at) {
  std::size_t end = at + 1;
  while (end < page.size() && (is_letter(page[end]) || (page[end] >= '0' && page[end] <= '9'))) {
    ++end;
  }
  return page.substr(at + 1, end - at - 1);
}

// `</name`, from there on; npos if it is nowhere.
std::size_t find_closing(std::string_view page, std::string_view name, std::size_t from) {
  for (auto at = page.find("</", from); at != std::string_view::npos;
       at = page.find("</", at + 2)) {
    if (istarts_with(page.substr(at + 2), name)) return at;
  }
  return std::string_view::npos;
}

// One step over markup at '<': past a tag, and past all of what is not meant to be read.
std::size_t skip_markup(std::string_view page, std::size_t at) {
  const std::string_view name = tag_name(page, at);
  const std::size_t end = tag_end(page, at);
  for (const std::string_view unread : {"script", "style", "svg", "template", "noscript"}) {
    if (!iequals(name, unread)) continue;
    return std::min(find_closing(page, unread, end), page.size());
  }
  return end;
}

bool is_markup(std::string_view page, std::size_t at) {
  if (page[at] != '<' || at + 1 == page.size()) return false;
  const char next = page[at + 1];
  return is_letter(next) || next == '/' || next == '!' || next == '?';
}

// The inside of the first element of that name.
std::optional<std::string_view> element(std::string_view page, std::string_view wanted) {
  for (std::size_t at = page.find('<'); at < page.size(); at = page.find('<', at)) {
    if (is_markup(page, at) && iequals(tag_name(page, at), wanted)) {
      const std::size_t begin = tag_end(page, at);
      return page.substr(begin, std::min(find_closing(page, wanted, begin), page.size()) - begin);
    }
    at = is_markup(page, at) ? skip_markup(page, at) : at + 1;
  }
  return {};
}

// Text without markup, with single blanks; no more than `bytes_max` and the character that ends
// there.
std::string plain_text(std::string_view page, std::size_t bytes_max, bool has_markup) {
  std::string out;
  bool blank = false;
  const auto add = [&](std::string_view text) {
    for (const char c : text) {
      if (is_space(c)) {
        blank = true;
        continue;
      }
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) continue;
      if (std::exchange(blank, false) && !out.empty()) out += ' ';
      out += c;
    }
  };
  for (std::size_t at = 0; at < page.size() && out.size() <= bytes_max;) {
    if (has_markup && is_markup(page, at)) {
      at = skip_markup(page, at);
      blank = true;
      continue;
    }
    if (has_markup && page[at] == '&') {
      const std::string_view rest = page.substr(at + 1);
      const auto entity = std::find_if(entities.begin(), entities.end(), [&](const Entity& one) {
        return istarts_with(rest, one.name);
      });
      if (entity != entities.end()) {
        add(entity->text);
        at += 1 + entity->name.size();
        continue;
      }
    }
    add(page.substr(at++, 1));
  }
  return out;
}

bool says_latin1(std::string_view content_type) {
  const std::string lower = base::lower(content_type);
  return lower.find("iso-8859-1") != std::string::npos ||
         lower.find("windows-1252") != std::string::npos ||
         lower.find("latin1") != std::string::npos;
}

std::string from_latin1(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xC0 | byte >> 6);
      out += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return out;
}

// Bytes of the character that begins here; 0 where none does (RFC 3629).
std::size_t character_at(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool odd = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F) ||
                   (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F);
  return odd ? 0 : size;
}

// UTF-8 that ends with a whole character; "…" where it was longer.
std::string bounded(std::string_view text, std::size_t bytes_max) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = character_at(text);
    const std::string_view next = size > 0 ? text.substr(0, size) : "\xEF\xBF\xBD";
    if (out.size() + next.size() > bytes_max) return out + "\xE2\x80\xA6";
    out += next;
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

bool is_key_character(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~' ||
         c == '+' || c == '/' || c == '=';
}

// From `at` to the end of what a key or token is made of.
std::size_t word_end(std::string_view text, std::size_t at) {
  while (at < text.size() && is_key_character(text[at])) ++at;
  return at;
}

// Each in one pass: a stranger may repeat what is looked for as often as there is room.
std::string with_replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string out;
  std::size_t from = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, from)) {
    out.append(text.substr(from, at - from)).append(by);
    from = at + what.size();
  }
  return out.append(text.substr(from));
}

// Where something that begins as keys do begins in a word, at its beginning or as a value.
std::size_t key_in(std::string_view word) {
  for (std::size_t at = 0; word.size() - at >= key_bytes_min; ++at) {
    if (at > 0 && word[at - 1] != '=') continue;
    for (const std::string_view prefix : {"sk-", "AIza", "ya29.", "AKIA", "ASIA", "eyJ", "xai-"}) {
      if (word.substr(at, prefix.size()) == prefix) return at;
    }
  }
  return std::string_view::npos;
}

bool iends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && iequals(text.substr(text.size() - end.size()), end);
}

// Words that begin as keys do, and what follows "bearer", wherever they come from.
std::string without_keys(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_key_character(text[at])) {
      out += text[at++];
      continue;
    }
    const std::size_t end = word_end(text, at);
    const std::string_view word = text.substr(at, end - at);
    const std::size_t key = word.size() < key_bytes_min                 ? std::string_view::npos
                            : iends_with(text.substr(0, at), "bearer ") ? 0
                                                                        : key_in(word);
    out += word.substr(0, std::min(key, word.size()));
    if (key != std::string_view::npos) out += "***";
    at = end;
  }
  return out;
}

}  // namespace

bool is_json_document(std::string_view body) {
  JsonScan scan(body);
  scan.skip_space();
  if (scan.peek() != '{' && scan.peek() != '[') return false;
  scan.skip_value();
  if (!scan.failed()) scan.skip_space();
  return !scan.failed() && scan.at_end();
}

std::string page_words(std::string_view body, std::string_view content_type,
                       std::size_t bytes_max) {
  body = body.substr(0, page_bytes_max);
  if (body.substr(0, 3) == "\xEF\xBB\xBF") body.remove_prefix(3);
  // Not text, or text of two bytes a character.
  if (body.find('\0') != std::string_view::npos) return {};
  std::size_t begin = 0;
  while (begin < body.size() && is_space(body[begin])) ++begin;
  body.remove_prefix(begin);
  const bool has_markup = istarts_with(content_type, "text/html") || body.substr(0, 1) == "<";
  std::string words;
  if (has_markup) {
    for (const std::string_view name : {"title", "h1", "h2"}) {
      if (words.empty()) words = plain_text(element(body, name).value_or(""), bytes_max, true);
    }
  }
  if (words.empty()) words = plain_text(body, bytes_max, has_markup);
  return bounded(says_latin1(content_type) ? from_latin1(words) : words, bytes_max);
}

std::string quotable(std::string text, const std::vector<std::string_view>& secrets) {
  for (const std::string_view secret : secrets) {
    if (secret.size() >= secret_bytes_min) text = with_replaced(text, secret, "***");
  }
  return without_header_name(without_keys(text));
}

std::string without_header_name(std::string text) {
  static constexpr std::string_view word = "x-api-key";
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (istarts_with(std::string_view(text).substr(at), word)) {
      out += "API key";
      at += word.size();
    } else {
      out += text[at++];
    }
  }
  return out;
}

}  // namespace ccrelay::wire
