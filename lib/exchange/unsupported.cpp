#include "exchange/unsupported.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "provider/betas.hpp"
#include "provider/capabilities.hpp"

namespace ccrelay::exchange {
namespace {

void add(std::vector<std::string>& list, const std::vector<std::string>& more) {
  for (const std::string& name : more) {
    if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
  }
}

std::string listed(const Unsupported& unsupported) {
  std::string out;
  const auto append = [&](const std::vector<std::string>& names, std::string_view kind) {
    for (const std::string& name : names) {
      out += fmt::format("{}{} {}", out.empty() ? "" : ", ", kind, name);
    }
  };
  append(unsupported.betas, "beta");
  append(unsupported.fields, "field");
  return out;
}

}  // namespace

Unsupported unsupported_by(worker::Tools& tools, const worker::Entry& entry,
                           const ClientRequest& request, const std::string& upstream_model) {
  if (request.dialect != Dialect::anthropic || request.operation == Operation::other) return {};
  Unsupported out = provider::known_unsupported(entry.config->type);
  for (const UnsupportedConfig& rule : entry.config->unsupported) {
    const bool applies =
        rule.models.empty() ||
        std::any_of(rule.models.begin(), rule.models.end(), [&](const std::string& pattern) {
          return worker::model_matches(pattern, upstream_model);
        });
    if (!applies) continue;
    add(out.betas, rule.betas);
    add(out.fields, rule.fields);
  }
  const Unsupported learnt =
      tools.shared.refusals.known(entry.config->name, upstream_model, tools.loop.now());
  add(out.betas, learnt.betas);
  add(out.fields, learnt.fields);
  if (out.empty()) return out;
  return provider::in_pairs(std::move(out), provider::betas_of(request.forwardable));
}

void trace_left_out(worker::Tools& tools, const ClientRequest& request, const std::string& provider,
                    const Unsupported& unsupported) {
  if (unsupported.empty() || !tools.report.wants(Level::debug)) return;
  Unsupported sent;
  for (const std::string_view beta : provider::betas_of(request.forwardable)) {
    const auto& names = unsupported.betas;
    if (std::find(names.begin(), names.end(), beta) != names.end()) sent.betas.emplace_back(beta);
  }
  for (const std::string& field : unsupported.fields) {
    const std::string_view name = std::string_view(field).substr(field.rfind('.') + 1);
    if (request.body.find(name) != std::string::npos) sent.fields.push_back(field);
  }
  if (sent.empty()) return;
  tools.report.note(Level::debug, "trace", fmt::format("{}: left out {}", provider, listed(sent)),
                    request.id, {{"provider", provider}});
}

void leave_out(Unsupported& refused, const Unsupported& known) {
  const auto remove = [](std::vector<std::string>& from, const std::vector<std::string>& names) {
    from.erase(std::remove_if(from.begin(), from.end(),
                              [&](const std::string& name) {
                                return std::find(names.begin(), names.end(), name) != names.end();
                              }),
               from.end());
  };
  remove(refused.betas, known.betas);
  remove(refused.fields, known.fields);
}

void learn_unsupported(worker::Tools& tools, const ClientRequest& request,
                       const std::string& provider, const std::string& upstream_model,
                       const Unsupported& refused) {
  if (tools.shared.refusals.learn(provider, upstream_model, refused, tools.loop.now())) {
    tools.report.note(Level::warn, "capability_refused",
                      fmt::format("{} does not take {} for {}; left out for a day "
                                  "(providers.unsupported makes it last)",
                                  provider, listed(refused), upstream_model),
                      request.id, {{"provider", provider}, {"model", upstream_model}});
  }
}

}  // namespace ccrelay::exchange
