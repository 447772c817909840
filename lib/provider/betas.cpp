#include "provider/betas.hpp"

#include <algorithm>
#include <unordered_set>

#include "base/ascii.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::provider {

std::vector<std::string_view> betas_of(const Headers& headers) {
  std::vector<std::string_view> betas;
  // A header may hold thousands.
  std::unordered_set<std::string_view> known;
  for (const Header header : headers) {
    if (!base::iequals(header.name, "anthropic-beta")) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const auto comma = rest.find(',');
      const std::string_view beta = base::trim(rest.substr(0, comma));
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
      if (!beta.empty() && known.insert(beta).second) betas.push_back(beta);
    }
  }
  return betas;
}

std::vector<std::string_view> without(std::vector<std::string_view> betas,
                                      const std::vector<std::string>& unsupported) {
  betas.erase(std::remove_if(betas.begin(), betas.end(),
                             [&](std::string_view beta) {
                               return std::find(unsupported.begin(), unsupported.end(), beta) !=
                                      unsupported.end();
                             }),
              betas.end());
  return betas;
}

std::string as_header(const std::vector<std::string_view>& betas) {
  std::string out;
  for (const std::string_view beta : betas) {
    if (!out.empty()) out += ',';
    out += beta;
  }
  return out;
}

std::string as_array(const std::vector<std::string_view>& betas) {
  std::string out = "[";
  for (const std::string_view beta : betas) {
    if (out.size() > 1) out += ',';
    wire::append_json_string(out, beta);
  }
  return out + ']';
}

}  // namespace ccrelay::provider
