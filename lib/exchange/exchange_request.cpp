#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "base/clipped.hpp"
#include "base/header_name.hpp"
#include "exchange/admittance.hpp"
#include "exchange/body_room.hpp"
#include "exchange/client_ask.hpp"
#include "exchange/conversation.hpp"
#include "exchange/dialect.hpp"
#include "exchange/exchange.hpp"
#include "exchange/plan.hpp"
#include "wire/redact.hpp"

// The first part of an Exchange: the request arrives, is read, may be served, and a search begins.

namespace ccrelay::exchange {

// Of what is announced as one, the client hears before it has sent any of it.
void Exchange::on_body_due(std::uint64_t bytes) {
  // What it decodes to is another matter.
  if (state_ != State::reading || decoder_.active() || !fits(bytes)) return;
  const worker::Admission::Room room = worker::body_bytes_room(config_.server);
  if (tools_.shared.admission.has_room(bytes, room)) return;
  fail(503, worker::no_room_for_body(room), {{"retry-after", "1"}});
}

// Whether the body may have so many bytes more; else the client is told.
bool Exchange::fits(std::uint64_t more) {
  const std::uint64_t limit = config_.server.max_body_bytes;
  if (more <= limit && request_.body.size() <= limit - more) return true;
  fail(413, fmt::format("the request's body exceeds {} bytes (server.max_body_bytes)", limit));
  return false;
}

void Exchange::on_body(std::string_view bytes) {
  if (state_ != State::reading) return;
  summary_.bytes_in += bytes.size();
  if (!decoder_.active()) return store(bytes);
  const http::Refusal refusal =
      decoder_.feed(bytes, [this](std::string_view decoded) -> http::Refusal {
        store(decoded);
        return {state_ == State::reading ? 0 : 400, {}};
      });
  if (refusal.status != 0 && state_ == State::reading) fail(refusal.status, refusal.message);
}

bool Exchange::all_decoded() {
  const http::Refusal refusal = decoder_.end();
  if (refusal.status != 0) fail(refusal.status, refusal.message);
  return refusal.status == 0;
}

void Exchange::store(std::string_view bytes) {
  if (!fits(bytes.size())) return;
  std::string& body = request_.body;
  const worker::Admission::Room room = worker::body_bytes_room(config_.server);
  if (!tools_.shared.admission.hold(bytes.size(), room)) {
    fail(503, worker::no_room_for_body(room), {{"retry-after", "1"}});
    return;
  }
  held_ += bytes.size();
  tools_.bodies.came(bytes.size());
  if (body.empty()) {
    announced_ =
        base::parse_number(request_.head.headers.get(base::HeaderName::content_length).value_or(""))
            .value_or(0);
    announced_ = std::min(announced_, config_.server.max_body_bytes);
    if (decoder_.active()) announced_ = 0;
  }
  const std::size_t grown = body_room(body.size() + bytes.size(), body.capacity(), announced_);
  if (grown > 0) make_room(body, grown);
  body.append(bytes);
}

void Exchange::let_body_go() {
  std::string().swap(request_.body);
  if (held_ == 0) return;
  tools_.bodies.went(held_, tools_.loop.now());
  tools_.shared.admission.let_go(std::exchange(held_, 0));
}

void Exchange::let_head_go() {
  request_.forwardable = {};
  request_.head = {};
  tools_.shared.admission.let_head_go(std::exchange(request_.head_bytes, 0));
}

void Exchange::on_refused(const http::Refusal& refusal) {
  if (state_ == State::reading) fail(refusal.status, refusal.message);
}

void Exchange::on_end() {
  if (state_ != State::reading) return;
  const TimePoint complete = tools_.loop.now();
  if (!all_decoded()) return;
  if (request_.operation != Operation::other && !read_body()) return;
  Plan plan = make_plan({tools_.shared.providers,
                         tools_.shared.homes,
                         {tools_.shared.prompts, tools_.shared.outputs},
                         tools_.loop.now(),
                         tools_.loop.clock().wall(),
                         tools_.rng.next(),
                         {tools_.shared.observer, &tools_.loop.clock()}},
                        *snapshot_, request_);
  if (plan.candidates.empty()) {
    const ClientConfig* who = request_.access.who;
    if (plan.barred && who) tools_.figures.refused(who->name, worker::ClientBar::provider);
    Headers more;
    if (plan.for_person) more.add("x-should-retry", "false");
    if (plan.status == 415) more.add("accept-encoding", http::ContentDecoder::understood);
    fail(plan.status, plan.reason, more);
    return;
  }
  if (!admit(plan)) return;
  state_ = State::searching;
  if (config_.server.timeout.count() > 0) timer_.arm(tools_.loop.now() + config_.server.timeout);
  tools_.loop.pass_time();  // to read a large body takes its while
  summary_.queue = tools_.loop.now() - complete;
  search_ = std::make_unique<Search>(tools_, *snapshot_, request_, std::move(plan), summary_,
                                     static_cast<SearchSink&>(*this));
  search_->start();
}

// Whether a client with limits of its own may have this now; counted, if so.
bool Exchange::admit(const Plan& plan) {
  const ClientConfig* who = request_.access.who;
  if (!who || request_.operation == Operation::count_tokens) return true;
  if (request_.operation == Operation::other) {
    const bool client_pays = plan.candidates.front().authority == Authority::client;
    const auto setting = setting_against_unread(*who, request_.head.method, client_pays);
    if (!setting.empty()) {
      tools_.figures.refused(who->name, worker::ClientBar::model);
      refuse(unread_not_allowed(*who, setting));
      return false;
    }
  }
  const WallTime wall = tools_.loop.clock().wall();
  auto let_in =
      tools_.shared.limits.admit(who->name, client_ask(request_, plan),
                                 tools_.shared.spending.of(who->name, wall), tools_.loop.now());
  if (const auto* refusal = std::get_if<state::ClientRefusal>(&let_in)) {
    tools_.figures.refused(who->name, refusal->which);
    refuse(limit_reached(*who, *refusal, wall));
    return false;
  }
  permit_ = std::move(std::get<state::ClientPermit>(let_in));
  return true;
}

void Exchange::refuse(const Answer& refused) {
  summary_.error = refused.message;
  let_body_go();
  answer(refused);
}

bool Exchange::read_body() {
  // In what can't be read no secret can be found.
  if (config_.logging.log_request_body && request_.unread.empty() &&
      tools_.report.wants(Level::debug)) {
    tools_.report.note(Level::debug, "request_body",
                       wire::redacted(request_.body, config_.logging.max_body_log_size),
                       request_.id);
  }
  request_.weighed =
      snapshot_->weighs_costs || (request_.access.who && request_.access.who->has_budget());
  const std::string wrong = read_request(tools_.request_reader, config_.routing, request_);
  tools_.bodies.was_read(tools_.loop.now());
  if (!wrong.empty()) {
    Answer refused = error_answer(400, wrong);
    if (wrong.find("model") != std::string::npos) refused.param = "model";
    refuse(refused);
    return false;
  }
  summary_.model_asked = base::clipped(request_.view.model);
  const ClientConfig* who = request_.access.who;
  if (who && !may_ask_for(*who, request_.view.model)) {
    tools_.figures.refused(who->name, worker::ClientBar::model);
    refuse(model_not_allowed(*who, request_.view.model));
    return false;
  }
  if (who && who->has_budget() && !request_.unread.empty()) {
    // Nobody can tell what it will cost.
    refuse(error_answer(415, request_.unread,
                        {{"accept-encoding", http::ContentDecoder::understood}}));
    return false;
  }
  if (who && who->has_budget() && request_.dialect == Dialect::responses &&
      dialect::Json::read(request_.body)["background"].is_true()) {
    refuse(background_not_allowed(*who));
    return false;
  }
  summary_.user = base::clipped(request_.view.user_id);
  // A count is no stream, whatever its body says.
  request_.view.stream = request_.view.stream && request_.operation == Operation::messages;
  summary_.stream = request_.view.stream;
  return true;
}

}  // namespace ccrelay::exchange
