#include "dialect/surface.hpp"

#include <algorithm>
#include <array>

#include "base/percent.hpp"

namespace ccrelay::dialect {
namespace {

struct PathRow {
  std::string_view method;
  std::string_view path;
  Dialect dialect;
  Ask ask;
};
constexpr std::array path_rows{
    PathRow{"POST", "/v1/messages", Dialect::anthropic, Ask::message},
    PathRow{"POST", "/v1/messages/count_tokens", Dialect::anthropic, Ask::count},
    PathRow{"POST", "/v1/chat/completions", Dialect::chat, Ask::message},
    PathRow{"POST", "/v1/responses", Dialect::responses, Ask::message},
    PathRow{"POST", "/v1/responses/input_tokens", Dialect::responses, Ask::count},
    PathRow{"GET", "/v1/responses", Dialect::responses, Ask::websocket},
    PathRow{"GET", "/v1beta/models", Dialect::gemini, Ask::models},
};

struct Verb {
  std::string_view name;
  Ask ask;
  bool stream;
};
constexpr std::array verbs{
    Verb{"generateContent", Ask::message, false},
    Verb{"streamGenerateContent", Ask::message, true},
    Verb{"countTokens", Ask::count, false},
};

bool is_below(std::string_view path, std::string_view folder) {
  return path.substr(0, folder.size()) == folder &&
         (path.size() == folder.size() || path[folder.size()] == '/');
}

// Behind `/v1beta/models/` or `/v1/models/`.
std::optional<std::string_view> gemini_name(std::string_view path) {
  for (const std::string_view folder : {"/v1beta/models/", "/v1/models/"}) {
    if (path.size() > folder.size() && path.substr(0, folder.size()) == folder)
      return path.substr(folder.size());
  }
  return {};
}

// `{m}:verb`; names have colons too, so it is the last one that counts.
std::optional<Asked> asked_by_verb(std::string_view name, std::string_view query) {
  const auto colon = name.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return {};
  for (const Verb& verb : verbs) {
    if (name.substr(colon + 1) != verb.name) continue;
    return Asked{Dialect::gemini, verb.ask, base::percent_decoded(name.substr(0, colon)),
                 verb.stream, query_value(query, "alt") == "sse"};
  }
  return {};
}

// The next of `a=1&b=2`, which goes.
std::string_view take_pair(std::string_view& query) {
  const auto end = std::min(query.find('&'), query.size());
  const std::string_view pair = query.substr(0, end);
  query.remove_prefix(std::min(end + 1, query.size()));
  return pair;
}

bool is_named(std::string_view pair, std::string_view name) {
  return base::percent_decoded(pair.substr(0, pair.find('='))) == name;
}

}  // namespace

std::optional<Asked> asked_by(std::string_view method, std::string_view path,
                              std::string_view query) {
  for (const PathRow& row : path_rows) {
    if (method == row.method && path == row.path)
      return Asked{row.dialect, row.ask, {}, false, false};
  }
  const auto name = gemini_name(path);
  if (name && method == "POST") return asked_by_verb(*name, query);
  if (name && method == "GET" && is_below(path, "/v1beta"))
    return Asked{Dialect::gemini, Ask::model, base::percent_decoded(*name), false, false};
  const bool is_stored = is_below(path, "/v1/responses") || is_below(path, "/v1/conversations");
  if (is_stored && (method == "GET" || method == "DELETE" || is_below(path, "/v1/conversations")))
    return Asked{Dialect::responses, Ask::stored, {}, false, false};
  return {};
}

Dialect envelope_for(std::string_view path) {
  if (is_below(path, "/v1beta")) return Dialect::gemini;
  if (is_below(path, "/v1/responses") || is_below(path, "/v1/conversations"))
    return Dialect::responses;
  if (is_below(path, "/v1/chat")) return Dialect::chat;
  const auto name = gemini_name(path);
  return name && asked_by_verb(*name, {}) ? Dialect::gemini : Dialect::anthropic;
}

std::string_view keep_alive(Dialect client) {
  switch (client) {
    case Dialect::anthropic:
      return "event: ping\ndata: {\"type\": \"ping\"}\n\n";
    case Dialect::chat:
    case Dialect::responses:
      return ": ping\n\n";
    case Dialect::gemini:
      return "\n\n";  // its SDK takes nothing that does not begin with data:
  }
  return {};
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = take_pair(query);
    if (!is_named(pair, name)) continue;
    const auto equals = pair.find('=');
    return equals == std::string_view::npos ? std::string()
                                            : base::percent_decoded(pair.substr(equals + 1));
  }
  return {};
}

std::string query_without(std::string_view query, std::string_view name) {
  std::string out;
  while (!query.empty()) {
    const std::string_view pair = take_pair(query);
    if (is_named(pair, name)) continue;
    if (!out.empty()) out += '&';
    out += pair;
  }
  return out;
}

}  // namespace ccrelay::dialect
