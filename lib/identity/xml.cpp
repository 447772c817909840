#include "identity/xml.hpp"

#include <array>
#include <utility>

namespace ccrelay::identity {

std::optional<std::string> xml_text(std::string_view xml, std::string_view element) {
  const std::string open = "<" + std::string(element) + ">";
  const std::size_t begin = xml.find(open);
  if (begin == std::string_view::npos) return std::nullopt;
  std::string_view rest = xml.substr(begin + open.size());
  const std::size_t end = rest.find('<');
  if (end == std::string_view::npos ||
      rest.substr(end + 1, element.size() + 2) != "/" + std::string(element) + ">")
    return std::nullopt;
  rest = rest.substr(0, end);

  static constexpr std::array<std::pair<std::string_view, char>, 5> entities{
      {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}}};
  std::string text;
  while (!rest.empty()) {
    std::size_t length = 1;
    char c = rest.front();
    for (const auto& [entity, meaning] : entities) {
      if (rest.substr(0, entity.size()) != entity) continue;
      c = meaning;
      length = entity.size();
    }
    text += c;
    rest.remove_prefix(length);
  }
  return text;
}

}  // namespace ccrelay::identity
