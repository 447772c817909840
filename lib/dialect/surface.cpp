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
    PathRow{"GET", "/v1beta1/publishers/google/models", Dialect::gemini, Ask::models},
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

// Takes a beginning off, if there is more behind it.
bool take_beginning(std::string_view& path, std::string_view beginning) {
  if (path.size() <= beginning.size() || path.substr(0, beginning.size()) != beginning)
    return false;
  path.remove_prefix(beginning.size());
  return true;
}

// The same of a folder and one in it, whose name it tells; empty: it is not there.
std::string_view take_named(std::string_view& path, std::string_view folder) {
  std::string_view rest = path;
  if (!take_beginning(rest, folder)) return {};
  const auto end = std::min(rest.find('/'), rest.size());
  const std::string_view name = rest.substr(0, end);
  rest.remove_prefix(end);
  if (name.empty() || !take_beginning(rest, "/")) return {};
  path = rest;
  return name;
}

// Vertex AI's. Who has a key leaves out the project and its location, which are the provider's own
// settings here. Google's SDK makes a publisher of the first part of a name with a slash.
std::optional<std::string> vertex_name(std::string_view path) {
  if (!take_beginning(path, "/v1beta1/") && !take_beginning(path, "/v1/")) return {};
  if (!take_named(path, "projects/").empty() && take_named(path, "locations/").empty()) return {};
  if (take_beginning(path, "models/")) return std::string(path);
  const std::string_view publisher = take_named(path, "publishers/");
  if (publisher.empty() || !take_beginning(path, "models/")) return {};
  if (publisher == "google") return std::string(path);
  return std::string(publisher).append("/").append(path);
}

// Behind `/v1beta/models/` or `/v1/models/`, or
// `/v1beta1[/projects/{p}/locations/{l}]/publishers/google/models/`, which is also under /v1.
std::optional<std::string> gemini_name(std::string_view path) {
  std::string_view name = path;
  if (take_beginning(name, "/v1beta/models/")) return std::string(name);
  return vertex_name(path);
}

// Where nobody else's models are.
bool is_googles(std::string_view path) {
  return is_below(path, "/v1beta") || is_below(path, "/v1beta1");
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
  if (name && method == "GET" && is_googles(path))
    return Asked{Dialect::gemini, Ask::model, base::percent_decoded(*name), false, false};
  const bool is_stored = is_below(path, "/v1/responses") || is_below(path, "/v1/conversations");
  if (is_stored && (method == "GET" || method == "DELETE" || is_below(path, "/v1/conversations")))
    return Asked{Dialect::responses, Ask::stored, {}, false, false};
  return {};
}

Dialect envelope_for(std::string_view path) {
  if (is_googles(path)) return Dialect::gemini;
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
