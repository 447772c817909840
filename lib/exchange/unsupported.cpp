#include "exchange/unsupported.hpp"

#include "exchange/steps.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "provider/betas.hpp"
#include "provider/capabilities.hpp"
#include "wire/signature_refusal.hpp"

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

state::RefusalKey key_of(const ClientRequest& request, const std::string& provider,
                         const std::string& upstream_model) {
  // Counting may know less than answering does, and says nothing of it.
  return {provider, upstream_model, request.operation == Operation::count_tokens};
}

// "beta a, beta b, field c": what news is made of.
Unsupported all_of(const state::Proven& proven) {
  Unsupported out;
  out.betas = proven.betas;
  for (const auto& field : proven.fields) out.fields.push_back(field.path);
  for (const auto& choice : proven.choices) {
    for (const std::string& beta : choice.refused) {
      const auto& taken = choice.taken;
      if (std::find(taken.begin(), taken.end(), beta) == taken.end()) add(out.betas, {beta});
    }
  }
  return out;
}

}  // namespace

Unsupported unsupported_by(worker::Tools& tools, const worker::Entry& entry,
                           const ClientRequest& request, const ProviderRequest& asked,
                           const Unsupported& left_out) {
  if (request.operation == Operation::other || !request.unread.empty()) return {};
  const bool is_foreign = asked.dialect != Dialect::anthropic;
  Unsupported out = is_foreign ? Unsupported() : provider::known_unsupported(entry.config->type);
  for (const UnsupportedConfig& rule : entry.config->unsupported) {
    if (is_foreign) break;
    const bool applies =
        rule.models.empty() ||
        std::any_of(rule.models.begin(), rule.models.end(), [&](const std::string& pattern) {
          return worker::model_matches(pattern, asked.upstream_model);
        });
    if (!applies) continue;
    add(out.betas, rule.betas);
    add(out.fields, rule.fields);
  }
  // Most requests go on as they are.
  if (out.empty() && left_out.empty() && tools.shared.refusals.empty()) return out;
  const auto key = key_of(request, entry.config->name, std::string(asked.upstream_model));
  // In another form than Anthropic's the client's bytes go on as they are but for what has been
  // proven.
  if (is_foreign && left_out.empty() && !tools.shared.refusals.knows(key)) return {};
  const auto sent = provider::betas_of(asked.forwardable, asked.body, asked.dialect);
  const Unsupported learnt = tools.shared.refusals.known(key, sent, tools.loop.now());
  for (const Unsupported* more : {&learnt, &left_out}) {
    add(out.betas, more->betas);
    add(out.fields, more->fields);
  }
  if (out.empty()) return out;
  return provider::in_pairs(std::move(out), sent, asked.body);
}

void trace_left_out(worker::Tools& tools, const ClientRequest& request, const std::string& provider,
                    const Unsupported& unsupported) {
  if (unsupported.empty() || !wants_steps(tools)) return;
  Unsupported sent;
  for (const std::string_view beta :
       provider::betas_of(request.forwardable, request.body, request.dialect)) {
    const auto& names = unsupported.betas;
    if (std::find(names.begin(), names.end(), beta) != names.end()) sent.betas.emplace_back(beta);
  }
  for (const std::string& field : unsupported.fields) {
    const std::string_view name = std::string_view(field).substr(field.rfind('.') + 1);
    if (request.body.find(name) != std::string::npos) sent.fields.push_back(field);
  }
  if (sent.empty()) return;
  tell_step(tools, request, "stripped", fmt::format("{}: left out {}", provider, listed(sent)),
            {{"provider", provider}});
}

void look_for_what_was_refused(Failure& failure, const Target& target, const ProviderRequest& sent,
                               int status, std::string_view message) {
  failure.signature_refused = status == 400 && wire::refuses_signature(message);
  failure.unsupported = target.entry->provider->refused_in(status, message, sent);
  leave_out(failure.unsupported, sent.unsupported);
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
                       const state::Proven& proven) {
  const auto key = key_of(request, provider, upstream_model);
  if (tools.shared.refusals.learn(key, proven, tools.loop.now())) {
    tools.report.note(Level::warn, "capability_refused",
                      fmt::format("{} does not take {} for {}{}; left out for a day "
                                  "(providers.unsupported makes it last)",
                                  provider, listed(all_of(proven)), upstream_model,
                                  key.counting ? " when tokens are counted" : ""),
                      request.id, {{"provider", provider}, {"model", upstream_model}});
  }
}

}  // namespace ccrelay::exchange
