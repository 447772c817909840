#include "relay/exchange.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "base/assert.hpp"
#include "http/header_rules.hpp"
#include "wire/json_text.hpp"
#include "wire/redact.hpp"
#include "wire/retry_after.hpp"

namespace ccrelay::relay {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int overload_repeats_max = 2;
constexpr milliseconds overload_pause_max{1000};
constexpr minutes refused_key_rest{5};
// For a 429 that does not say how long: long enough to matter, short enough for a lone key.
constexpr seconds unknown_limit_rest{10};

seconds whole_seconds(Duration wait) {
  return std::max(std::chrono::ceil<seconds>(wait), seconds(1));
}

}  // namespace

Exchange::Exchange(Tools& tools, std::shared_ptr<const Snapshot> snapshot, Operation operation,
                   RequestHead head, Access access, server::ResponseWriter& writer,
                   RequestSummary summary)
    : tools_(tools),
      snapshot_(std::move(snapshot)),
      config_(snapshot_->config),
      operation_(operation),
      head_(std::move(head)),
      access_(std::move(access)),
      writer_(writer),
      summary_(std::move(summary)),
      begun_(tools.loop.now()),
      total_(tools.loop.timers(), [this] { on_total_timeout(); }),
      pause_(tools.loop.timers(), [this] { on_pause_over(); }) {
  ++tools_.shared.in_flight;
  forwardable_ = http::forwardable_request_headers(head_.headers);
}

Exchange::~Exchange() {
  --tools_.shared.in_flight;
}

// ---- the request arrives
// -------------------------------------------------------------------------

void Exchange::on_body(std::string_view bytes) {
  if (state_ != State::reading) return;
  summary_.bytes_in += bytes.size();
  if (body_.size() + bytes.size() > config_.server.max_body_bytes) {
    fail(413, fmt::format("the request's body exceeds {} bytes (server.max_body_bytes)",
                          config_.server.max_body_bytes));
    return;
  }
  if (body_.empty()) {
    const auto length = base::parse_number(head_.headers.get("content-length").value_or(""));
    // Room for all of it and what the JSON parser wants behind it: the body is never copied again.
    // A megabyte at most is believed before it has come.
    body_.reserve(std::min<std::uint64_t>(length.value_or(bytes.size()), 1 << 20) + 64);
  }
  body_.append(bytes);
}

void Exchange::on_refused(const http::Refusal& refusal) {
  if (state_ == State::reading) fail(refusal.status, refusal.message);
}

void Exchange::on_end() {
  if (state_ != State::reading) return;
  if (operation_ != Operation::other && !read_body()) return;
  plan_ = make_plan(*snapshot_, operation_, view_.model, access_);
  if (plan_.candidates.empty()) {
    Headers more;
    if (plan_.status == 401) more.add("x-should-retry", "false");
    fail(plan_.status, plan_.reason, more);
    return;
  }
  // "the first provider that speaks the Anthropic API natively": batches and files live there
  // alone.
  if (operation_ == Operation::other) plan_.candidates.resize(1);
  state_ = State::waiting;
  total_.arm(tools_.loop.now() + config_.server.timeout);
  summary_.queue = tools_.loop.now() - begun_;
  next_attempt();
}

bool Exchange::read_body() {
  if (config_.logging.log_request_body && tools_.report.wants(Level::debug)) {
    tools_.report.note(Level::debug, "request_body",
                       wire::redacted(body_, config_.logging.max_body_log_size),
                       summary_.request_id);
  }
  const std::string wrong = tools_.request_reader.read(body_, view_);
  if (!wrong.empty()) {
    fail(400, wrong);
    return false;
  }
  summary_.model_asked = view_.model;
  summary_.stream = view_.stream;
  return true;
}

// ---- choosing and trying
// -------------------------------------------------------------------------

void Exchange::next_attempt() {
  const TimePoint now = tools_.loop.now();
  if (attempts_ >= config_.routing.max_attempts ||
      (first_failure_ && now - *first_failure_ > config_.routing.failover_timeout)) {
    trace("no further attempt: routing.max_attempts or routing.failover_timeout is reached");
    give_up();
    return;
  }
  Target target;
  if (repeat_) {
    target = *std::exchange(repeat_, std::nullopt);
  } else if (!choose_target(target)) {
    give_up();
    return;
  }
  start_attempt(target);
}

bool Exchange::choose_target(Target& target) {
  repeats_ = 0;
  for (; candidate_ < plan_.candidates.size(); ++candidate_) {
    Candidate& candidate = plan_.candidates[candidate_];
    target.entry = candidate.entry;
    target.authority = candidate.authority;
    if (candidate.authority != Authority::key) {
      // One credential, one chance; tried_keys marks it.
      if (!candidate.tried_keys.empty()) continue;
      candidate.tried_keys.push_back(0);
      return true;
    }
    const auto choice = tools_.shared.keys.choose(
        candidate.entry->config->name, candidate.entry->fingerprints,
        candidate.entry->upstream_model(view_.model), candidate.tried_keys, tools_.loop.now());
    if (choice.index) {
      candidate.tried_keys.push_back(*choice.index);
      target.key = *choice.index;
      return true;
    }
    // Of the keys just tried a limited one has been counted, and a refused one promises nothing.
    if (choice.soonest && candidate.tried_keys.size() < candidate.entry->fingerprints.size()) {
      soonest_key_ = std::min(soonest_key_.value_or(*choice.soonest), *choice.soonest);
      trace(fmt::format("{}: every key is set aside", candidate.entry->config->name));
    }
  }
  return false;
}

void Exchange::start_attempt(const Target& target) {
  ++attempts_;
  const Entry& entry = *target.entry;
  attempt_ = std::make_unique<Attempt>(tools_, config_.timeouts, target, operation_, *this);
  const std::string model = entry.upstream_model(view_.model);
  attempt_->summary().model = model;

  std::vector<Splice> model_splices;
  for (const wire::Span& span : view_.model_spans) {
    model_splices.push_back({span.offset, span.length, {}});
  }
  Credential credential;
  if (target.authority == Authority::key) {
    credential = ApiKey{entry.config->keys[target.key].key};
  } else if (target.authority == Authority::client) {
    credential = ClientCredential{access_.own};
  }
  auto request = entry.provider->build(
      {operation_, head_, forwardable_, body_, view_.model, model, model_splices, view_.stream},
      credential);
  if (!request) {
    Failure failure;
    failure.detail = request.error().message;
    on_attempt_failed(std::move(failure));
    return;
  }
  if (tools_.report.wants(Level::debug)) {
    trace(fmt::format("attempt {}: {} with {}", attempts_, entry.config->name,
                      attempt_->summary().key.empty() ? "no key" : attempt_->summary().key));
  }
  attempt_->start(std::move(*request), body_, view_.stream);
}

void Exchange::on_attempt_failed(Failure failure) {
  const TimePoint now = tools_.loop.now();
  if (!first_failure_) first_failure_ = now;
  trace(fmt::format("{}: {}: {}", attempt_->summary().provider, to_string(failure.outcome),
                    failure.detail));
  note_failure(failure);
  const bool same_again = may_repeat(failure);
  const Target target = attempt_->target();
  end_attempt(failure.outcome, failure.detail);
  // At once: after an error inside a stream its transfer still runs, and nothing of it is wanted.
  attempt_.reset();
  if (failure.outcome == Outcome::rate_limited && failure.head) {
    last_limit_ = failure;
  } else if (failure.head && failure.outcome != Outcome::key_refused) {
    last_answer_ = failure;
  }
  const Outcome outcome = failure.outcome;
  last_failure_ = std::move(failure);
  if (same_again) {
    ++repeats_;
    repeat_ = target;
    if (outcome == Outcome::overloaded) {
      const auto longest =
          std::min<milliseconds>(milliseconds(250) * (1 << repeats_), overload_pause_max);
      const milliseconds wait(longest.count() / 2 +
                              static_cast<std::int64_t>(tools_.rng.below(longest.count() / 2 + 1)));
      state_ = State::waiting;
      pause_.arm(now + wait);
      return;
    }
  } else if (outcome != Outcome::rate_limited && outcome != Outcome::key_refused) {
    // A limit or a refusal is the key's; anything else is the provider's, whichever key.
    ++candidate_;
  }
  state_ = State::waiting;
  next_attempt();
}

void Exchange::note_failure(const Failure& failure) {
  const Target& target = attempt_->target();
  if (target.authority != Authority::key) return;
  const TimePoint now = tools_.loop.now();
  const std::string& key = target.entry->fingerprints[target.key];
  if (failure.outcome == Outcome::key_refused) {
    tools_.shared.keys.refuse(key, now + refused_key_rest);
    tools_.report.note(Level::warn, "key_refused",
                       fmt::format("{} refused key {} ({}); it is set aside for 5 minutes",
                                   target.entry->config->name, key, failure.detail),
                       summary_.request_id);
  } else if (failure.outcome == Outcome::rate_limited && operation_ == Operation::messages) {
    const Duration rest = failure.retry_after.value_or(unknown_limit_rest);
    tools_.shared.keys.cool(key, attempt_->summary().model, now + rest);
    soonest_key_ = std::min(soonest_key_.value_or(now + rest), now + rest);
  }
}

bool Exchange::may_repeat(const Failure& failure) {
  if (failure.outcome == Outcome::overloaded) return repeats_ < overload_repeats_max;
  return failure.outcome == Outcome::transport && failure.unsent && repeats_ < 1;
}

void Exchange::give_up() {
  const Failure* best = last_limit_ ? &*last_limit_ : last_answer_ ? &*last_answer_ : nullptr;
  if (best && best->head) {
    Answer last;
    last.head.status = best->head->status;
    last.head.headers = http::forwardable_response_headers(best->head->headers, false);
    last.head.headers.add("content-length", std::to_string(best->body.size()));
    last.head.headers.add("x-request-id", summary_.request_id);
    if (last.head.status == 429 && soonest_key_) {
      const auto wait = whole_seconds(*soonest_key_ - tools_.loop.now());
      last.head.headers.remove("retry-after-ms");
      last.head.headers.set("retry-after", std::to_string(wait.count()));
    }
    last.body = best->body;
    summary_.error = last_failure_->detail;
    answer(last);
    return;
  }
  if (soonest_key_ && (!last_failure_ || last_failure_->outcome == Outcome::rate_limited ||
                       last_failure_->outcome == Outcome::key_refused)) {
    const auto wait = whole_seconds(*soonest_key_ - tools_.loop.now());
    fail(429,
         fmt::format("every key for this model is set aside; the first is free in {} s",
                     wait.count()),
         {{"retry-after", std::to_string(wait.count())}});
    return;
  }
  if (!last_failure_) {
    fail(503, "no provider could take the request", {{"retry-after", "1"}});
    return;
  }
  const bool late = last_failure_->outcome == Outcome::timed_out;
  const std::string& provider = summary_.attempts.back().provider;
  fail(late                                            ? 504
       : last_failure_->outcome == Outcome::overloaded ? 529
                                                       : 502,
       last_failure_->outcome == Outcome::key_refused
           ? fmt::format("provider \"{}\" refused the relay's key ({}); check providers.keys",
                         provider, last_failure_->detail)
           : fmt::format("provider \"{}\": {}", provider, last_failure_->detail));
}

void Exchange::on_pause_over() {
  switch (state_) {
    case State::waiting:
      next_attempt();
      return;
    case State::holding:
      commit();
      return;
    case State::streaming:
      on_quiet();
      return;
    case State::reading:
    case State::done:
      return;
  }
}

void Exchange::on_total_timeout() {
  if (attempt_) {
    end_attempt(Outcome::timed_out, "server.timeout_ms is over");
    attempt_.reset();
  }
  fail(504, fmt::format("no provider answered within {} ms (server.timeout_ms)",
                        config_.server.timeout.count()));
}

// ---- the answer
// ----------------------------------------------------------------------------------

void Exchange::on_answer(ResponseHead head) {
  last_byte_ = tools_.loop.now();
  answer_head_ = std::move(head);
  const Headers& headers = answer_head_.headers;
  const auto type = headers.get("content-type").value_or("");
  const auto encoding = headers.get("content-encoding").value_or("identity");
  const bool readable = base::iequals(encoding, "identity");
  const bool good = answer_head_.status >= 200 && answer_head_.status < 300;
  is_stream_ = base::istarts_with(type, "text/event-stream");
  if (operation_ == Operation::messages && good && readable && is_stream_) {
    tap_.emplace(tools_.answer_reader, config_.stream.inspect_bytes, summary_.usage);
    state_ = State::holding;
    return;
  }
  inspect_json_ = operation_ == Operation::messages && good && readable &&
                  base::istarts_with(type, "application/json");
  commit();
}

upstream::Flow Exchange::on_answer_body(std::string_view bytes) {
  last_byte_ = tools_.loop.now();
  if (state_ != State::holding) return pass(bytes);
  if (held_.empty()) pause_.arm(last_byte_ + config_.stream.hold);
  held_.append(bytes);
  tap_->feed(bytes);
  if (tap_->failed() && !tap_->answering()) {
    Failure failure;
    failure.outcome = classify_in_band(tap_->error().type);
    if (failure.outcome == Outcome::rejected) {
      commit();
      return upstream::Flow::taken;
    }
    failure.detail = fmt::format("in-band {}: {}", tap_->error().type, tap_->error().message);
    failure.retry_after = wire::retry_after(answer_head_.headers, tools_.loop.clock().wall());
    failure.head = answer_head_;
    failure.body = held_.take();
    pause_.cancel();
    tap_.reset();
    on_attempt_failed(std::move(failure));
    return upstream::Flow::taken;
  }
  if (tap_->answering() || held_.size() > config_.stream.buffer_bytes) commit();
  return upstream::Flow::taken;
}

void Exchange::commit() {
  total_.cancel();
  pause_.cancel();
  state_ = State::streaming;
  summary_.first_byte = tools_.loop.now() - begun_;
  const ResponseHead head = client_head();
  summary_.status = head.status;
  writer_.head(head);
  // Nobody else will be asked, and a stream may go on for hours: what the request holds is let go.
  if (!attempt_->needs_body()) std::string().swap(body_);
  forwardable_ = {};
  head_ = {};
  answer_head_ = {};
  if (!held_.empty()) {
    const std::string held = held_.take();
    summary_.bytes_out += held.size();
    writer_.write(held);
  }
  if (tap_ && config_.stream.keepalive.count() > 0) {
    pause_.arm(tools_.loop.now() + config_.stream.keepalive);
  }
}

ResponseHead Exchange::client_head() {
  ResponseHead head;
  head.status = answer_head_.status;
  // Pings and an in-band error may be added to a stream that is read.
  head.headers = http::forwardable_response_headers(answer_head_.headers, !tap_.has_value());
  if (is_stream_) {
    head.headers.set("cache-control", "no-cache, no-transform");
    head.headers.set("x-accel-buffering", "no");
  }
  head.headers.add("x-request-id", summary_.request_id);
  if (config_.routing.debug) {
    const AttemptSummary& attempt = attempt_->summary();
    head.headers.set("x-cc-relay-provider", attempt.provider);
    head.headers.set("x-cc-relay-strategy", config_.routing.strategy);
    head.headers.set("x-cc-relay-key", attempt.key);
    head.headers.set("x-cc-relay-attempts", std::to_string(attempts_));
    const auto ms = [](Duration d) { return std::chrono::duration<double, std::milli>(d).count(); };
    head.headers.add("server-timing",
                     fmt::format("queue;dur={:.3f}, connect;dur={:.3f}, upstream;dur={:.3f}",
                                 ms(summary_.queue), ms(attempt.connect), ms(attempt.first_byte)));
  }
  return head;
}

upstream::Flow Exchange::pass(std::string_view bytes) {
  if (writer_.full()) return upstream::Flow::pause;
  if (tap_) tap_->feed(bytes);
  if (inspect_json_) {
    if (json_.size() + bytes.size() > config_.stream.inspect_bytes) {
      inspect_json_ = false;
      std::string().swap(json_);
    } else {
      json_.append(bytes);
    }
  }
  summary_.bytes_out += bytes.size();
  writer_.write(bytes);
  return upstream::Flow::taken;
}

void Exchange::on_drained() {
  if (attempt_ && state_ == State::streaming) attempt_->resume();
}

// The provider was silent for a while: keep the client's hope up, but never inside an event.
void Exchange::on_quiet() {
  const TimePoint now = tools_.loop.now();
  TimePoint next = last_byte_ + config_.stream.keepalive;
  if (next <= now) {
    if (tap_->between_events() && !tap_->finished() && !writer_.full()) {
      static constexpr std::string_view ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n";
      writer_.write(ping);
      summary_.bytes_out += ping.size();
      ++summary_.pings;
    }
    next = now + config_.stream.keepalive;
  }
  pause_.arm(next);
}

void Exchange::on_answer_end(bool whole, std::string_view detail) {
  if (state_ == State::holding) {
    if (whole && tap_->finished()) {
      commit();
    } else {
      Failure failure;
      failure.outcome = Outcome::failed;
      failure.detail = whole ? "the stream ended before its first event" : std::string(detail);
      pause_.cancel();
      tap_.reset();
      held_.clear();
      on_attempt_failed(std::move(failure));
      return;
    }
  }
  if (tap_ && tap_->failed()) {
    end_attempt(Outcome::stream_broken,
                fmt::format("in-band {}: {}", tap_->error().type, tap_->error().message));
  } else if (!whole || (tap_ && !tap_->finished())) {
    break_stream(whole ? "the stream ended without message_stop" : detail);
    return;
  } else {
    if (inspect_json_) tools_.answer_reader.read_usage(json_, summary_.usage);
    end_attempt(attempt_->summary().outcome, {});
  }
  finish();
  writer_.end();
}

void Exchange::break_stream(std::string_view detail) {
  end_attempt(Outcome::stream_broken, detail);
  const std::string provider = summary_.attempts.back().provider;
  summary_.error =
      fmt::format("provider \"{}\" failed in the middle of its answer: {}", provider, detail);
  const bool tell = tap_ && !tap_->finished();
  const std::string_view separator = tell ? tap_->separator() : "";
  finish();
  if (!tell) {
    writer_.reset();
    return;
  }
  const std::string event =
      fmt::format("{}event: error\ndata: {}\n\n", separator,
                  wire::error_envelope("api_error", summary_.error, summary_.request_id));
  summary_.bytes_out += event.size();
  summary_.ending = Ending::broken;
  writer_.write(event);
  writer_.end();
}

// ---- the end
// -------------------------------------------------------------------------------------

void Exchange::end_attempt(Outcome outcome, std::string_view detail) {
  AttemptSummary& summary = attempt_->summary();
  summary.outcome = outcome;
  summary.detail = detail;
  summary.total = tools_.loop.now() - attempt_->started();
  summary_.attempts.push_back(std::move(summary));
}

void Exchange::answer(const Answer& answer) {
  finish();
  summary_.status = answer.head.status;
  summary_.first_byte = tools_.loop.now() - begun_;
  summary_.bytes_out += answer.body.size();
  writer_.head(answer.head);
  writer_.write(answer.body);
  writer_.end();
}

void Exchange::fail(int status, const std::string& message, const Headers& more) {
  summary_.error = message;
  answer(error_answer(status, message, summary_.request_id, more));
}

// Nothing runs from here on; the attempt may be on the stack, so it goes when the turn ends.
void Exchange::finish() {
  state_ = State::done;
  total_.cancel();
  pause_.cancel();
  tools_.loop.bury(std::move(attempt_));
}

void Exchange::on_closed(Ending ending) {
  if (attempt_) {
    // What the client has taken over or what ended it, the provider is not to blame.
    end_attempt(Outcome::cancelled, to_string(ending));
    attempt_.reset();
  }
  state_ = State::done;
  total_.cancel();
  pause_.cancel();
  if (summary_.status == 0) summary_.status = 499;
  if (summary_.ending != Ending::broken) summary_.ending = ending;
  summary_.total = tools_.loop.now() - begun_;
  tools_.report.request_finished(summary_);
}

void Exchange::trace(std::string_view message) {
  if (!tools_.report.wants(Level::debug)) return;
  tools_.report.note(Level::debug, "trace", std::string(message), summary_.request_id);
}

}  // namespace ccrelay::relay
