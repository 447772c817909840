#include "server/h2_request.hpp"

#include "base/assert.hpp"
#include "server/h2_session.hpp"
#include "server/http_date.hpp"

namespace ccrelay::server {

H2Request::H2Request(H2Session& session, http::StreamId id)
    : session_(session),
      id_(id),
      timer_(session.connection().loop().timers(), [this] { on_timeout(); }) {}

H2Request::~H2Request() {
  CCRELAY_ASSERT(!handler_, "a request is closed before it is destroyed");
}

// ---- the request

void H2Request::begin(RequestHead head) {
  Connection& connection = session_.connection();
  last_input_ = connection.now();
  timer_.arm(last_input_ + connection.limits().timeouts.client_body);
  handler_ = connection.factory().make(std::move(head), *this, connection.peer());
  if (!answered_ && session_.codec().expects_continue(id_)) session_.codec().write_continue(id_);
}

void H2Request::on_body(std::string_view bytes) {
  last_input_ = session_.connection().now();
  // Once answered, the rest of the request is of no interest.
  if (!answered_) handler_->on_body(bytes);
}

void H2Request::on_end() {
  request_ended_ = true;
  if (answered_) return;
  timer_.cancel();
  handler_->on_end();
}

void H2Request::on_refused(const http::Refusal& refusal) {
  if (!handler_) {
    Connection& connection = session_.connection();
    handler_ = connection.factory().make_for_refusal(*this, connection.peer());
  }
  if (answered_) return;
  timer_.cancel();
  handler_->on_refused(refusal);
}

void H2Request::on_shutdown() {
  if (!handler_ || ended_) return;
  timer_.cancel();
  handler_->on_shutdown();
  watch_answer();
}

void H2Request::close(Ending ending) {
  timer_.cancel();
  handler_->on_closed(ending);
  session_.connection().loop().bury(std::move(handler_));
}

// ---- the answer

void H2Request::head(const ResponseHead& head) {
  CCRELAY_ASSERT(!answered_, "an answer has one head");
  answered_ = true;
  timer_.cancel();
  const auto with_date = dated(head, session_.connection().loop().clock());
  session_.codec().write_head(id_, with_date ? *with_date : head);
  session_.connection().schedule();
}

void H2Request::write(std::string_view bytes) {
  session_.codec().write_body(id_, bytes);
  session_.connection().schedule();
  // The handler may see full() from here on: on_drained() must follow.
  if (full()) was_full_ = true;
  if (!timer_.armed()) watch_answer();
}

void H2Request::end() {
  CCRELAY_ASSERT(answered_ && !ended_, "an answer ends once, after its head");
  ended_ = true;
  session_.codec().write_end(id_);
  session_.connection().schedule();
}

void H2Request::reset() {
  early_ending_ = Ending::broken;
  session_.codec().break_off(id_);
  session_.connection().schedule();
}

bool H2Request::full() const {
  return session_.codec().waiting(id_) >= session_.connection().limits().write_buffer_bytes;
}

const loop::Stream* H2Request::stream() const {
  return &session_.connection().stream();
}

void H2Request::on_progress() {
  const std::size_t waiting = session_.codec().waiting(id_);
  if (waiting > 0) {
    watch_answer();
  } else {
    timer_.cancel();
  }
  if (was_full_ && !ended_ && waiting <= session_.connection().limits().write_buffer_bytes / 2) {
    was_full_ = false;
    handler_->on_drained();
  }
}

// ---- time

// The client must take something in every client_write interval while anything waits for it.
void H2Request::watch_answer() {
  if (session_.codec().waiting(id_) == 0) return;
  const Connection& connection = session_.connection();
  written_when_watched_ = session_.codec().body_bytes_written();
  timer_.arm(connection.now() + connection.limits().timeouts.client_write);
}

void H2Request::on_timeout() {
  const Connection& connection = session_.connection();
  if (!answered_) {
    const TimePoint due = last_input_ + connection.limits().timeouts.client_body;
    if (connection.now() < due) {
      timer_.arm(due);
      return;
    }
    ++session_.connection().counters().slow_bodies;
    on_refused({408, "the request's body stopped arriving (timeouts.client_body_ms)"});
    return;
  }
  // Nothing of this answer has gone since. If there is window for it, it only waits for its turn
  // on a connection that is slow as a whole, which the session watches.
  const bool none_went = written_when_watched_ == session_.codec().body_bytes_written();
  if (session_.codec().blocked(id_) || none_went) {
    give_up(Ending::client_stalled);
  } else {
    watch_answer();
  }
}

void H2Request::give_up(Ending ending) {
  ++session_.connection().counters().http2_timeouts;
  early_ending_ = ending;
  session_.codec().cancel(id_);
  session_.connection().schedule();
}

}  // namespace ccrelay::server
