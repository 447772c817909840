#pragma once

#include <uv.h>
#include <ccrelay/testing/fake_provider.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "testing/request_reader.hpp"
#include "testing/tls_filter.hpp"

namespace ccrelay::testing {

class FakeConnection;

/// What a connection asks of its provider. Connections cannot be freed during a call to it, so all
/// of these may close any of them.
class ConnectionHost {
 public:
  virtual ~ConnectionHost() = default;
  /// A request is complete; what to do with it?
  virtual Script answer(RecordedRequest request) = 0;
  /// A script waits for the clock; on_time() is wanted no earlier than wakes_at().
  virtual void on_pause() = 0;
  /// The script of a request was cut short by the client.
  virtual void on_cancelled() = 0;
  /// The connection is over: forget it.
  virtual void on_closed(FakeConnection& connection) = 0;
};

/// One connection of the fake provider: reads a request, runs its script, reads the next. It is
/// libuv's half and the whole of it: made by accept(), freed by its own close callback, and thus
/// never while one of its functions runs. The provider lists it from accept() to on_closed() and
/// lets go of it with abandon(). Belongs to the loop's thread.
class FakeConnection final {
 public:
  /// Takes the connection that waits at `listener`; null if it is gone again.
  static FakeConnection* accept(uv_stream_t* listener, ConnectionHost& host, const Clock& clock,
                                const TlsIdentity* identity, std::size_t number);
  FakeConnection(const FakeConnection&) = delete;
  FakeConnection& operator=(const FakeConnection&) = delete;

  /// Stops or starts reading; a new connection does not read yet.
  void pause_reading(bool paused);
  /// Goes on after a hold, if there is one.
  void release();
  /// Goes on after a pause, if its time has come.
  void on_time();
  std::optional<TimePoint> wakes_at() const;
  /// Closes in an orderly way once everything is sent.
  void finish();
  /// Closes at once and never calls the host again.
  void abandon();

 private:
  enum class State : std::uint8_t { reading, running, held, paused, finishing, closed };
  struct Write;
  struct Callbacks;  // libuv's way in

  FakeConnection(ConnectionHost& host, const Clock& clock, std::size_t number);
  ~FakeConnection() = default;

  void on_read(long count);
  void on_written(int status);
  void on_finished();
  void go_on();
  void read_request();
  void run_script();
  void refuse();
  void send(std::string_view bytes);
  void flush_tls();
  void write(std::string bytes);
  void peer_left();
  void close();
  void cut();
  void leave();
  bool script_unfinished() const;

  uv_tcp_t tcp_;
  ConnectionHost* host_;  // null once abandoned
  const Clock& clock_;
  const std::size_t number_;
  std::optional<TlsFilter> tls_;
  RequestReader reader_;
  Script script_;
  std::size_t step_ = 0;  // the next one of script_
  State state_ = State::reading;
  TimePoint wakes_at_{};
  std::size_t writes_ = 0;  // in flight
  std::array<char, 64 * 1024> buffer_;
};

}  // namespace ccrelay::testing
