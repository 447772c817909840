#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>

#include "base/byte_queue.hpp"
#include "http/h2_codec.hpp"
#include "server/connection.hpp"
#include "server/h2_request.hpp"
#include "server/session.hpp"

namespace ccrelay::server {

/// HTTP/2 on a connection: a request for each stream, one write a turn for all of them.
class H2Session final : public Session, public http::H2Sink {
 public:
  explicit H2Session(Connection& connection);
  ~H2Session() override;

  // For its requests.
  Connection& connection() { return connection_; }
  http::H2Codec& codec() { return codec_; }

 private:
  // What a deadline may be of. Several may run at once.
  struct Deadlines {
    std::optional<TimePoint> idle;      // no request for too long
    std::optional<TimePoint> settings;  // ours are not acknowledged
    std::optional<TimePoint> header;    // a header block that does not end
    std::optional<TimePoint> write;     // the client takes nothing off its socket
    std::optional<TimePoint> shutdown;  // it does not answer that it has been told
    std::optional<TimePoint> linger;    // it does not close either
    std::optional<TimePoint> next() const;
  };
  // A request whose answer has been written, but perhaps not taken by the kernel.
  struct Answered {
    std::uint64_t end;  // of its bytes on the wire; in out_ until that is written
    std::unique_ptr<H2Request> request;
  };

  // Session
  void on_bytes(std::string_view bytes) override;
  void on_eof() override;
  void on_hang_up() override;
  void on_written() override;
  void on_deadline() override;
  void on_turn_end() override;
  void drain() override;
  void close_idle() override;
  void end_now() override;
  void close(Ending ending) override;
  // H2Sink
  void on_request_head(http::StreamId id, RequestHead head) override;
  void on_request_body(http::StreamId id, std::string_view bytes) override;
  void on_request_end(http::StreamId id) override;
  void on_refusal(http::StreamId id, http::Refusal refusal) override;
  void on_stream_closed(http::StreamId id, bool answered) override;
  void on_incident(http::H2Incident incident) override;

  const TimeoutConfig& timeouts() const { return connection_.limits().timeouts; }
  H2Request& begin(http::StreamId id);
  H2Request* find(http::StreamId id);
  void flush();
  void close_answered();
  void close_requests(Ending ending);
  void begin_shutdown();
  void finish();
  void watch();
  bool idle() const { return requests_.empty() && answered_.empty(); }

  Connection& connection_;
  http::H2Codec codec_;
  std::unordered_map<http::StreamId, std::unique_ptr<H2Request>> requests_;
  std::deque<Answered> answered_;
  std::size_t answered_in_out_ = 0;  // so many of them, the last ones, end in out_
  base::ByteQueue out_;
  Deadlines due_;
  std::uint64_t taken_when_watched_ = 0;
  http::StreamId header_block_ = 0;
  bool begun_ = false;  // there has been a request
  bool draining_ = false;
  bool finishing_ = false;        // FIN is sent behind what waits
  bool client_finished_ = false;  // its FIN has come
  bool closed_ = false;
};

}  // namespace ccrelay::server
