#include <fmt/format.h>

#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "base/header_name.hpp"
#include "exchange/admittance.hpp"
#include "exchange/asked_model.hpp"
#include "exchange/conversation.hpp"
#include "exchange/debug_headers.hpp"
#include "exchange/dialect.hpp"
#include "exchange/exchange.hpp"
#include "exchange/interpreter.hpp"
#include "http/header_rules.hpp"

// The third part of an Exchange: an answer was found, and goes to the client in its words. What
// becomes of one that is not whole is in exchange_broken.cpp.

namespace ccrelay::exchange {

void Exchange::commit() {
  state_ = State::passing;
  passed_ = true;
  tools_.tally.passing();
  timer_.cancel();
  summary_.first_byte = tools_.loop.now() - begun_;
  begin_encoding();
  const ResponseHead head = client_head();
  summary_.status = head.status;
  if (collected_) {
    due_head_ = std::make_unique<ResponseHead>(head);
  } else {
    writer_.head(head);
  }
  settle_down();
  // Nobody else will be asked, and a stream may go on for hours: what the request holds is let go.
  if (!attempt_->needs_body()) {
    let_body_go();
    attempt_->let_body_go();
  }
  let_head_go();
  attempt_->let_head_go();
  tools_.loop.bury(std::move(search_));
  happens(management::RequestEventKind::first_byte);
  const std::string held = attempt_->stage().take_held();
  if (!held.empty()) pass(held);
  // Into a JSON array nothing can be put.
  const bool is_array = request_.dialect == Dialect::gemini && !request_.sse;
  const bool pings = attempt_ && attempt_->stage().is_watched() && !collected_ && !is_array &&
                     !ping(request_.dialect).empty();
  if (pings && config_.stream.keepalive.count() > 0) {
    timer_.arm(tools_.loop.now() + config_.stream.keepalive);
  }
}

ResponseHead Exchange::client_head() const {
  const ResponseHead& from = attempt_->head();
  ResponseHead head;
  head.status = from.status;
  // Pings and an in-band error may be added to a stream that is read.
  head.headers = http::forwardable_response_headers(
      from.headers, !attempt_->stage().is_watched() && asked_model_.empty());
  const Interpreter* words = attempt_->interpreter();
  if (words && words->translates()) {
    head.headers = words->client_headers(from.headers);
    head.headers.set("content-type", words->content_type(request_.view.stream));
  }
  if (words) add_translation_headers(head.headers, *words, config_.routing.debug);
  bool is_stream = base::istarts_with(head.headers.get(base::HeaderName::content_type).value_or(""),
                                      "text/event-stream");
  if (!is_stream && !words && attempt_->stage().is_watched() &&
      request_.dialect != Dialect::bedrock) {
    // It is one by its bytes, whatever the provider calls it.
    is_stream = true;
    head.headers.set("content-type", "text/event-stream");
  }
  if (is_stream) {
    head.headers.set("cache-control", "no-cache, no-transform");
    head.headers.set("x-accel-buffering", "no");
  }
  head.headers.add("x-request-id", request_.id);
  if (const ClientConfig* who = request_.access.who; who && who->has_budget()) {
    const WallTime wall = tools_.loop.clock().wall();
    const auto spent = tools_.shared.spending.of(who->name, wall);
    if (const auto share = tools_.shared.limits.share(who->name, spent)) {
      add_budget_headers(head.headers, *share, wall);
    }
  }
  if (config_.routing.debug) {
    if (request_.access.who) head.headers.set("x-cc-relay-client", request_.access.who->name);
    add_debug_headers(head.headers, *attempt_, *search_, request_, *snapshot_, summary_);
  }
  return head;
}

// Where the client gets the answer in other words than those that the relay reads.
void Exchange::begin_encoding() {
  const Interpreter* words = attempt_->interpreter();
  if (!words || !words->translates()) {
    const Target& target = attempt_->target();
    const bool is_named = target.entry->config->answer_model == "asked" &&
                          request_.operation == Operation::messages &&
                          target.model != request_.view.model &&
                          request_.dialect != Dialect::bedrock;
    if (is_named) asked_model_ = request_.view.model;
    if (words && request_.dialect == Dialect::responses && attempt_->stage().is_watched())
      so_far_ = std::make_unique<dialect::ResponsesSoFar>();
    return;
  }
  const bool reasons = request_.operation == Operation::messages &&
                       config_.translation.memory_max > 0 && !words->recalled_as().empty();
  if (reasons) recall_tap_ = std::make_unique<dialect::RecallTap>(words->issuer());
  if (!words->encodes()) return;
  if (request_.view.stream) {
    encoder_ = words->encoder(attempt_->stage().is_watched());
  } else {
    collected_.emplace();
  }
}

// A conversation lives where it got its first good answer.
void Exchange::settle_down() {
  if (!request_.conversation || request_.operation != Operation::messages ||
      attempt_->head().status >= 300) {
    return;
  }
  remember_home(tools_, *snapshot_, request_, attempt_->target(), search_->plan());
}

void Exchange::on_answer_body(std::string_view bytes) {
  if (held_ > 0 && !attempt_->needs_body()) {
    let_body_go();
    attempt_->let_body_go();
  }
  pass(bytes);
  if (tools_.shared.watchers->any()) tell_progress();
}

// In the client's words.
void Exchange::pass(std::string_view bytes) {
  if (collected_) {
    if (collected_->size() + bytes.size() > dialect::StreamTranslator::buffered_bytes_max) {
      summary_.ending = Ending::broken;
      summary_.error = fmt::format("the answer of provider \"{}\" is too large to be translated",
                                   attempt_->summary().provider);
      break_off(Outcome::stream_broken, summary_.error);
      return;
    }
    collect(bytes);
    return;
  }
  if (recall_tap_) {
    // What is no stream comes in one piece, or is too long to be read.
    attempt_->stage().is_watched() ? recall_tap_->feed(bytes) : recall_tap_->read(bytes);
    remember_reasoning();
  }
  if (encoder_) {
    encoded_.clear();
    encoder_->feed(bytes, encoded_);
    bytes = encoded_;
  } else if (!asked_model_.empty() && !bytes.empty()) {
    encoded_ = with_model(bytes, attempt_->stage().is_watched(), asked_model_);
    const bool is_said = encoded_ != bytes;
    bytes = encoded_;
    // OpenAI's streams say it more than once.
    if (is_said && vendor_dialect(request_.dialect) == dialect::Dialect::anthropic)
      asked_model_.clear();
  }
  if (!bytes.empty()) {
    if (so_far_) so_far_->feed(bytes);
    summary_.bytes_out += bytes.size();
    writer_.write(bytes);
  }
  if (recall_tap_ || so_far_) keep_spare();
  if (encoder_) check_encoder();
}

// What the answer can do without has room only where nobody else needs that.
void Exchange::keep_spare() {
  const std::size_t bytes =
      (recall_tap_ ? recall_tap_->kept_bytes() : 0) + (so_far_ ? so_far_->kept_bytes() : 0);
  if (!held_spare_.keep_if_room(bytes, worker::body_bytes_room(config_.server))) let_spare_go();
}

void Exchange::let_spare_go() {
  recall_tap_.reset();
  so_far_.reset();
  held_spare_.let_go();
}

// Kept until all of it is there, like a request's body.
void Exchange::collect(std::string_view bytes) {
  const worker::Admission::Room room = worker::body_bytes_room(config_.server);
  if (held_answer_.keep(collected_->size() + bytes.size(), room)) {
    collected_->append(bytes);
  } else {
    end_without_room();
  }
}

// Whether what says the answer goes on, and finds room for what it keeps.
void Exchange::check_encoder() {
  if (encoder_->failed()) {
    // An error of the provider's it has only told.
    if (!attempt_->stage().error()) end_unsaid();
    return;
  }
  if (encoder_->finished()) return;
  const worker::Admission::Room room = worker::body_bytes_room(config_.server);
  if (!held_answer_.keep(encoder_->kept_bytes(), room)) end_without_room();
}

void Exchange::on_drained() {
  if (attempt_ && state_ == State::passing) attempt_->resume();
}

// The provider was silent for a while: keep the client's hope up, but never inside an event.
void Exchange::on_quiet() {
  const TimePoint now = tools_.loop.now();
  TimePoint next = attempt_->last_byte() + config_.stream.keepalive;
  if (next <= now) {
    if (attempt_->stage().may_take_ping() && !writer_.full()) {
      writer_.write(ping(request_.dialect));
      summary_.bytes_out += ping(request_.dialect).size();
      ++summary_.pings;
      tools_.figures.pinged();
    }
    next = now + config_.stream.keepalive;
  }
  timer_.arm(next);
}

void Exchange::on_answer_end(bool whole, std::string_view detail) {
  const AnswerStage::Conclusion conclusion = attempt_->stage().conclude(whole, detail);
  if (conclusion.cut && attempt_->answer_has_no_room()) {
    end_without_room();
    return;
  }
  if (conclusion.cut) {
    summary_.ending = Ending::broken;
    summary_.error = fmt::format("provider \"{}\" failed in the middle of its answer: {}",
                                 attempt_->summary().provider, conclusion.detail);
    break_off(Outcome::stream_broken, conclusion.detail);
    return;
  }
  if (collected_) {
    end_collected(conclusion);
    return;
  }
  if (encoder_) {
    encoded_.clear();
    encoder_->end(encoded_);
    summary_.bytes_out += encoded_.size();
    writer_.write(encoded_);
    if (encoder_->failed() && !attempt_->stage().error()) {
      end_unsaid();
      return;
    }
  }
  end_attempt(conclusion.outcome, conclusion.detail);
  finish();
  writer_.end();
}

// For a client that will send its calls back without it.
void Exchange::remember_reasoning() {
  const std::string& name = attempt_->interpreter()->recalled_as();
  for (auto& told : recall_tap_->take()) {
    tools_.shared.recalls.remember(name, told.call_id, std::move(told.tags));
  }
}

// All of it is there, and the client has nothing yet.
void Exchange::end_collected(const AnswerStage::Conclusion& conclusion) {
  const bool is_stream = attempt_->stage().is_watched();
  if (recall_tap_) {
    is_stream ? recall_tap_->feed(*collected_) : recall_tap_->read(*collected_);
    remember_reasoning();
  }
  const dialect::TranslatedAnswer answer =
      attempt_->interpreter()->whole_answer(*collected_, is_stream, due_head_->headers);
  if (answer.status >= 400 && !attempt_->stage().error()) {
    end_unsaid();
    return;
  }
  end_attempt(conclusion.outcome, conclusion.detail);
  finish();
  due_head_->status = summary_.status = answer.status;
  due_head_->headers.set("content-length", std::to_string(answer.body.size()));
  summary_.bytes_out += answer.body.size();
  writer_.head(*due_head_);
  writer_.write(answer.body);
  writer_.end();
}

}  // namespace ccrelay::exchange
