#include "testing/fake_connection.hpp"

#include <sys/socket.h>

#include <memory>
#include <utility>

#include "testing/uv_handle.hpp"

namespace ccrelay::testing {

// A write in flight owns its bytes: libuv gives it back with ECANCELED when the connection closes.
struct FakeConnection::Write {
  uv_write_t request;
  std::string bytes;
};

// No callback needs to ask whether the connection still exists: libuv ends every request before it
// calls close callbacks, and the close callback is what frees a connection.
struct FakeConnection::Callbacks {
  static FakeConnection& of(void* data) { return *static_cast<FakeConnection*>(data); }
  static uv_handle_t* handle(FakeConnection& self) {
    return reinterpret_cast<uv_handle_t*>(&self.tcp_);
  }
  static uv_stream_t* stream(FakeConnection& self) {
    return reinterpret_cast<uv_stream_t*>(&self.tcp_);
  }

  static void allocate(uv_handle_t* tcp, std::size_t, uv_buf_t* buffer) noexcept {
    FakeConnection& self = of(tcp->data);
    *buffer = uv_buf_init(self.buffer_.data(), sizeof self.buffer_);
  }
  static void read(uv_stream_t* tcp, ssize_t count, const uv_buf_t*) noexcept {
    of(tcp->data).on_read(count);
  }
  static void written(uv_write_t* request, int status) noexcept {
    const std::unique_ptr<Write> owned(reinterpret_cast<Write*>(request));
    of(request->handle->data).on_written(status);
  }
  static void shut_down(uv_shutdown_t* request, int) noexcept {
    const std::unique_ptr<uv_shutdown_t> owned(request);
    of(request->handle->data).on_finished();
  }
  static void closed(uv_handle_t* tcp) noexcept { delete &of(tcp->data); }
};

FakeConnection* FakeConnection::accept(uv_stream_t* listener, ConnectionHost& host,
                                       const Clock& clock, const TlsIdentity* identity,
                                       std::size_t number) {
  auto* self = new FakeConnection(host, clock, number);
  check_uv(uv_tcp_init(listener->loop, &self->tcp_), "cannot make a socket");
  self->tcp_.data = self;
  if (uv_accept(listener, Callbacks::stream(*self)) != 0) {
    self->abandon();
    return nullptr;
  }
  // Every send of a script shall arrive as it was cut.
  uv_tcp_nodelay(&self->tcp_, 1);
  if (identity != nullptr) self->tls_.emplace(*identity);
  return self;
}

FakeConnection::FakeConnection(ConnectionHost& host, const Clock& clock, std::size_t number)
    : host_(&host), clock_(clock), number_(number) {}

void FakeConnection::pause_reading(bool paused) {
  if (state_ == State::closed) return;
  uv_stream_t* stream = Callbacks::stream(*this);
  uv_read_stop(stream);
  if (!paused) uv_read_start(stream, &Callbacks::allocate, &Callbacks::read);
}

void FakeConnection::release() {
  if (state_ != State::held) return;
  state_ = State::running;
  go_on();
}

void FakeConnection::on_time() {
  if (state_ != State::paused || clock_.now() < wakes_at_) return;
  state_ = State::running;
  go_on();
}

std::optional<TimePoint> FakeConnection::wakes_at() const {
  if (state_ != State::paused) return std::nullopt;
  return wakes_at_;
}

void FakeConnection::finish() {
  if (state_ == State::finishing || state_ == State::closed) return;
  state_ = State::finishing;
  if (tls_) {
    tls_->end();
    flush_tls();
  }
  auto request = std::make_unique<uv_shutdown_t>();
  if (uv_shutdown(request.get(), Callbacks::stream(*this), &Callbacks::shut_down) == 0)
    request.release();
  else
    close();
}

void FakeConnection::abandon() {
  host_ = nullptr;
  close();
}

void FakeConnection::on_read(long count) {
  if (count == 0 || state_ == State::closed) return;
  if (count < 0) {
    peer_left();
    return;
  }
  if (state_ == State::finishing) return;
  const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(count));
  if (!tls_) {
    reader_.push(bytes);
    go_on();
    return;
  }
  std::string plain;
  const TlsFilter::Status status = tls_->receive(bytes, plain);
  flush_tls();
  reader_.push(plain);
  go_on();
  if (status != TlsFilter::Status::open) peer_left();
}

void FakeConnection::on_written(int status) {
  --writes_;
  if (state_ == State::closed) return;
  // With reading paused nothing else would tell.
  if (status != 0) {
    peer_left();
    return;
  }
  go_on();
}

void FakeConnection::on_finished() {
  if (state_ == State::closed) return;
  // Closing a socket with unread bytes in it sends RST, which would take back what we have sent.
  uv_os_fd_t fd = -1;
  if (uv_fileno(Callbacks::handle(*this), &fd) == 0)
    while (recv(fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT) > 0) continue;
  close();
}

// Request, script, request, …: a loop, as pipelined requests would make a deep stack of calls.
void FakeConnection::go_on() {
  while (true) {
    if (state_ == State::reading) read_request();
    if (state_ == State::running) run_script();
    if (state_ != State::reading || !reader_.has_unread()) return;
  }
}

void FakeConnection::read_request() {
  const RequestReader::Status status = reader_.read();
  if (status == RequestReader::Status::malformed) {
    refuse();
    return;
  }
  const bool expects_continue = reader_.take_expects_continue();
  if (status == RequestReader::Status::incomplete) {
    if (expects_continue) send("HTTP/1.1 100 Continue\r\n\r\n");
    return;
  }
  RecordedRequest request = reader_.take();
  request.connection = number_;
  Script script = host_->answer(std::move(request));
  if (state_ != State::reading) return;  // the responder has closed us
  script_ = std::move(script);
  step_ = 0;
  state_ = State::running;
}

void FakeConnection::run_script() {
  while (step_ < script_.steps().size()) {
    const Script::Step& step = script_.steps()[step_];
    // These two would overtake what is still being sent; on_written() comes back here.
    const bool closes =
        step.kind == Script::Step::Kind::close || step.kind == Script::Step::Kind::reset;
    if (closes && writes_ > 0) return;
    ++step_;
    switch (step.kind) {
      case Script::Step::Kind::send:
        send(step.bytes);
        break;
      case Script::Step::Kind::hold:
        state_ = State::held;
        return;
      case Script::Step::Kind::pause:
        wakes_at_ = clock_.now() + step.wait;
        state_ = State::paused;
        host_->on_pause();
        return;
      case Script::Step::Kind::close:
        finish();
        return;
      case Script::Step::Kind::reset:
        cut();
        return;
    }
    if (state_ != State::running) return;  // the peer has left
  }
  if (writes_ > 0) return;  // not over before the kernel has it; on_written() comes back here
  state_ = State::reading;
  if (!reader_.keep_alive()) finish();
}

/// Says what was wrong with the request, for whoever debugs a test.
void FakeConnection::refuse() {
  const Script script =
      Script::reply(400, "text/plain", reader_.problem(), {{"connection", "close"}});
  for (const Script::Step& step : script.steps()) send(step.bytes);
  finish();
}

void FakeConnection::send(std::string_view bytes) {
  if (!tls_) {
    write(std::string(bytes));
    return;
  }
  tls_->send(bytes);
  flush_tls();
}

void FakeConnection::flush_tls() {
  write(tls_->take_output());
}

void FakeConnection::write(std::string bytes) {
  if (bytes.empty() || state_ == State::closed) return;
  auto write = std::make_unique<Write>();
  write->bytes = std::move(bytes);
  const uv_buf_t buffer =
      uv_buf_init(write->bytes.data(), static_cast<unsigned>(write->bytes.size()));
  if (uv_write(&write->request, Callbacks::stream(*this), &buffer, 1, &Callbacks::written) != 0) {
    peer_left();
    return;
  }
  ++writes_;
  write.release();
}

void FakeConnection::peer_left() {
  if (state_ == State::closed) return;
  if (script_unfinished() && host_ != nullptr) host_->on_cancelled();
  close();
}

bool FakeConnection::script_unfinished() const {
  return state_ == State::running || state_ == State::held || state_ == State::paused;
}

void FakeConnection::close() {
  if (state_ == State::closed) return;
  leave();
  uv_close(Callbacks::handle(*this), &Callbacks::closed);
}

void FakeConnection::cut() {
  leave();
  if (uv_tcp_close_reset(&tcp_, &Callbacks::closed) != 0)
    uv_close(Callbacks::handle(*this), &Callbacks::closed);
}

void FakeConnection::leave() {
  state_ = State::closed;
  if (host_ != nullptr) host_->on_closed(*this);
}

}  // namespace ccrelay::testing
