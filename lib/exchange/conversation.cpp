#include "exchange/conversation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/header_name.hpp"
#include "base/stable_hash.hpp"
#include "exchange/dialect.hpp"
#include "provider/model_name.hpp"

namespace ccrelay::exchange {

namespace {

// In a dialect of a cloud's, and in Gemini's, the path says what the body does elsewhere, and what
// is wrong with the body is for the provider or the translation to say.
std::string keep_to_the_path(ClientRequest& request, wire::RequestView asked) {
  if (!asked.model.empty()) request.view.model = std::move(asked.model);
  request.view.stream = asked.stream;
  request.view.model_spans.clear();
  return request.view.model.empty() ? "model: neither the path nor the body names one" : "";
}

// Agents of a session have prompts of their own, and caches are a model's.
std::uint64_t prompt_of(const ClientRequest& request) {
  base::StableHasher hasher;
  hasher.add(request.head.headers.get(base::HeaderName::x_claude_code_agent_id)
                 .value_or(std::string_view()));
  hasher.add(request.view.model);
  return 31 * *request.conversation + hasher.value();
}

}  // namespace

std::string_view session_of(const Headers& headers, Dialect dialect) {
  using base::HeaderName;
  if (const auto own = headers.get(HeaderName::x_claude_code_session_id)) return *own;
  if (vendor_dialect(dialect) == dialect::Dialect::anthropic) return {};
  for (const HeaderName name : {HeaderName::session_id, HeaderName::x_session_id}) {
    if (const auto own = headers.get(name)) return *own;
  }
  return {};
}

std::string read_request(wire::RequestReader& reader, const RoutingConfig& routing,
                         ClientRequest& request) {
  wire::RequestView asked = request.view;
  const bool follows = routing.affinity != "none";
  const std::string_view session = session_of(request.head.headers, request.dialect);
  const bool ours = request.dialect == Dialect::anthropic;
  const bool is_openai = request.dialect == Dialect::chat || request.dialect == Dialect::responses;
  // A cloud's form may go to Anthropic, which takes no thinking but its own.
  const bool may_think = vendor_dialect(request.dialect) == dialect::Dialect::anthropic;
  const bool wants_beginning = follows && (session.empty() || !may_think);
  std::string wrong;
  if (request.unread.empty()) {
    wrong = reader.read(request.body, request.view,
                        {wants_beginning, may_think, request.weighed, request.dialect});
  }
  if (!ours && !is_openai) wrong = keep_to_the_path(request, std::move(asked));
  if (wrong.empty() && !provider::may_be_model_name(request.view.model)) {
    wrong = fmt::format("model: a name has at most {} bytes and no control characters",
                        provider::model_name_bytes_max);
  }
  if (!wrong.empty() || !follows) return wrong;
  const wire::RequestView& view = request.view;
  for (const std::string_view told :
       {session, std::string_view(view.cache_key), std::string_view(view.user_id)}) {
    if (!told.empty() && !request.conversation) request.conversation = base::stable_hash(told);
  }
  if (!request.conversation) {
    request.conversation = view.conversation;
    request.begins = !view.answered;
  }
  if (request.weighed && request.conversation) request.prompt = prompt_of(request);
  return wrong;
}

void remember_home(worker::Tools& tools, const worker::Snapshot& snapshot,
                   const ClientRequest& request, const Target& target, const Plan& plan) {
  const std::string& provider = target.entry->config->name;
  const TimePoint now = tools.loop.now();
  const bool home_is_gone =
      plan.home && std::none_of(snapshot.entries.begin(), snapshot.entries.end(),
                                [&](const worker::Entry& entry) {
                                  return entry.config->name == plan.home->provider;
                                });
  // Where an operator lets nobody in any more it does not come back to.
  const bool home_is_closed =
      plan.home && plan.home->provider != provider &&
      tools.shared.providers.admin(plan.home->provider, now) != state::Admin::enabled;
  if (home_is_gone || home_is_closed || request.begins) {
    tools.shared.homes.move(*request.conversation, provider, target.fingerprint(),
                            request.body.size(), now);
  } else {
    tools.shared.homes.settle(*request.conversation, provider, target.fingerprint(),
                              request.body.size(), now);
  }
}

}  // namespace ccrelay::exchange
