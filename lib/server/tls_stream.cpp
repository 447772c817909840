#include "server/tls_stream.hpp"

namespace ccrelay::server {
namespace {

constexpr char handshake_record = 0x16;  // RFC 8446 section 5.1

const std::string& plain_http_answer() {
  static const std::string answer = [] {
    const std::string body = "This port speaks TLS: use https:// in place of http://\n";
    return "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: " +
           std::to_string(body.size()) + "\r\nconnection: close\r\n\r\n" + body;
  }();
  return answer;
}

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

}  // namespace

TlsStream::TlsStream(loop::Loop& loop, std::unique_ptr<loop::Stream> socket,
                     std::unique_ptr<tls::Session> session, Counters& counters,
                     HandlerFactory& factory)
    : TurnTask(loop),
      socket_(std::move(socket)),
      session_(std::move(session)),
      counters_(counters),
      factory_(factory) {
  socket_->set_sink(*this);
}

TlsStream::~TlsStream() {
  if (destroyed_) *destroyed_ = true;
  // What the peer has is whole then, and it can tell (RFC 8446 section 6.1).
  if (secured_ && !cut_ && !closed_) {
    session_->close_notify();
    flush();
  }
}

void TlsStream::start_reading() {
  reading_ = true;
  socket_->start_reading();
  // What was decrypted or received before reading stopped is still in the session.
  if (secured_ && session_->holds_bytes()) schedule();
}

void TlsStream::stop_reading() {
  reading_ = false;
  socket_->stop_reading();
}

bool TlsStream::write(std::string_view bytes) {
  const bool taken = session_->write(bytes);
  return flush() && taken;
}

// Once after each call of the session's, before anything else is asked of one.
bool TlsStream::flush() {
  const std::string_view output = session_->output();
  return output.empty() || socket_->write(output);
}

// The sink may destroy this object.
void TlsStream::lose() {
  session_->keep();
  sink_->on_lost();
}

void TlsStream::shutdown() {
  if (secured_ && !closed_) {
    closed_ = true;
    session_->close_notify();
    flush();
  }
  socket_->shutdown();
}

void TlsStream::reset_on_close() {
  cut_ = true;
  socket_->reset_on_close();
}

void TlsStream::on_read(std::string_view bytes) {
  if (refused_) return;
  if (!secured_ && !first_seen_) {
    first_seen_ = true;
    if (bytes.front() != handshake_record && is_letter(bytes.front())) {
      answer_plain_http();
      return;
    }
  }
  session_->receive(bytes);
  if ((secured_ || secure()) && hand_on()) session_->keep();
}

// True when the handshake is done and this object still there.
bool TlsStream::secure() {
  const auto status = session_->handshake();
  const bool flushed = flush();
  if (status == tls::Session::Status::wanted && flushed) return false;
  if (status != tls::Session::Status::done || !flushed) {
    ++counters_.tls_failures;
    if (flushed) {
      refuse();
    } else {
      lose();
    }
    return false;
  }
  secured_ = true;
  ++counters_.tls_handshakes;
  bool gone = false;
  destroyed_ = &gone;
  sink_->on_secured();
  if (gone) return false;
  destroyed_ = nullptr;
  return true;
}

// False when the connection is lost, or this object gone.
bool TlsStream::hand_on() {
  bool gone = false;
  destroyed_ = &gone;
  while (reading_ && !peer_done_) {
    std::string_view plain;
    const auto status = session_->read(plain);
    // Reading may make an answer of the protocol's own: a key update, an alert.
    const bool flushed = flush();
    if (status == tls::Session::Status::failed || !flushed) {
      destroyed_ = nullptr;
      if (status == tls::Session::Status::failed) ++counters_.tls_failures;
      lose();
      return false;
    }
    if (status == tls::Session::Status::wanted) break;
    if (status == tls::Session::Status::done) {
      sink_->on_read(plain);
    } else {
      peer_done_ = true;
      sink_->on_eof();
    }
    if (gone) return false;
  }
  destroyed_ = nullptr;
  return true;
}

// What was written says why. What the client still sends is read, so that no RST overtakes that: by
// TLS 1.3 it is done with its part before it hears that its certificate is wanted.
void TlsStream::refuse() {
  refused_ = true;
  session_->keep();
  socket_->shutdown();
}

void TlsStream::answer_plain_http() {
  ++counters_.tls_plain_http;
  factory_.on_plain_http(peer());
  if (socket_->write(plain_http_answer())) {
    refuse();
  } else {
    sink_->on_lost();
  }
}

void TlsStream::on_eof() {
  if (!secured_) {
    if (first_seen_ && !refused_) ++counters_.tls_failures;
    sink_->on_lost();
    return;
  }
  // Without close_notify. HTTP tells by itself where a request ends, so nothing is cut unnoticed.
  if (peer_done_) return;
  peer_done_ = true;
  sink_->on_eof();
}

void TlsStream::on_written() {
  if (secured_) sink_->on_written();
}

void TlsStream::run_at_turn_end() {
  if (reading_) hand_on();
}

}  // namespace ccrelay::server
