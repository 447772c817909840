#include "relay/local_routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/ascii.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::relay {
namespace {

// The day the Messages API was released stands for "some time ago": a stable answer.
constexpr std::string_view created_at = "2023-12-15T00:00:00Z";
constexpr long created_seconds = 1'702'598'400;
constexpr std::size_t limit_default = 1000;

struct Model {
  std::string id;
  const Entry* entry;
};

std::vector<Model> models_of(const Snapshot& snapshot) {
  std::vector<Model> models;
  const auto add = [&](const std::string& id, const Entry& entry) {
    if (id.ends_with('*')) return;  // a pattern is no model
    const bool known = std::any_of(models.begin(), models.end(),
                                   [&](const Model& model) { return model.id == id; });
    if (!known) models.push_back({id, &entry});
  };
  for (const Entry& entry : snapshot.entries) {
    const auto& configured = entry.config->models;
    for (const std::string& id :
         configured.empty() ? entry.provider->default_models() : configured) {
      add(id, entry);
    }
    for (const auto& [alias, target] : entry.config->model_mapping) add(alias, entry);
  }
  return models;
}

std::string model_json(const Model& model) {
  const std::string id = wire::json_string(model.id);
  return fmt::format(
      R"({{"type":"model","id":{},"display_name":{},"created_at":"{}","object":"model",)"
      R"("created":{},"owned_by":{},"provider":{}}})",
      id, id, created_at, created_seconds, wire::json_string(model.entry->provider->owner()),
      wire::json_string(model.entry->config->name));
}

std::size_t limit_of(std::string_view query) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    if (pair.starts_with("limit=")) {
      const auto number = base::parse_number(pair.substr(6));
      if (number && *number > 0) return std::min<std::size_t>(*number, limit_default);
    }
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
  }
  return limit_default;
}

// "ok", or "keys_refused" when there are keys and the provider accepts none of them.
std::string_view health_of(const Entry& entry, Shared& shared, TimePoint now) {
  const auto& keys = entry.fingerprints;
  const bool none_left = !keys.empty() && std::all_of(keys.begin(), keys.end(), [&](const auto& k) {
    return shared.keys.refused(k, now);
  });
  return none_left ? "keys_refused" : "ok";
}

}  // namespace

Answer list_models(const Snapshot& snapshot, std::string_view query, std::string_view request_id) {
  const auto models = models_of(snapshot);
  const std::size_t count = std::min(models.size(), limit_of(query));
  std::string data;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) data += ',';
    data += model_json(models[i]);
  }
  const auto id_or_null = [&](std::size_t index) {
    return count == 0 ? std::string("null") : wire::json_string(models[index].id);
  };
  return json_answer(
      200,
      fmt::format(R"({{"object":"list","data":[{}],"has_more":{},"first_id":{},"last_id":{}}})",
                  data, count < models.size(), id_or_null(0), id_or_null(count - 1)),
      request_id);
}

Answer one_model(const Snapshot& snapshot, std::string_view id, std::string_view request_id) {
  for (const Model& model : models_of(snapshot)) {
    if (model.id == id) return json_answer(200, model_json(model), request_id);
  }
  return error_answer(404, fmt::format("model: {}", id), request_id);
}

Answer list_providers(const Snapshot& snapshot, Shared& shared, TimePoint now,
                      std::string_view request_id) {
  std::string data;
  for (const Entry& entry : snapshot.entries) {
    std::string models;
    const auto& configured = entry.config->models;
    for (const std::string& id :
         configured.empty() ? entry.provider->default_models() : configured) {
      if (!models.empty()) models += ',';
      wire::append_json_string(models, id);
    }
    if (!data.empty()) data += ',';
    data += fmt::format(
        R"({{"name":{},"type":{},"owner":{},"base_url":{},"models":[{}],"active":true,"health":"{}"}})",
        wire::json_string(entry.config->name), wire::json_string(entry.config->type),
        wire::json_string(entry.provider->owner()), wire::json_string(entry.provider->base_url()),
        models, health_of(entry, shared, now));
  }
  return json_answer(200, fmt::format(R"({{"object":"list","data":[{}]}})", data), request_id);
}

Answer ready(const Snapshot& snapshot, Shared& shared, TimePoint now, std::string_view request_id) {
  const bool any =
      std::any_of(snapshot.entries.begin(), snapshot.entries.end(),
                  [&](const Entry& entry) { return health_of(entry, shared, now) == "ok"; });
  if (any && !shared.draining) return json_answer(200, R"({"status":"ready"})", request_id);
  return json_answer(503, R"({"status":"unavailable"})", request_id);
}

}  // namespace ccrelay::relay
