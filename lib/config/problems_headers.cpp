#include "config/problems.hpp"

#include <algorithm>
#include <set>

#include "base/ascii.hpp"
#include "config/words.hpp"

namespace ccrelay::config {
namespace {

/// RFC 9110 section 5.6.2.
bool is_token(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    const bool is_plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return is_plain ||
           (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
  });
}

}  // namespace

void find_header_problems(const std::string& path,
                          const std::vector<std::pair<std::string, Secret>>& headers,
                          std::vector<Problem>& problems) {
  std::set<std::string> seen;
  for (const auto& [name, value] : headers) {
    const std::string key = path + '.' + plain(name);
    // A malformed name may well be a whole header line with its secret, so it is not shown.
    if (!is_token(name)) {
      problems.push_back({key, path + " has a name that is not a header name; allowed: "
                                      "letters, digits and !#$%&'*+-.^_`|~"});
      continue;
    }
    const auto add = [&](std::string_view what) {
      problems.push_back({key, key + std::string(what)});
    };
    const auto lower = base::lower(name);
    if (!seen.insert(lower).second) add(" is given twice; upper and lower case are the same");
    if (lower == "host" || lower == "content-length" || lower == "transfer-encoding" ||
        lower == "connection") {
      add(" is set by the relay itself; remove it");
    }
    if (has_control(value.reveal())) add(" contains a control character; remove it");
  }
}

}  // namespace ccrelay::config
