#include "exchange/foreign_ids.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "dialect/ids.hpp"
#include "dialect/json_text.hpp"

namespace ccrelay::exchange {
namespace {

std::string_view without_blanks_behind(std::string_view text) {
  const auto last = text.find_last_not_of(" \t\r\n");
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// The string that begins there says whose result it is.
bool is_of_result(std::string_view before) {
  before = without_blanks_behind(before);
  if (!before.ends_with(':')) return false;
  before.remove_suffix(1);
  before = without_blanks_behind(before);
  return before.ends_with("\"tool_use_id\"");
}

}  // namespace

std::vector<Splice> fitting_ids(std::string_view body, const std::vector<wire::Span>& ids) {
  std::set<std::string_view> done;
  std::vector<Splice> out;
  for (const wire::Span& id : ids) {
    const std::string_view name = body.substr(id.offset - 1, id.length + 2);
    const std::string fitting =
        dialect::id_for(dialect::IdForm::anthropic, dialect::Json(name).text());
    out.push_back({id.offset - 1, name.size(), '"' + fitting + '"'});
    if (!done.insert(name).second) continue;
    for (auto at = body.find(name); at != std::string_view::npos;
         at = body.find(name, at + name.size())) {
      if (is_of_result(body.substr(0, at))) out.push_back({at, name.size(), '"' + fitting + '"'});
    }
  }
  std::sort(out.begin(), out.end(),
            [](const Splice& a, const Splice& b) { return a.offset < b.offset; });
  return out;
}

}  // namespace ccrelay::exchange
