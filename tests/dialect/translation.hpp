#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dialect/dialect.hpp"
#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

/// The body that came of it, or in one line why none did.
inline std::string body_of(const Translation& translation) {
  if (const auto* refusal = std::get_if<Refused>(&translation)) {
    return "refused " + std::to_string(refusal->status) + " " + refusal->param + ": " +
           refusal->message;
  }
  if (const auto* cannot = std::get_if<NotCarriable>(&translation))
    return "not carriable " + cannot->param + ": " + cannot->what;
  return std::get<Translated>(translation).body;
}

/// A member of that body.
inline std::string member_of(const Translation& translation, std::string_view name) {
  const std::string body = body_of(translation);
  const Json json = Json::read(body);
  return json ? std::string(json[name].raw()) : body;
}

inline std::string dropped_of(const Translation& translation) {
  std::string out;
  if (const auto* translated = std::get_if<Translated>(&translation)) {
    for (const std::string& each : translated->dropped) out += (out.empty() ? "" : ", ") + each;
  }
  return out;
}

/// What a translator makes of a stream. `cut`: fed byte by byte.
template <class Stream, class... Args>
std::string streamed(std::string_view in, bool cut, const Args&... args) {
  Stream stream(args...);
  std::string out;
  if (cut) {
    for (std::size_t i = 0; i < in.size(); ++i) stream.feed(in.substr(i, 1), out);
  } else {
    stream.feed(in, out);
  }
  stream.end(out);
  return out;
}

/// The events' data, one a line, without their names.
inline std::string data_lines(std::string_view stream) {
  std::string out;
  for (std::size_t at = 0; (at = stream.find("data: ", at)) != std::string_view::npos;) {
    at += 6;
    const std::size_t end = stream.find('\n', at);
    out += stream.substr(at, end - at);
    out += '\n';
    at = end;
  }
  return out;
}

}  // namespace ccrelay::dialect
