#include "front/local_routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/ascii.hpp"
#include "base/clipped.hpp"
#include "base/header_name.hpp"
#include "base/percent.hpp"
#include "dialect/gemini_models.hpp"
#include "exchange/admittance.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::front {
namespace {

// The day the Messages API was released stands for "some time ago": a stable answer.
constexpr std::string_view created_at = "2023-12-15T00:00:00Z";
constexpr long created_seconds = 1'702'598'400;
constexpr std::size_t limit_default = 1000;

struct Model {
  std::string id;
  const worker::Entry* entry;
};

// Whether whoever asks for a list of this shape can use the provider.
bool may_be_used(const worker::Snapshot& snapshot, const worker::Entry& entry, ListShape shape) {
  if (snapshot.config.translation.enabled) return true;
  const Provider& provider = *entry.provider;
  if (shape == ListShape::gemini) return provider.speaks(Dialect::gemini);
  const bool openai = provider.speaks(Dialect::chat) || provider.speaks(Dialect::responses);
  if (shape == ListShape::openai) return openai;
  const bool anthropic = provider.speaks(Dialect::anthropic);
  return anthropic || (shape == ListShape::either && openai);
}

std::vector<Model> models_of(const worker::Snapshot& snapshot, const ClientConfig* who,
                             ListShape shape) {
  std::vector<Model> models;
  const auto add = [&](const std::string& id, const worker::Entry& entry) {
    if (id.ends_with('*')) return;  // a pattern is no model
    if (who && !exchange::may_ask_for(*who, id)) return;
    const bool known = std::any_of(models.begin(), models.end(),
                                   [&](const Model& model) { return model.id == id; });
    if (!known) models.push_back({id, &entry});
  };
  for (const worker::Entry& entry : snapshot.entries) {
    if (!exchange::may_be_asked(entry, who) || !may_be_used(snapshot, entry, shape)) continue;
    const auto& configured = entry.config->models;
    for (const std::string& id :
         configured.empty() ? entry.provider->default_models() : configured) {
      add(id, entry);
    }
    for (const auto& [alias, target] : entry.config->model_mapping) add(alias, entry);
  }
  return models;
}

// https://platform.openai.com/docs/api-reference/models/object
std::string openai_json(const Model& model) {
  return fmt::format(R"({{"id":{},"object":"model","created":{},"owned_by":{}}})",
                     wire::json_string(model.id), created_seconds,
                     wire::json_string(model.entry->provider->owner()));
}

std::string model_json(const Model& model, ListShape shape) {
  if (shape == ListShape::gemini) return dialect::gemini_model(model.id);
  if (shape == ListShape::openai) return openai_json(model);
  const std::string id = wire::json_string(model.id);
  return fmt::format(
      R"({{"type":"model","id":{},"display_name":{},"created_at":"{}","object":"model",)"
      R"("created":{},"owned_by":{},"provider":{}}})",
      id, id, created_at, created_seconds, wire::json_string(model.entry->provider->owner()),
      wire::json_string(model.entry->config->name));
}

// The value of a parameter, decoded; empty if it is not there.
std::string parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const auto equals = pair.find('=');
    if (pair.substr(0, equals) == name && equals != std::string_view::npos) {
      return base::percent_decoded(pair.substr(equals + 1));
    }
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
  }
  return {};
}

// A page of the list: platform.claude.com/docs/en/api/models-list. An id that is not in the list
// leaves nothing behind it, so that whoever pages through comes to an end.
struct Page {
  std::size_t begin;
  std::size_t end;
  bool has_more;
};

Page page_of(const std::vector<Model>& models, std::string_view query) {
  const auto asked = base::parse_number(parameter(query, "limit"));
  const std::size_t limit =
      asked && *asked > 0 ? std::min<std::size_t>(*asked, limit_default) : limit_default;
  const auto place = [&](const std::string& id) {
    return static_cast<std::size_t>(
        std::find_if(models.begin(), models.end(),
                     [&](const Model& model) { return model.id == id; }) -
        models.begin());
  };
  if (const std::string before = parameter(query, "before_id"); !before.empty()) {
    const std::size_t end = place(before);
    if (end == models.size()) return {end, end, false};
    const std::size_t begin = end > limit ? end - limit : 0;
    return {begin, end, begin > 0};
  }
  std::size_t begin = 0;
  if (const std::string after = parameter(query, "after_id"); !after.empty()) {
    begin = std::min(place(after) + 1, models.size());
  }
  const std::size_t end = begin + std::min(limit, models.size() - begin);
  return {begin, end, end < models.size()};
}

}  // namespace

ListShape list_shape(const Headers& headers, Dialect dialect) {
  if (dialect == Dialect::gemini) return ListShape::gemini;
  // `OpenAI/JS 6.49.0`, `AsyncOpenAI/Python 2.8.0`
  const auto agent = headers.get(base::HeaderName::user_agent).value_or("");
  const bool is_openai = agent.find("OpenAI/") != std::string_view::npos;
  if (headers.contains(base::HeaderName::anthropic_version)) return ListShape::anthropic;
  return is_openai ? ListShape::openai : ListShape::either;
}

exchange::Answer list_models(const worker::Snapshot& snapshot, const ClientConfig* who,
                             ListShape shape, std::string_view query) {
  const auto models = models_of(snapshot, who, shape);
  if (shape == ListShape::gemini) {
    std::vector<std::string> names;
    for (const Model& model : models) names.push_back(model.id);
    return exchange::json_answer(200, dialect::gemini_models(names));
  }
  const bool is_openai = shape == ListShape::openai;
  const Page page = is_openai ? Page{0, models.size(), false} : page_of(models, query);
  std::string data;
  for (std::size_t i = page.begin; i < page.end; ++i) {
    if (i > page.begin) data += ',';
    data += model_json(models[i], shape);
  }
  if (is_openai) {
    return exchange::json_answer(200, fmt::format(R"({{"object":"list","data":[{}]}})", data));
  }
  const bool any = page.begin < page.end;
  const auto id_or_null = [&](std::size_t index) {
    return any ? wire::json_string(models[index].id) : std::string("null");
  };
  return exchange::json_answer(
      200,
      fmt::format(R"({{"object":"list","data":[{}],"has_more":{},"first_id":{},"last_id":{}}})",
                  data, page.has_more, id_or_null(page.begin), id_or_null(page.end - 1)));
}

exchange::Answer one_model(const worker::Snapshot& snapshot, const ClientConfig* who,
                           ListShape shape, std::string_view id) {
  for (const Model& model : models_of(snapshot, who, shape)) {
    if (model.id == id) return exchange::json_answer(200, model_json(model, shape));
  }
  return exchange::error_answer(404, "model: " + base::clipped(id));
}

}  // namespace ccrelay::front
