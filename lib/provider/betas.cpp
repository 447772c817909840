#include "provider/betas.hpp"

#include <algorithm>
#include <unordered_set>

#include "base/ascii.hpp"
#include "provider/body_edit.hpp"
#include "wire/json_members.hpp"
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

namespace {

// The strings of a JSON array that is known to be well-formed; names of betas have no escapes.
std::vector<std::string_view> strings_in(std::string_view array) {
  std::vector<std::string_view> out;
  for (auto at = array.find('"'); at != std::string_view::npos; at = array.find('"', at + 1)) {
    const std::size_t begin = ++at;
    while (at < array.size() && array[at] != '"') at += array[at] == '\\' ? 2 : 1;
    const std::string_view one = array.substr(begin, std::min(at, array.size()) - begin);
    if (one.find('\\') == std::string_view::npos) out.push_back(one);
    if (at >= array.size()) break;
  }
  return out;
}

constexpr std::string_view betas_member = "anthropic_beta";

}  // namespace

std::vector<std::string_view> betas_of(const Headers& headers, std::string_view body,
                                       Dialect dialect) {
  std::vector<std::string_view> betas = betas_of(headers);
  if (dialect == Dialect::anthropic || body.find(betas_member) == std::string_view::npos) {
    return betas;
  }
  const auto members = wire::JsonMembers::read(body);
  const wire::JsonMember* member = members ? members->find(betas_member) : nullptr;
  if (!member) return betas;
  std::unordered_set<std::string_view> known(betas.begin(), betas.end());
  for (const std::string_view beta : strings_in(members->raw(*member))) {
    if (known.insert(beta).second) betas.push_back(beta);
  }
  return betas;
}

Result<std::vector<Splice>> left_out_splices(const ProviderRequest& request) {
  if (request.unsupported.empty()) return std::vector<Splice>();
  auto edit = BodyEdit::of(request.body);
  if (!edit) return edit.error();
  for (const std::string& field : request.unsupported.fields) edit->remove(field);
  const auto sent = strings_in(edit->value(betas_member));
  const auto left = without(sent, request.unsupported.betas);
  if (left.empty() && !sent.empty()) {
    edit->remove(betas_member);
  } else if (left.size() < sent.size()) {
    edit->replace(betas_member, as_array(left));
  }
  return edit->take_splices();
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
