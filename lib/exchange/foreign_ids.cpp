#include "exchange/foreign_ids.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "dialect/ids.hpp"
#include "dialect/json_text.hpp"

namespace ccrelay::exchange {
namespace {

// The string that begins at `at`, with its quotes; empty where none does.
std::string_view string_at(std::string_view body, std::size_t at) {
  if (at >= body.size() || body[at] != '"') return {};
  const auto end = body.find('"', at + 1);
  return end == std::string_view::npos ? std::string_view() : body.substr(at, end + 1 - at);
}

std::size_t past_blanks(std::string_view body, std::size_t at) {
  return std::min(body.find_first_not_of(" \t\r\n", at), body.size());
}

}  // namespace

std::vector<Splice> fitting_ids(std::string_view body, const std::vector<wire::Span>& ids) {
  // By how they stand there, so that the body is gone through once, however many there are.
  std::unordered_map<std::string_view, std::string> fitting;
  std::vector<Splice> out;
  for (const wire::Span& id : ids) {
    const std::string_view name = body.substr(id.offset - 1, id.length + 2);
    std::string& other = fitting[name];
    if (other.empty()) {
      other = '"' + dialect::id_for(dialect::IdForm::anthropic, dialect::Json(name).text()) + '"';
    }
    out.push_back({id.offset - 1, name.size(), other});
  }
  constexpr std::string_view key = "\"tool_use_id\"";
  for (auto at = body.find(key); at != std::string_view::npos; at = body.find(key, at + 1)) {
    const std::size_t colon = past_blanks(body, at + key.size());
    if (colon == body.size() || body[colon] != ':') continue;
    const std::size_t begin = past_blanks(body, colon + 1);
    const auto found = fitting.find(string_at(body, begin));
    if (found != fitting.end()) out.push_back({begin, found->first.size(), found->second});
  }
  std::sort(out.begin(), out.end(),
            [](const Splice& a, const Splice& b) { return a.offset < b.offset; });
  return out;
}

}  // namespace ccrelay::exchange
