#include "exchange/exchange.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "exchange/client_request.hpp"
#include "exchange/dialect.hpp"

// How an Exchange begins, what its search ends with, and how it ends. The request, which arrives
// first, is in exchange_request.cpp; the answer in exchange_answer.cpp; what those are told who
// look at it meanwhile in exchange_told.cpp.

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
      held_answer_(tools.shared.admission),
      held_spare_(tools.shared.admission) {
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
  let_spare_go();
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
