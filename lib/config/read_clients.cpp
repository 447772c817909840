#include "config/read_clients.hpp"

#include "base/ascii.hpp"
#include "config/fields.hpp"

#include <fmt/format.h>

#include <utility>

namespace ccrelay::config {
namespace {

void read_limits(TableReader& reader, ClientConfig& client) {
  for (const auto& limit : client_limit_fields) {
    if (const auto value = reader.integer(limit.key, 0, limit_max)) {
      client.*limit.value = static_cast<std::uint64_t>(*value);
    }
  }
  if (const auto requests = reader.integer("max_in_flight", 0, in_flight_max)) {
    client.max_in_flight = static_cast<int>(*requests);
  }
  for (const auto& budget : budget_fields) {
    constexpr std::int64_t nano_in_micro = 1000;
    if (const auto usd = reader.decimal(budget.key, usd_places, budget_max)) {
      client.*budget.nano_usd = *usd * nano_in_micro;
    }
  }
}

ClientConfig read_client(const Value& table, const std::string& path, Findings& findings) {
  TableReader reader(table, path, findings);
  ClientConfig client;
  if (auto name = reader.string("name")) client.name = *std::move(name);
  for (auto& key : reader.strings_or_one("key")) client.keys.emplace_back(std::move(key));
  for (const auto& hash : reader.strings_or_one("key_sha256")) {
    client.key_hashes.emplace_back(base::lower(hash));
  }
  client.models = reader.strings("models");
  client.providers = reader.strings("providers");
  read_limits(reader, client);
  if (const auto instant = reader.instant("expires")) {
    client.expires = std::chrono::sys_seconds(std::chrono::seconds(*instant));
  }
  client.enabled = reader.boolean("enabled").value_or(true);
  reader.finish();
  // Then that it has no key is not said beside what is wrong with it.
  if (reader.was_complained_of("key") || reader.was_complained_of("key_sha256")) {
    findings.complained.insert(path + ".key");
  }
  return client;
}

}  // namespace

void read_clients(TableReader& reader, AuthConfig& auth, Findings& findings) {
  const auto* array =
      reader.array("clients", Kind::table, "an array of tables ([[server.auth.clients]])");
  if (array == nullptr) return;
  for (std::size_t i = 0; i < array->items.size(); ++i) {
    const auto path = reader.path_of(fmt::format("clients[{}]", i));
    auth.clients.push_back(read_client(array->items[i], path, findings));
  }
}

}  // namespace ccrelay::config
