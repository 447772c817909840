#include "exchange/exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/ascii.hpp"
#include "base/clipped.hpp"
#include "base/header_name.hpp"
#include "exchange/admittance.hpp"
#include "exchange/asked_model.hpp"
#include "exchange/body_room.hpp"
#include "exchange/classify.hpp"
#include "exchange/client_ask.hpp"
#include "exchange/conversation.hpp"
#include "exchange/debug_headers.hpp"
#include "exchange/dialect.hpp"
#include "exchange/plan.hpp"
#include "http/header_rules.hpp"
#include "wire/redact.hpp"

namespace ccrelay::exchange {
namespace {
constexpr std::string_view relay_stops = "the relay is stopping";
}

Exchange::Exchange(worker::Tools& tools, std::shared_ptr<const worker::Snapshot> snapshot,
                   ClientRequest&& request, server::ResponseWriter& writer,
                   std::unique_ptr<RequestSummary> summary)
    : tools_(tools),
      snapshot_(std::move(snapshot)),
      config_(snapshot_->config),
      writer_(writer),
      whole_summary_(std::move(summary)),
      summary_(*whole_summary_),
      begun_(tools.loop.now()),
      request_(std::move(request)),
      timer_(tools.loop.timers(),
             [this] {
               if (state_ == State::passing) {
                 on_quiet();
               } else {
                 on_total_timeout();
               }
             }),
      number_(++tools.shared.requests_begun),
      trace_(begun_),
      place_(tools.running.enter(*this)),
      held_answer_(tools.shared.admission) {
  request_.trace = &trace_;
  tools_.tally.begun(summary_.client_name, begun_, summary_.began);
  happens(management::RequestEventKind::started);
  // Other endpoints go on untouched. The front has refused what must be read and is not understood.
  if (request_.operation == Operation::other) return;
  request_.unread = decoder_.begin(request_.head.headers).message;
  if (request_.unread.empty()) request_.forwardable.remove("content-encoding");
}

Exchange::~Exchange() {
  leave_the_list();
  let_body_go();
  let_head_go();
  tools_.shared.admission.leave();
}

// ---- the request arrives

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

// ---- the search

void Exchange::on_nothing_found(Answer last, std::string error) {
  summary_.error = std::move(error);
  answer(last);
}

void Exchange::on_total_timeout() {
  search_->time_out("server.timeout_ms is over");
  fail(504, fmt::format("no provider answered within {} ms (server.timeout_ms)",
                        config_.server.timeout.count()));
}

void Exchange::on_found(std::unique_ptr<Attempt> attempt) {
  attempt_ = std::move(attempt);
  attempt_->pass_to(*this);
  commit();
}

// ---- the answer

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
    due_head_ = head;
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
      so_far_.emplace();
    return;
  }
  const bool reasons = request_.operation == Operation::messages &&
                       config_.translation.memory_max > 0 && !words->recalled_as().empty();
  if (reasons) recall_tap_.emplace(words->issuer());
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
  if (encoder_) check_encoder();
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

// In the client's words the answer can't be said: there is more in it than is kept, or it is not
// what it looked like.
void Exchange::end_unsaid() {
  summary_.ending = Ending::broken;
  summary_.error = fmt::format("the answer of provider \"{}\" can't be translated",
                               attempt_->summary().provider);
  break_off(Outcome::stream_broken, "its answer can't be translated");
}

// Nobody is to blame but the relay's own limit.
void Exchange::end_without_room() {
  const std::string detail = worker::no_room_for_body(worker::body_bytes_room(config_.server));
  if (collected_) {
    end_attempt(Outcome::cancelled, detail);
    fail(503, detail, {{"retry-after", "1"}});
    return;
  }
  summary_.ending = Ending::broken;
  summary_.error = detail;
  break_off(Outcome::cancelled, detail);
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

// What the client has is no whole answer: summary_ says why.
void Exchange::break_off(Outcome outcome, std::string_view detail) {
  const auto separator = attempt_->stage().before_error();
  end_attempt(outcome, detail);
  if (collected_) {
    // It has got nothing yet.
    const bool stops = summary_.ending == Ending::shutdown;
    answer(error_answer(stops ? 503 : 502, summary_.error,
                        stops ? Headers{{"retry-after", "1"}} : Headers()));
    return;
  }
  const auto words = last_words(separator);
  finish();
  if (!words) {
    writer_.reset();
    return;
  }
  summary_.bytes_out += words->size();
  writer_.write(*words);
  writer_.end();
}

// What ends a stream that is not whole; none where nothing can be said.
std::optional<std::string> Exchange::last_words(std::optional<std::string_view> separator) {
  // It has told the client so itself.
  if (encoder_ && encoder_->failed()) return std::string();
  // Nor can anything be said inside of a JSON array that goes on as it came.
  const bool is_array = request_.dialect == Dialect::gemini && !request_.sse && !encoder_;
  if (!separator || is_array) return {};
  std::string words(*separator);
  if (!encoder_) {
    return words + stream_error(request_.dialect, summary_.error, request_.id,
                                so_far_ ? &*so_far_ : nullptr);
  }
  std::string said;
  encoder_->feed(words + stream_error(Dialect::anthropic, summary_.error, request_.id), said);
  encoder_->end(said);
  return said;
}

// ---- the end

void Exchange::end_attempt(Outcome outcome, std::string_view detail) {
  summary_.attempts.push_back(attempt_->close(outcome, detail));
  tools_.loop.bury(std::move(attempt_));
  on_attempt_ended();
}

void Exchange::answer(const Answer& answer) {
  finish();
  const Printed printed = print(answer, request_.dialect, request_.id);
  summary_.status = printed.head.status;
  summary_.first_byte = tools_.loop.now() - begun_;
  summary_.bytes_out += printed.body.size();
  writer_.head(printed.head);
  writer_.write(printed.body);
  writer_.end();
}

void Exchange::fail(int status, const std::string& message, const Headers& more) {
  summary_.error = message;
  // Nobody has been asked. What a slow client is given of its error must not keep others out.
  if (state_ == State::reading) let_body_go();
  answer(error_answer(status, message, more));
}

// Nothing runs from here on; what may be on the stack goes when the turn ends.
void Exchange::finish() {
  state_ = State::done;
  timer_.cancel();
  tools_.loop.bury(std::move(search_));
  tools_.loop.bury(std::move(attempt_));
  // A slow client may take its answer for hours.
  encoder_.reset();
  collected_.reset();
  held_answer_.let_go();
}

// The provider is not to blame, and another relay may take the next request.
void Exchange::on_shutdown() {
  if (end_early(Ending::shutdown, relay_stops)) {
    fail(503, std::string(relay_stops) + "; ask again", {{"retry-after", "1"}});
  }
}

void Exchange::cancel(std::string_view words) {
  if (end_early(Ending::by_operator, words)) {
    fail(500, std::string(words), {{"x-should-retry", "false"}});
  }
}

void Exchange::leave(std::string_view provider, std::string_view words) {
  if (state_ == State::searching) {
    search_->leave(provider, words);
  } else if (state_ == State::passing && attempt_->summary().provider == provider) {
    end_early(Ending::by_operator, words);
  }
}

// Nobody is to blame. True when the client has got nothing yet and is still to be told.
bool Exchange::end_early(Ending ending, std::string_view words) {
  if (state_ == State::done) return false;
  if (state_ == State::passing) {
    const AnswerStage::Conclusion conclusion = attempt_->stage().conclude(false, words);
    if (!conclusion.cut) {  // all was said but the end of the transfer
      on_answer_end(false, words);
      return false;
    }
  }
  summary_.ending = ending;
  summary_.error = words;
  if (state_ == State::passing) {
    break_off(Outcome::cancelled, words);
    return false;
  }
  if (search_) search_->stop(Outcome::cancelled, words);
  return true;
}

void Exchange::on_closed(Ending ending) {
  // What the client has taken over or what ended it, the provider is not to blame.
  if (attempt_) end_attempt(Outcome::cancelled, to_string(ending));
  if (search_) search_->stop(Outcome::cancelled, to_string(ending));
  finish();
  if (summary_.status == 0) summary_.status = 499;
  if (summary_.ending == Ending::complete) summary_.ending = ending;
  summary_.total = tools_.loop.now() - begun_;
  tools_.figures.relayed(summary_.ending);
  tools_.tally.ended(summary_, number_, passed_, tools_.loop.now());
  tools_.report.request_finished(summary_, true);
  settle_client();
  happens(management::RequestEventKind::ended);
  keep_trace();
  leave_the_list();
  tools_.report.remember(tools_.shared.recent, number_, std::move(whole_summary_));
}

void Exchange::leave_the_list() {
  if (std::exchange(is_listed_, false)) tools_.running.leave(place_);
}

// Behind the ledger: what was reserved is let go when what it cost is known there.
void Exchange::settle_client() {
  const ClientConfig* who = request_.access.who;
  if (!who) return;
  std::int64_t cost = 0;
  Tokens used;
  bool any = false;
  for (const AttemptSummary& attempt : summary_.attempts) {
    any = any || !attempt.usage.charges.empty();
    add(used, counted(attempt.usage));
    cost += taken_from_budget(attempt.usage);
  }
  tools_.shared.spending.add(who->name, cost, tools_.loop.clock().wall());
  // What nobody worked on takes nothing but its place among the requests.
  if (any) permit_.settle(used, tools_.loop.now());
  permit_ = {};
}

}  // namespace ccrelay::exchange
