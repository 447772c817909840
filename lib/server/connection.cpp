#include "server/connection.hpp"

#include "base/assert.hpp"
#include "server/h1_session.hpp"
#include "server/h2_session.hpp"
#include "server/server.hpp"
#include "server/sniff.hpp"

namespace ccrelay::server {

Connection::Connection(Server& server, std::unique_ptr<loop::Stream> stream,
                       const ConnectionLimits& limits)
    : TurnTask(server.loop()),
      server_(server),
      stream_(std::move(stream)),
      limits_(limits),
      deadline_(server.loop().timers(), [this] { on_deadline(); }),
      age_(server.loop().timers(), [this] {
        ++counters().connections_aged;
        drain();
        close_idle();
      }) {
  stream_->set_sink(*this);
}

Connection::~Connection() {
  CCRELAY_ASSERT(closed_, "a connection is closed before it is destroyed");
}

// It is wanted when there is a request.
HandlerFactory& Connection::factory() {
  server_.has_asked(*this);
  return server_.factory();
}

Counters& Connection::counters() {
  return server_.counters();
}

bool Connection::draining() const {
  return server_.draining();
}

void Connection::secure() {
  securing_ = true;
  stream_->start_reading();
  deadline_.arm(now() + limits_.handshake_timeout);
}

void Connection::on_secured() {
  securing_ = false;
  sniff();
  // Without ALPN (RFC 7301) the first bytes tell, as they do without TLS.
  if (stream_->protocol() == "h2") {
    speak(Protocol::http2);
  } else if (stream_->protocol() == "http/1.1") {
    speak(Protocol::http1);
  }
}

void Connection::sniff() {
  stream_->start_reading();
  deadline_.arm(now() +
                (server_.closes_idle() ? server_.idle_limit() : limits_.timeouts.client_header));
  if (limits_.age_max.count() > 0) age_.arm(now() + limits_.age_max);
}

void Connection::speak(Protocol protocol) {
  if (protocol == Protocol::http2) {
    session_ = std::make_unique<H2Session>(*this);
  } else {
    session_ = std::make_unique<H1Session>(*this);
  }
}

void Connection::drain() {
  age_.cancel();
  if (session_) session_->drain();
}

void Connection::close_idle() {
  // A handshake, or the beginning of a preface, is the beginning of a request.
  if (!session_ && !securing_ && first_bytes_.empty()) speak(Protocol::http1);
  if (session_) session_->close_idle();
}

void Connection::end_now() {
  if (session_) {
    session_->end_now();
  } else {
    remove(Ending::shutdown);
  }
}

void Connection::close(Ending ending) {
  if (closed_) return;
  closed_ = true;
  deadline_.cancel();
  age_.cancel();
  if (session_) {
    session_->close(ending);
    loop().bury(std::move(session_));
  }
  stream_.reset();
}

void Connection::remove(Ending ending) {
  if (closed_) return;
  close(ending);
  server_.remove(*this);
}

void Connection::write(std::string_view bytes) {
  if (!stream_->write(bytes)) lost_ = true;
}

void Connection::on_read(std::string_view bytes) {
  if (session_) {
    session_->on_bytes(bytes);
    return;
  }
  // 0x16 begins a handshake of TLS (RFC 8446 section 5.1), and no request.
  if (first_bytes_.empty() && bytes.front() == 0x16) ++counters().tls_on_plain;
  if (first_bytes_.empty()) {
    // Nearly always they tell at once, and go on from where they were read to.
    const auto told = limits_.http2 ? protocol_of(bytes) : Protocol::http1;
    if (told) {
      speak(*told);
      session_->on_bytes(bytes);
      return;
    }
  }
  first_bytes_.append(bytes);
  const auto protocol = limits_.http2 ? protocol_of(first_bytes_) : Protocol::http1;
  if (!protocol) return;
  speak(*protocol);
  const std::string first = std::move(first_bytes_);
  session_->on_bytes(first);
}

void Connection::on_eof() {
  if (session_) {
    session_->on_eof();
  } else {
    remove(Ending::client_gone);
  }
}

void Connection::on_hang_up() {
  if (session_) session_->on_hang_up();
}

void Connection::on_lost() {
  remove(Ending::client_gone);
}

void Connection::on_written() {
  if (session_) session_->on_written();
}

void Connection::run_at_turn_end() {
  if (session_) session_->on_turn_end();
}

void Connection::on_deadline() {
  if (!session_) {
    if (first_bytes_.empty() && !securing_ && server_.closes_idle()) {
      close_idle();
      return;
    }
    if (first_bytes_.empty()) {
      ++(securing_ ? counters().tls_timeouts : counters().idle);
      remove(Ending::complete);
      return;
    }
    // What looked like the beginning of a preface is the beginning of nothing.
    speak(Protocol::http1);
    const std::string first = std::move(first_bytes_);
    session_->on_bytes(first);
    if (!session_) return;
  }
  session_->on_deadline();
}

}  // namespace ccrelay::server
