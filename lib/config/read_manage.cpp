#include "config/read_manage.hpp"

#include "config/fields.hpp"
#include "config/words.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace ccrelay::config {
namespace {

ManageToken read_token(const Value& table, const std::string& path, Findings& findings) {
  TableReader reader(table, path, findings);
  ManageToken token;
  if (auto name = reader.string("name")) token.name = *std::move(name);
  if (auto text = reader.string("token")) token.token = Secret(*std::move(text));
  if (const auto role = read_role(reader, "role")) token.role = *role;
  reader.finish();
  return token;
}

}  // namespace

std::optional<management::Role> read_role(TableReader& reader, std::string_view key) {
  const auto word = reader.string(key);
  if (!word || word->empty()) return {};
  std::vector<std::string_view> known;
  for (const auto& [name, role] : roles) {
    if (name == *word) return role;
    known.push_back(name);
  }
  reader.complain(reader.take(key)->value.at, key, unknown_word(*word, known));
  return {};
}

void read_manage_auth(const Value& table, ManageConfig& manage, Findings& findings) {
  TableReader reader(table, "manage.auth", findings);
  manage.users = reader.strings("users");
  if (const auto* tokens =
          reader.array("tokens", Kind::table, "an array of tables ([[manage.auth.tokens]])")) {
    for (std::size_t i = 0; i < tokens->items.size(); ++i) {
      const auto path = fmt::format("manage.auth.tokens[{}]", i);
      manage.tokens.push_back(read_token(tokens->items[i], path, findings));
    }
  }
  reader.finish();
}

}  // namespace ccrelay::config
