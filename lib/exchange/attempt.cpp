#include "exchange/attempt.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "base/clipped.hpp"
#include "dialect/json_text.hpp"
#include "dialect/learning.hpp"
#include "exchange/dialect.hpp"
#include "exchange/forecast.hpp"
#include "exchange/foreign_ids.hpp"
#include "exchange/foreign_searches.hpp"
#include "exchange/settle.hpp"
#include "exchange/thinking.hpp"
#include "exchange/tracing.hpp"
#include "exchange/unsupported.hpp"
#include "provider/betas.hpp"
#include "wire/thinking_cut.hpp"

namespace ccrelay::exchange {
namespace {

// The client's body with the splices in place, as pieces that point into both.
std::vector<std::string_view> pieces(std::string_view body, const std::vector<Splice>& splices) {
  std::vector<std::string_view> out;
  std::size_t at = 0;
  for (const Splice& splice : splices) {
    if (splice.offset > at) out.push_back(body.substr(at, splice.offset - at));
    if (!splice.replacement.empty()) out.push_back(splice.replacement);
    at = splice.offset + splice.length;
  }
  if (at < body.size()) out.push_back(body.substr(at));
  return out;
}

// Without its end, which is the vault's to watch.
Credential credential_of(const identity::Issued& issued) {
  if (const auto* keys = std::get_if<identity::IssuedKeys>(&issued)) return AwsKeys(*keys);
  return BearerToken(std::get<identity::IssuedToken>(issued));
}

// What a client that does not send its reasoning back has got of one provider.
class Remembered final : public dialect::Recall {
 public:
  Remembered(state::Recalls& recalls, std::string name)
      : recalls_(recalls), name_(std::move(name)) {}
  std::string reasoning_of(std::string_view call_id) const override {
    return recalls_.find(name_, call_id);
  }

 private:
  state::Recalls& recalls_;
  const std::string name_;
};

std::int64_t seconds_since_1970(WallTime wall) {
  return std::chrono::duration_cast<std::chrono::seconds>(wall.time_since_epoch()).count();
}

// Others that speak Anthropic's dialect take what they have named themselves.
bool wants_fitting_ids(const Target& target, const ClientRequest& request) {
  return target.dialect == Dialect::anthropic && request.dialect == Dialect::anthropic &&
         target.model.find("claude") != std::string::npos;
}

// What only a provider of the client's own dialect can do: the relay keeps nothing.
bool is_for_natives(const dialect::Refused& refused) {
  for (const std::string_view field :
       {"previous_response_id", "conversation", "prompt", "background"}) {
    if (refused.param == field) return true;
  }
  return false;
}

// There is a fault in the request itself, whoever is asked.
Failure refusal(const dialect::Refused& refused) {
  Failure failure;
  failure.detail = refused.message;
  failure.unsent = true;
  Answer answer = error_answer(refused.status, refused.message);
  answer.code = refused.code;
  answer.param = refused.param;
  if (is_for_natives(refused)) {
    failure.outcome = Outcome::failed;
    failure.uncarried = true;
    failure.when_uncarried = std::move(answer);
  } else {
    failure.outcome = Outcome::rejected;
    failure.own = std::move(answer);
  }
  return failure;
}

// Somebody else may be able to.
Failure uncarried(const dialect::NotCarriable& cannot) {
  Failure failure;
  failure.outcome = Outcome::failed;
  failure.detail = fmt::format("{}{}{} can't be carried to this provider (translation.unsupported)",
                               cannot.param, cannot.param.empty() ? "" : ": ", cannot.what);
  failure.unsent = true;
  failure.uncarried = true;
  return failure;
}

}  // namespace

Attempt::Attempt(worker::Tools& tools, const Config& config, const ClientRequest& request,
                 Target target, AttemptSink& sink)
    : tools_(tools),
      config_(config),
      request_(request),
      target_(std::move(target)),
      sink_(sink),
      held_(tools.shared.admission),
      held_answer_(tools.shared.admission),
      timer_(tools.loop.timers(), [this] { on_timeout(); }),
      started_(tools.loop.now()) {
  summary_.provider = target_.entry->config->name;
  summary_.key = target_.fingerprint();
  if (target_.authority == Authority::key) {
    summary_.key_name = target_.entry->pool.keys[target_.key].name;
  }
  summary_.model = target_.model;
  if (request_.operation != Operation::other) {
    summary_.dialect = to_string(target_.dialect);
    if (target_.dialect != request_.dialect) summary_.translated_from = to_string(request_.dialect);
  }
  summary_.began = tools_.loop.clock().wall();
  summary_.started = started_;
  if (tools_.shared.telemetry) begin_span(tools_, request_, *target_.entry, summary_);
}

std::optional<Failure> Attempt::start(std::vector<Splice> cut) {
  const worker::Entry& entry = *target_.entry;
  cut_ = std::move(cut);
  if (auto failure = interpret()) return failure;
  tools_.loop.pass_time();  // to go through a large body takes its while
  request_bytes_ = body().size();
  unsupported_ = unsupported_by(tools_, entry, request_, provider_request(), target_.left_out);
  if (!leave_out_fields()) return no_room_failure(worker::body_bytes_room(config_.server));
  find_model();
  trace_left_out(tools_, request_, summary_.provider, unsupported_);
  switch (target_.authority) {
    case Authority::none:
      break;
    case Authority::key:
      credential_ = ApiKey{entry.config->keys[target_.key].key};
      break;
    case Authority::client:
      credential_ = ClientCredential{request_.access.own};
      break;
    case Authority::identity: {
      auto got = entry.vault->get(tools_.identity, *this);
      if (auto* error = std::get_if<Error>(&got)) return unsendable(*error);
      if (auto* ticket = std::get_if<std::unique_ptr<identity::Ticket>>(&got)) {
        ticket_ = std::move(*ticket);
        return {};
      }
      held_identity_ = std::get<identity::Held>(std::move(got));
      credential_ = credential_of(*held_identity_);
      break;
    }
  }
  return send();
}

// How long that may take is for the identity to say (identity/limits.hpp).
void Attempt::on_credentials(const Result<identity::Held>& result) {
  ticket_.reset();
  if (!result) {
    Failure failure = unsendable(result.error());
    failure.outcome = Outcome::failed;
    if (result.error().code != ErrorCode::limit) {
      failure.unsent = false;  // it counts: whoever waits for an identity waits long
      failure.own.reset();
    }
    sink_.on_attempt_failed(*this, std::move(failure));
    return;
  }
  held_identity_ = *result;
  credential_ = credential_of(*held_identity_);
  if (auto failure = send()) sink_.on_attempt_failed(*this, std::move(*failure));
}

// Nothing of what is remembered, and nothing cut.
Interpreter::Told Attempt::told(bool without_reasoning) const {
  const worker::Entry& entry = *target_.entry;
  return {config_.translation,
          entry.profile(summary_.model),
          without_reasoning ? std::string() : entry.issuer,
          entry.issuer,
          summary_.model,
          seconds_since_1970(summary_.began),
          entry.config->max_output_tokens,
          nullptr,
          without_reasoning};
}

// The provider's words, where they are not the client's.
std::optional<Failure> Attempt::interpret() {
  if (request_.operation == Operation::other) return {};
  const bool translates = target_.dialect != request_.dialect;
  if (!translates && vendor_dialect(request_.dialect) == dialect::Dialect::anthropic) return {};
  const std::string name = recall_name(request_, target_.entry->issuer);
  const Remembered remembered(tools_.shared.recalls, name);
  Interpreter::Told told = this->told(target_.without_reasoning);
  if (!target_.without_reasoning && !name.empty()) told.recall = &remembered;
  if (!translates) {
    interpreter_ = Interpreter::listening(request_, std::move(told));
    return {};
  }
  told.cut = std::exchange(cut_, {});
  auto made = Interpreter::translating(request_, target_.dialect, std::move(told));
  if (const auto* refused = std::get_if<dialect::Refused>(&made)) return refusal(*refused);
  if (const auto* cannot = std::get_if<dialect::NotCarriable>(&made)) return uncarried(*cannot);
  interpreter_ = std::get<std::unique_ptr<Interpreter>>(std::move(made));
  translated_head_ = std::make_unique<const RequestHead>(
      translated_head(request_, target_.dialect, summary_.model));
  const worker::Admission::Room room = worker::body_bytes_room(config_.server);
  if (!held_.hold(body().size(), room)) return no_room_failure(room);
  return {};
}

// In Anthropic's words that is the provider's to do, which knows what belongs together. What is
// left of the client's own words is held here, whoever took something out of it.
bool Attempt::leave_out_fields() {
  if (!interpreter_ || target_.dialect == Dialect::anthropic) return true;
  for (const std::string& field : unsupported_.fields) {
    // What a client sends goes on byte for byte where there is nothing to be left out.
    if (!dialect::has_field(body(), field)) continue;
    interpreter_->replace_body(dialect::without_field(body(), field), field);
  }
  request_bytes_ = body().size();
  const bool is_own = !is_translated() && !interpreter_->body().empty();
  return !is_own || held_.hold(request_bytes_, worker::body_bytes_room(config_.server));
}

// Where the client's name of the model stands.
void Attempt::find_model() {
  if (is_translated()) return;
  if (body().data() == request_.body.data()) {
    for (const wire::Span& span : request_.view.model_spans) {
      model_splices_.push_back({span.offset, span.length, {}});
    }
    return;
  }
  const std::string_view model = dialect::Json(body())["model"].raw();
  if (model.empty()) return;
  model_splices_.push_back(
      {static_cast<std::size_t>(model.data() - body().data()), model.size(), {}});
}

// Reasoning went along that a next try can do without: what that one would send is made, and is
// something else. Only a provider that has refused reasoning costs that.
bool Attempt::may_be_repaired() const {
  if (!interpreter_) {
    return target_.dialect == Dialect::anthropic && request_.view.thinking.size() > cut_.size();
  }
  if (target_.without_reasoning) return false;
  Interpreter::Told without = told(true);
  std::string repaired;
  if (is_translated()) {
    if (!request_.view.thinking.empty() && target_.dialect == Dialect::anthropic) {
      without.cut = thinking_cuts(tools_.shared.signatures, request_, {}, true, tools_.loop.now());
    }
    auto made = Interpreter::translating(request_, target_.dialect, std::move(without));
    const auto* other = std::get_if<std::unique_ptr<Interpreter>>(&made);
    if (!other) return false;
    repaired = (*other)->body();
  } else {
    repaired = Interpreter::listening(request_, std::move(without))->body();
    if (repaired.empty()) repaired = request_.body;
  }
  if (target_.dialect != Dialect::anthropic) {
    for (const std::string& field : unsupported_.fields) {
      if (dialect::has_field(repaired, field)) repaired = dialect::without_field(repaired, field);
    }
  }
  return repaired != body();
}

bool Attempt::is_translated() const {
  return interpreter_ && interpreter_->translates();
}

std::string_view Attempt::body() const {
  return interpreter_ && !interpreter_->body().empty() ? std::string_view(interpreter_->body())
                                                       : std::string_view(request_.body);
}

std::vector<std::string_view> Attempt::sent_betas() const {
  const Headers& headers = is_translated() ? translated_head_->headers : request_.forwardable;
  return provider::without(provider::betas_of(headers, body(), target_.dialect),
                           unsupported_.betas);
}

ProviderRequest Attempt::provider_request() const {
  const bool translated = is_translated();
  return {request_.operation,
          target_.dialect,
          translated ? *translated_head_ : request_.head,
          translated ? translated_head_->headers : request_.forwardable,
          body(),
          translated ? std::string_view(summary_.model) : std::string_view(request_.view.model),
          summary_.model,
          model_splices_,
          request_.view.stream,
          unsupported_,
          translated};
}

std::optional<Failure> Attempt::send() {
  const worker::Entry& entry = *target_.entry;
  const ProviderRequest asked = provider_request();
  auto built = entry.provider->build(asked, credential_);
  if (!built) return unsendable(built.error());
  outbound_ = std::move(*built);
  if (!cut_.empty()) outbound_.splices = wire::merge_splices(std::move(outbound_.splices), cut_);
  if (!request_.view.foreign_ids.empty() && wants_fitting_ids(target_, request_)) {
    outbound_.splices = wire::merge_splices(std::move(outbound_.splices),
                                            fitting_ids(request_.body, request_.view.foreign_ids));
  }
  if (request_.view.searched && target_.dialect == Dialect::anthropic &&
      request_.dialect == Dialect::anthropic) {
    outbound_.splices =
        wire::merge_splices(std::move(outbound_.splices), told_searches(request_.body));
  }
  if (!summary_.traceparent.empty()) {
    write_trace(summary_.traceparent, request_.tracestate, outbound_.headers);
  }
  auto body = pieces(asked.body, outbound_.splices);
  const auto finished =
      entry.provider->finish(asked, outbound_, body, credential_, tools_.loop.clock().wall());
  if (!finished) return unsendable(finished.error());
  if (outbound_.body) body = {*outbound_.body};
  if (entry.may_be_relay) outbound_.headers.set("via", request_.via);
  phase_ = Phase::connecting;
  timer_.arm(tools_.loop.now() + entry.connect_timeout);
  transfer_ =
      tools_.upstream.start({entry.destination, outbound_.method, outbound_.url, outbound_.headers,
                             std::move(body), target_.fresh, target_.may_be_repeated},
                            *this);
  // Copied by now; a stream may go on for hours.
  outbound_.headers = {};
  credential_ = {};
  return {};
}

void Attempt::resume() {
  if (!paused_) return;
  paused_ = false;
  last_byte_ = tools_.loop.now();
  timer_.arm(last_byte_ + target_.entry->stream_idle_timeout);
  transfer_->resume();
}

void Attempt::on_connected(bool reused) {
  const TimePoint now = tools_.loop.now();
  if (!reused) {
    summary_.connect = now - started_;
    tools_.figures.connected(summary_.provider, summary_.connect);
  }
  phase_ = Phase::waiting;
  const milliseconds limit = first_byte_limit();
  if (limit.count() > 0) {
    timer_.arm(now + limit);
  } else {
    timer_.cancel();
  }
}

// The head of an answer that is no stream comes when all of it has been thought out, which may take
// many minutes: then only server.timeout_ms limits the wait.
milliseconds Attempt::first_byte_limit() const {
  const bool comes_whole = request_.operation == Operation::messages && !request_.view.stream;
  return comes_whole ? milliseconds(0) : target_.entry->first_byte_timeout;
}

void Attempt::on_timeout() {
  const TimePoint now = tools_.loop.now();
  const worker::Entry& entry = *target_.entry;
  switch (phase_) {
    case Phase::authorizing:
      return;
    case Phase::connecting:
      fail(Outcome::timed_out,
           fmt::format("no connection to {} within {} ms (timeouts.connect_ms)",
                       entry.destination.origin, entry.connect_timeout.count()));
      return;
    case Phase::waiting:
      heard_ = state::Heard::silence;
      fail(Outcome::timed_out, fmt::format("no answer within {} ms (timeouts.first_byte_ms)",
                                           entry.first_byte_timeout.count()));
      return;
    case Phase::error_body:
      transfer_.reset();
      fail_with_error(false);
      return;
    case Phase::holding:
      if (hold_until_ != TimePoint{} && now >= hold_until_ && stage_->may_be_shown_early()) {
        stage_->stop_holding();
        begin_passing();
        return;
      }
      break;
    case Phase::passing:
      break;
  }
  if (now - last_byte_ < entry.stream_idle_timeout) {
    timer_.arm(last_byte_ + entry.stream_idle_timeout);
    return;
  }
  transfer_.reset();
  tools_.figures.stalled(summary_.provider);
  const std::string detail =
      fmt::format("the provider sent nothing for {} ms (timeouts.stream_idle_ms)",
                  entry.stream_idle_timeout.count());
  if (phase_ == Phase::passing) {
    answer_sink_->on_answer_end(false, detail);
  } else {
    fail_held(detail);
  }
}

void Attempt::fail(Outcome outcome, std::string detail) {
  transfer_.reset();
  Failure failure;
  failure.outcome = outcome;
  failure.detail = std::move(detail);
  sink_.on_attempt_failed(*this, std::move(failure));
}

void Attempt::learn_signatures() {
  const auto seen = stage_ ? stage_->take_signatures() : std::vector<wire::SignatureDigest>();
  if (seen.empty()) return;
  const std::string here = issuer(*target_.entry, target_.model);
  for (const auto& digest : seen) {
    tools_.shared.signatures.learn(digest, here, tools_.loop.now());
  }
}

// Before the phase is known to be over: what it was in tells what the provider has done.
AnswerUse Attempt::answer_use(Outcome outcome, const Failure* failure) const {
  AnswerUse use;
  use.stage = stage_ ? &*stage_ : nullptr;
  use.status = summary_.status;
  use.failed = failure != nullptr;
  use.was_asked = phase_ != Phase::authorizing && phase_ != Phase::connecting;
  use.given_up = outcome == Outcome::cancelled || outcome == Outcome::timed_out;
  use.request_bytes = request_bytes_;
  if (interpreter_) use.told_cost = interpreter_->told_cost();
  if (!use.told_cost && stage_) use.told_cost = stage_->told_cost();
  use.wall = tools_.loop.clock().wall();
  return use;
}

AttemptSummary Attempt::so_far(WallTime wall) const {
  AttemptSummary out = summary_;
  out.total = tools_.loop.now() - started_;
  AnswerUse use = answer_use(Outcome::success, nullptr);
  use.wall = wall;
  if (stage_) out.usage = account(use, target_, request_);
  base::clip(out.model);
  return out;
}

AttemptSummary&& Attempt::close(Outcome outcome, std::string_view detail, const Failure* failure) {
  const TimePoint now = tools_.loop.now();
  ticket_.reset();
  transfer_.reset();
  timer_.cancel();
  summary_.outcome = outcome;
  summary_.detail = detail;
  summary_.total = now - started_;
  learn_signatures();
  if (const wire::AnswerNames* names = stage_ ? stage_->names() : nullptr) {
    summary_.response_id = base::clipped(names->id);
    summary_.stop_reason = base::clipped(names->stop_reason);
  }
  summary_.usage = account(answer_use(outcome, failure), target_, request_);
  learn_use({tools_.shared.prompts, tools_.shared.outputs}, request_, target_, summary_.usage,
            started_ + summary_.first_byte);
  settle(tools_, request_, target_, summary_, failure, heard_);
  base::clip(summary_.model);  // the client's, unless it is mapped
  return std::move(summary_);
}

}  // namespace ccrelay::exchange
