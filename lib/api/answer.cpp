#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

#include "api/errors.hpp"
#include "api/routes.hpp"
#include "base/ascii.hpp"
#include "base/clipped.hpp"
#include "base/percent.hpp"

namespace ccrelay::api {
namespace {

// Where a path leads.
struct Found {
  const Route* route = nullptr;
  std::string name;
  std::string allow;  // the methods that the path has, where it has not this one
};

Found find(std::string_view method, std::string_view path) {
  Found found;
  std::string_view fits;  // the first path that does: there are no others then
  for (const auto& table : {server_routes(), provider_routes(), key_routes(), client_routes(),
                            request_routes(), usage_routes(), config_routes(), log_routes()}) {
    for (const Route& route : table) {
      if (!fits.empty() && route.path != fits) continue;
      const auto name = name_in(path, route.path);
      if (!name) continue;
      fits = route.path;
      if (route.method == method) {
        found.route = &route;
        found.name = base::percent_decoded(*name);
        return found;
      }
      if (!found.allow.empty()) found.allow += ", ";
      found.allow += route.method;
    }
  }
  return found;
}

Answer no_route(const Call& call, const Found& found) {
  if (found.allow.empty()) {
    return error_answer("NOT_FOUND",
                        fmt::format("there is no /api/v1{}", base::clipped(call.path, 100)));
  }
  Answer answer =
      error_answer("INVALID_ARGUMENT",
                   fmt::format("/api/v1{} takes {}", base::clipped(call.path, 100), found.allow));
  answer.status = 405;
  answer.allow = found.allow;
  return answer;
}

bool is_type(std::string_view content_type, std::string_view type) {
  const std::string_view name = content_type.substr(0, content_type.find(';'));
  return base::iequals(base::trim(name), type);
}

// The fields of a call: parameters of a GET, the body of a POST.
management::Reply<Input> input_of(const Call& call, const Route& route) {
  if (call.method == "GET") return Input::of_query(call.query);
  if (!call.query.empty()) return wrong_field("query", "the fields of a POST stand in its body");
  if (!route.toml.empty() && is_type(call.content_type, "application/toml")) {
    return Input::of_field(route.toml, call.body);
  }
  if (is_type(call.content_type, "application/json")) return Input::of_json(call.body);
  return wrong_field("content-type", route.toml.empty()
                                         ? "must be application/json"
                                         : "must be application/json or application/toml");
}

// The call as its route takes it, or why it is none.
std::variant<Answer, Asked> prepare(management::Manager& manager, const Call& call,
                                    const Found& found) {
  if (!found.route) return no_route(call, found);
  const bool acts = found.route->act || found.route->act_later;
  if (acts && call.caller.role != management::Role::operator_) {
    return error_answer("PERMISSION_DENIED", management::Access::refused_viewer(call.caller));
  }
  auto input = input_of(call, *found.route);
  if (!input) return error_answer(input.refusal());
  return Asked{manager, call, found.name, std::move(*input)};
}

}  // namespace

void answer(management::Manager& manager, Call call, std::function<void(Answer)> done) {
  const Found found = find(call.method, call.path);
  auto ready = prepare(manager, call, found);
  if (auto* refused = std::get_if<Answer>(&ready)) return done(std::move(*refused));
  auto& asked = std::get<Asked>(ready);
  const Route& route = *found.route;
  if (route.open) return done(error_answer("NOT_FOUND", "this is a stream"));
  if (const auto call_now = route.tell ? route.tell : route.act) return done(call_now(asked));
  (route.later ? route.later : route.act_later)(asked, done);
}

bool is_stream(std::string_view path) {
  const Found found = find("GET", path);
  return found.route && found.route->open;
}

Opened open_stream(management::Manager& manager, const Call& call) {
  const Found found = find(call.method, call.path);
  auto ready = prepare(manager, call, found);
  if (auto* refused = std::get_if<Answer>(&ready)) return std::move(*refused);
  if (!found.route->open) return error_answer("NOT_FOUND", "this is no stream");
  return found.route->open(std::get<Asked>(ready));
}

}  // namespace ccrelay::api
