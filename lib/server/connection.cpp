#include "server/connection.hpp"

#include "base/assert.hpp"
#include "server/server.hpp"

namespace ccrelay::server {
namespace {
// More than this in one turn is handed to the kernel at once instead of at the turn's end.
constexpr std::size_t flush_now_bytes = 64 * 1024;
}  // namespace

Connection::Connection(Server& server, std::unique_ptr<loop::Stream> stream,
                       const ConnectionLimits& limits)
    : TurnTask(server.loop()),
      server_(server),
      stream_(std::move(stream)),
      limits_(limits),
      codec_(*this, limits.header_bytes_max),
      deadline_(server.loop().timers(), [this] { on_timeout(); }) {
  stream_->set_sink(*this);
}

Connection::~Connection() {
  CCRELAY_ASSERT(!handler_, "a connection is closed before it is destroyed");
}

void Connection::start() {
  stream_->start_reading();
  // The first request's head must come within its time; later ones may take the idle time.
  deadline_.arm(loop().now() + limits_.timeouts.client_header);
}

void Connection::drain() {
  close_after_ = true;
  if (phase_ == Phase::idle) remove(Ending::shutdown);
}

void Connection::close(Ending ending) {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  deadline_.cancel();
  if (handler_) {
    // Cut, not closed: what the client has so far must not look complete. An answer that has ended
    // may still wait for the kernel to take it.
    if (answered_ && (!ended_ || waiting_bytes() > 0)) stream_->reset_on_close();
    handler_->on_closed(ending);
    loop().bury(std::move(handler_));
  }
  stream_.reset();
}

void Connection::remove(Ending ending) {
  if (phase_ == Phase::closed) return;
  close(ending);
  server_.remove(*this);
}

void Connection::enter(Phase phase) {
  if (phase_ == Phase::closed) return;
  phase_ = phase;
  write_watch_ = false;
  const TimePoint now = loop().now();
  switch (phase) {
    case Phase::idle:
      deadline_.arm(now + limits_.timeouts.client_idle);
      break;
    case Phase::head:
      deadline_.arm(now + limits_.timeouts.client_header);
      break;
    case Phase::body:
      deadline_.arm(now + limits_.timeouts.client_body);
      break;
    case Phase::lingering:
      deadline_.arm(now + limits_.timeouts.client_linger);
      break;
    case Phase::answering:
    case Phase::flushing:
    case Phase::closed:
      deadline_.cancel();
      break;
  }
}

void Connection::on_read(std::string_view bytes) {
  if (phase_ == Phase::lingering || discard_input_) return;
  last_input_ = loop().now();
  if (phase_ == Phase::answering || phase_ == Phase::flushing) {
    // Pipelined: kept until the running answer is out, but not without end. That the client leaves
    // is seen either way.
    input_.append(bytes);
    if (input_.size() >= limits_.header_bytes_max) stream_->stop_reading();
    return;
  }
  read_input(bytes);
}

void Connection::read_input(std::string_view bytes) {
  const std::size_t taken = codec_.feed(bytes);
  if (phase_ == Phase::closed) return;
  if (taken < bytes.size() && !discard_input_) input_.append(bytes.substr(taken));
  if (phase_ == Phase::idle && codec_.in_head()) enter(Phase::head);
}

void Connection::on_request_head(RequestHead head) {
  answered_ = ended_ = was_full_ = false;
  last_input_ = loop().now();
  enter(Phase::body);
  handler_ = server_.factory().make(std::move(head), *this, stream_->peer());
  if (!answered_ && codec_.expects_continue()) {
    codec_.write_continue(out_);
    schedule();
  }
}

void Connection::on_request_body(std::string_view bytes) {
  if (handler_ && !discard_input_) handler_->on_body(bytes);
}

void Connection::on_request_end() {
  if (phase_ == Phase::closed) return;
  const bool early = discard_input_;
  discard_input_ = false;
  if (phase_ == Phase::body) enter(Phase::answering);
  if (handler_ && !early) handler_->on_end();
}

void Connection::on_refusal(http::Refusal refusal) {
  if (phase_ == Phase::closed) return;
  close_after_ = true;
  if (discard_input_) return;  // answered already; the rest does not matter
  if (!handler_) {
    answered_ = ended_ = false;
    handler_ = server_.factory().make_for_refusal(*this, stream_->peer());
  }
  enter(Phase::answering);
  handler_->on_refused(refusal);
}

void Connection::head(const ResponseHead& head) {
  CCRELAY_ASSERT(!answered_, "an answer has one head");
  answered_ = true;
  if (codec_.in_body()) {
    // The rest of the request is of no interest any more, and where it ends is not known.
    discard_input_ = true;
    close_after_ = true;
  }
  codec_.write_head(out_, head, close_after_ || server_.draining());
  if (!codec_.keeps_alive()) close_after_ = true;
  collected();
}

void Connection::write(std::string_view bytes) {
  if (phase_ == Phase::closed) return;
  codec_.write_body(out_, bytes);
  if (out_.size() >= flush_now_bytes) flush();
  collected();
}

// The handler may see full() from here on: on_drained() must follow, whatever filled the buffer.
void Connection::collected() {
  schedule();
  if (full()) was_full_ = true;
}

void Connection::end() {
  CCRELAY_ASSERT(answered_ && !ended_, "an answer ends once, after its head");
  ended_ = true;
  codec_.write_end(out_);
  if (codec_.answer_incomplete()) reset_wanted_ = true;
  enter(Phase::flushing);
  schedule();
}

void Connection::reset() {
  reset_wanted_ = true;
  schedule();
}

bool Connection::full() const {
  return phase_ != Phase::closed && waiting_bytes() >= limits_.write_buffer_bytes;
}

void Connection::run_at_turn_end() {
  if (phase_ == Phase::closed) return;
  if (reset_wanted_) {
    // What there is goes out first; then the cut.
    flush();
    stream_->reset_on_close();
    remove(Ending::broken);
    return;
  }
  flush();
  if (lost_) {
    remove(Ending::client_gone);
    return;
  }
  after_write();
}

void Connection::flush() {
  if (out_.empty()) return;
  handed_over_ += out_.size();
  // The handler may be on the stack: run_at_turn_end(), which comes in any case, draws the
  // conclusion.
  if (!stream_->write(out_.view())) lost_ = true;
  out_.clear();
}

void Connection::on_written() {
  if (phase_ == Phase::closed) return;
  after_write();
}

void Connection::after_write() {
  const std::size_t waiting = waiting_bytes();
  if (was_full_ && handler_ && !ended_ && waiting <= limits_.write_buffer_bytes / 2) {
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
    if (phase_ == Phase::answering || phase_ == Phase::flushing) deadline_.cancel();
  }
  if (phase_ == Phase::flushing) finish_answer();
}

// The client must take something in every client_write interval while anything waits for it.
void Connection::watch_writes() {
  if (write_watch_ || (phase_ != Phase::answering && phase_ != Phase::flushing)) return;
  write_watch_ = true;
  taken_when_watched_ = handed_over_ - stream_->queued();
  deadline_.arm(loop().now() + limits_.timeouts.client_write);
}

void Connection::finish_answer() {
  handler_->on_closed(Ending::complete);
  loop().bury(std::move(handler_));
  if (close_after_ || server_.draining() || (client_finished_ && input_.empty())) {
    stream_->shutdown();
    stream_->start_reading();
    enter(Phase::lingering);
    return;
  }
  enter(Phase::idle);
  stream_->start_reading();
  codec_.next_request();
  if (input_.empty()) return;
  const std::string pipelined = input_.take();
  read_input(pipelined);
  // What can be answered at once has been; anything else would be asked for a client that has left.
  if (client_finished_ && phase_ != Phase::flushing) remove(Ending::client_gone);
}

void Connection::on_eof() {
  if (phase_ == Phase::closed) return;
  // The answer is there, and what was asked behind it is answered too.
  client_finished_ = true;
  if (phase_ != Phase::flushing) remove(Ending::client_gone);
}

void Connection::on_hang_up() {
  // What was pipelined and not read stands before it; reading goes on when the answer is out.
  if (phase_ == Phase::answering) remove(Ending::client_gone);
}

void Connection::on_lost() {
  remove(Ending::client_gone);
}

void Connection::on_timeout() {
  const TimePoint now = loop().now();
  switch (phase_) {
    case Phase::idle:
    case Phase::lingering:
      remove(Ending::complete);
      return;
    case Phase::head:
      on_refusal({408, "the request's head did not arrive in time (timeouts.client_header_ms)"});
      return;
    case Phase::body:
      if (discard_input_) break;
      if (now - last_input_ < limits_.timeouts.client_body) {
        deadline_.arm(last_input_ + limits_.timeouts.client_body);
        return;
      }
      on_refusal({408, "the request's body stopped arriving (timeouts.client_body_ms)"});
      return;
    case Phase::answering:
    case Phase::flushing: {
      const std::uint64_t taken = handed_over_ - stream_->queued();
      write_watch_ = false;
      if (taken == taken_when_watched_) {
        stream_->reset_on_close();
        remove(Ending::client_stalled);
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
