#include "server/h1_session.hpp"

#include "base/assert.hpp"
#include "server/http_date.hpp"

namespace ccrelay::server {
namespace {
// More than this in one turn is handed to the kernel at once instead of at the turn's end.
constexpr std::size_t flush_now_bytes = 64 * 1024;
// What is left of a request that is answered already is read for the connection's sake, if it is no
// more than this.
constexpr std::uint64_t drained_bytes_max = 64 * 1024;
}  // namespace

H1Session::H1Session(Connection& connection)
    : connection_(connection),
      codec_(*this, connection.limits().header_bytes_max, connection.limits().header_count_max),
      draining_(connection.draining()) {}

H1Session::~H1Session() {
  CCRELAY_ASSERT(!handler_, "a session is closed before it is destroyed");
}

// A client that is about to use its connection can't be told but by an answer.
void H1Session::drain() {
  draining_ = true;
}

void H1Session::close_idle() {
  if (phase_ == Phase::draining || (phase_ == Phase::idle && input_.empty())) say_goodbye();
}

void H1Session::end_now() {
  draining_ = close_after_ = true;
  switch (phase_) {
    case Phase::idle:
    case Phase::draining:
      say_goodbye();
      return;
    case Phase::head:
      on_refusal({503, "the relay is stopping"});
      return;
    case Phase::body:
    case Phase::answering:
      if (handler_ && !ended_) handler_->on_shutdown();
      return;
    case Phase::flushing:
    case Phase::lingering:
    case Phase::closed:
      return;
  }
}

// FIN, and no RST for a request that has crossed it on its way.
void H1Session::say_goodbye() {
  input_.clear();
  connection_.stream().shutdown();
  connection_.stream().start_reading();
  enter(Phase::lingering);
}

void H1Session::close(Ending ending) {
  phase_ = Phase::closed;
  if (!handler_) return;
  // Cut, not closed: what the client has so far must not look complete. An answer that has ended
  // may still wait for the kernel to take it.
  if (answered_ && (!ended_ || waiting_bytes() > 0)) connection_.stream().reset_on_close();
  handler_->on_closed(ending);
  connection_.loop().bury(std::move(handler_));
}

void H1Session::enter(Phase phase) {
  if (phase_ == Phase::closed) return;
  phase_ = phase;
  write_watch_ = false;
  const TimePoint now = connection_.now();
  switch (phase) {
    case Phase::idle:
      // While the relay stops, one whose answer began before it could say that it is the last.
      connection_.deadline().arm(now +
                                 (draining_ ? timeouts().client_linger : timeouts().client_idle));
      break;
    case Phase::head:
      connection_.deadline().arm(now + timeouts().client_header);
      break;
    case Phase::body:
      connection_.deadline().arm(now + timeouts().client_body);
      break;
    case Phase::draining:
    case Phase::lingering:
      connection_.deadline().arm(now + timeouts().client_linger);
      break;
    case Phase::answering:
    case Phase::flushing:
    case Phase::closed:
      connection_.deadline().cancel();
      break;
  }
}

void H1Session::on_bytes(std::string_view bytes) {
  if (phase_ == Phase::lingering || (discard_input_ && !drains_)) return;
  last_input_ = connection_.now();
  const bool behind = phase_ == Phase::answering || phase_ == Phase::flushing || !input_.empty();
  if (behind && !drains_) {
    // Pipelined: kept until the running answer is out, but not without end. That the client leaves
    // is seen either way.
    input_.append(bytes);
    if (input_full()) connection_.stream().stop_reading();
    return;
  }
  const std::size_t taken = codec_.feed(bytes);
  if (phase_ == Phase::closed) return;
  if (taken < bytes.size() && !discard_input_) {
    input_.append(bytes.substr(taken));
    if (input_full()) connection_.stream().stop_reading();
  }
  if (phase_ == Phase::draining && !drains_) {
    read_next();
  } else if (phase_ == Phase::idle && codec_.in_head()) {
    enter(Phase::head);
  }
}

// One request of those that were pipelined, or the beginning of one.
void H1Session::read_pipelined() {
  const std::size_t taken = codec_.feed(input_.view());
  if (phase_ == Phase::closed) return;
  if (discard_input_ && !drains_) {
    input_.clear();
  } else {
    input_.consume(taken);
  }
  if (phase_ == Phase::idle && codec_.in_head()) enter(Phase::head);
  if (!input_full()) connection_.stream().start_reading();
  // What can be answered at once has been; anything else would be asked for a client that has left.
  if (client_finished_ && phase_ != Phase::flushing) connection_.remove(Ending::client_gone);
}

void H1Session::on_request_head(RequestHead head) {
  answered_ = ended_ = was_full_ = drains_ = false;
  last_input_ = connection_.now();
  enter(Phase::body);
  handler_ = connection_.factory().make(std::move(head), *this, connection_.peer());
  if (!answered_ && codec_.expects_continue()) {
    codec_.write_continue(out_);
    connection_.schedule();
  }
}

void H1Session::on_request_body_due(std::uint64_t bytes) {
  if (handler_ && !discard_input_) handler_->on_body_due(bytes);
}

void H1Session::on_request_body(std::string_view bytes) {
  if (handler_ && !discard_input_) handler_->on_body(bytes);
}

void H1Session::on_request_end() {
  if (phase_ == Phase::closed) return;
  const bool early = discard_input_;
  discard_input_ = drains_ = false;
  if (phase_ == Phase::body) enter(Phase::answering);
  if (handler_ && !early) handler_->on_end();
}

void H1Session::on_refusal(http::Refusal refusal) {
  if (phase_ == Phase::closed) return;
  close_after_ = true;
  if (discard_input_) return;  // answered already; the rest does not matter
  if (refusal.status != 408 && refusal.status != 503) ++connection_.counters().malformed;
  if (!handler_) {
    answered_ = ended_ = false;
    handler_ = connection_.factory().make_for_refusal(*this, connection_.peer());
  }
  enter(Phase::answering);
  handler_->on_refused(refusal);
}

void H1Session::head(const ResponseHead& head) {
  CCRELAY_ASSERT(!answered_, "an answer has one head");
  answered_ = true;
  if (codec_.in_body()) {
    // The rest of the request is of no interest any more.
    discard_input_ = true;
    drains_ = may_drain();
    if (!drains_) close_after_ = true;
  }
  // What was pipelined behind this request is answered first.
  if (draining_ && input_.empty()) close_after_ = true;
  codec_.write_head(out_, head, close_after_, date_line(head, connection_.loop().clock()));
  if (!codec_.keeps_alive()) close_after_ = true;
  collected();
}

// Where the request ends is known, it does end soon, and the client sends it unasked.
bool H1Session::may_drain() const {
  const auto left = codec_.body_left();
  return left && *left <= drained_bytes_max && !codec_.expects_continue() && !client_finished_;
}

void H1Session::write(std::string_view bytes) {
  if (phase_ == Phase::closed) return;
  codec_.write_body(out_, bytes);
  if (out_.size() >= flush_now_bytes) flush();
  collected();
}

// The handler may see full() from here on: on_drained() must follow, whatever filled the buffer.
void H1Session::collected() {
  connection_.schedule();
  if (full()) was_full_ = true;
}

void H1Session::end() {
  CCRELAY_ASSERT(answered_ && !ended_, "an answer ends once, after its head");
  ended_ = true;
  codec_.write_end(out_);
  if (codec_.answer_incomplete()) reset_wanted_ = true;
  enter(Phase::flushing);
  connection_.schedule();
}

void H1Session::reset() {
  reset_wanted_ = true;
  connection_.schedule();
}

bool H1Session::full() const {
  return phase_ != Phase::closed && waiting_bytes() >= connection_.limits().write_buffer_bytes;
}

void H1Session::on_turn_end() {
  if (phase_ == Phase::closed) return;
  if (phase_ == Phase::idle && !input_.empty()) {
    read_pipelined();
    return;  // what is answered by now has asked for another call in this turn
  }
  if (reset_wanted_) {
    // What there is goes out first; then the cut.
    flush();
    connection_.stream().reset_on_close();
    connection_.remove(Ending::broken);
    return;
  }
  flush();
  if (connection_.lost()) {
    connection_.remove(Ending::client_gone);
    return;
  }
  after_write();
}

void H1Session::flush() {
  if (out_.empty() || phase_ == Phase::closed) return;
  // The handler may be on the stack: should the connection be lost, on_turn_end(), which comes in
  // any case, draws the conclusion.
  connection_.write(out_.view());
  out_.clear();
}

void H1Session::on_written() {
  if (phase_ == Phase::closed) return;
  after_write();
}

void H1Session::after_write() {
  const std::size_t waiting = waiting_bytes();
  if (was_full_ && handler_ && !ended_ && waiting <= connection_.limits().write_buffer_bytes / 2) {
    was_full_ = false;
    handler_->on_drained();
    if (phase_ == Phase::closed) return;
  }
  if (waiting > 0) {
    watch_writes();
    return;
  }
  if (write_watch_) {
    write_watch_ = false;
    if (phase_ == Phase::answering || phase_ == Phase::flushing) connection_.deadline().cancel();
  }
  if (phase_ == Phase::flushing) finish_answer();
}

// The client must take something in every client_write interval while anything waits for it.
void H1Session::watch_writes() {
  if (write_watch_ || (phase_ != Phase::answering && phase_ != Phase::flushing)) return;
  write_watch_ = true;
  taken_when_watched_ = connection_.taken();
  connection_.deadline().arm(connection_.now() + timeouts().client_write);
}

void H1Session::finish_answer() {
  handler_->on_closed(Ending::complete);
  connection_.loop().bury(std::move(handler_));
  if (close_after_ || (client_finished_ && input_.empty())) {
    say_goodbye();
    return;
  }
  if (drains_) {
    enter(Phase::draining);
    connection_.stream().start_reading();
    return;
  }
  read_next();
}

void H1Session::read_next() {
  enter(Phase::idle);
  codec_.next_request();
  if (input_.empty()) {
    connection_.stream().start_reading();
  } else {
    connection_.schedule_next();  // one a turn: there are other clients
  }
}

void H1Session::on_eof() {
  if (phase_ == Phase::closed) return;
  // The answer is there, and what was asked behind it is answered too.
  client_finished_ = true;
  const bool answering = phase_ == Phase::flushing || (phase_ == Phase::idle && !input_.empty());
  if (!answering) connection_.remove(Ending::client_gone);
}

void H1Session::on_hang_up() {
  // What was pipelined and not read stands before it; reading goes on when the answer is out.
  if (phase_ == Phase::answering) connection_.remove(Ending::client_gone);
}

void H1Session::on_deadline() {
  const TimePoint now = connection_.now();
  switch (phase_) {
    case Phase::idle:
      ++connection_.counters().idle;
      say_goodbye();
      return;
    case Phase::draining:
    case Phase::lingering:
      connection_.remove(Ending::complete);
      return;
    case Phase::head:
      ++connection_.counters().slow_heads;
      on_refusal({408, "the request's head did not arrive in time (timeouts.client_header_ms)"});
      return;
    case Phase::body:
      if (discard_input_) break;
      if (now - last_input_ < timeouts().client_body) {
        connection_.deadline().arm(last_input_ + timeouts().client_body);
        return;
      }
      ++connection_.counters().slow_bodies;
      on_refusal({408, "the request's body stopped arriving (timeouts.client_body_ms)"});
      return;
    case Phase::answering:
    case Phase::flushing: {
      // The deadline was of the first bytes, and they have got their answer just now.
      if (!write_watch_) return;
      const std::uint64_t taken = connection_.taken();
      write_watch_ = false;
      if (taken == taken_when_watched_) {
        ++connection_.counters().slow_readers;
        connection_.stream().reset_on_close();
        connection_.remove(Ending::client_stalled);
      } else {
        watch_writes();
      }
      return;
    }
    case Phase::closed:
      return;
  }
}

}  // namespace ccrelay::server
