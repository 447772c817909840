#include "exchange/answer_looks.hpp"

#include "base/ascii.hpp"
#include "base/header_name.hpp"
#include "wire/event_message.hpp"

namespace ccrelay::exchange {

bool is_plain(const ResponseHead& head) {
  const auto coding = head.headers.get(base::HeaderName::content_encoding);
  return base::iequals(coding.value_or("identity"), "identity");
}

std::string_view behind_space(std::string_view text) {
  if (text.substr(0, byte_order_mark.size()) == byte_order_mark) {
    text.remove_prefix(byte_order_mark.size());
  }
  const auto begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

Looks looks_of(std::string_view bytes) {
  if (byte_order_mark.substr(0, bytes.size()) == bytes) return Looks::empty;
  // No text begins so: of a frame it is the first byte of its length.
  if (bytes.front() == '\0') {
    if (bytes.size() < wire::event_prelude_bytes) return Looks::empty;
    return wire::is_event_prelude(bytes) ? Looks::frames : Looks::text;
  }
  bytes = behind_space(bytes);
  if (bytes.empty()) return Looks::empty;
  if (bytes.front() == '{' || bytes.front() == '[') return Looks::json;
  if (bytes.front() == '<') return Looks::page;
  // WHATWG HTML, section 9.2.6
  for (const std::string_view field : {":", "event:", "data:", "id:", "retry:"}) {
    if (bytes.substr(0, field.size()) == field) return Looks::stream;
    if (field.substr(0, bytes.size()) == bytes) return Looks::empty;
  }
  return Looks::text;
}

}  // namespace ccrelay::exchange
