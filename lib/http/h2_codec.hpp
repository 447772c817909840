#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/http.hpp>

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/byte_queue.hpp"
#include "http/frame_budget.hpp"
#include "http/h2_frame_walk.hpp"
#include "http/h2_sink.hpp"

namespace ccrelay::http {

/// Limits of one HTTP/2 connection.
struct H2Limits {
  std::size_t header_bytes_max = 64 * 1024;  // of a header list, as RFC 9113 section 6.5.2 counts
  std::uint32_t streams_max = 100;           // open at once
  std::uint32_t frame_budget = 1000;         // cheap frames in FrameBudget::window
  std::size_t header_count_max = 200;        // fields of a header list, without pseudo-headers
};

/// The server's side of one HTTP/2 connection (RFC 9113), bytes to calls and calls to bytes. Pure:
/// no socket, and time is told. nghttp2 parses, checks and schedules; what it lets pass that a
/// relay must not is refused here.
class H2Codec {
 public:
  H2Codec(H2Sink& sink, const H2Limits& limits);
  ~H2Codec();
  H2Codec(const H2Codec&) = delete;
  H2Codec& operator=(const H2Codec&) = delete;

  /// Takes bytes of the client, beginning with its preface, cut anywhere.
  void feed(std::string_view bytes, TimePoint now);
  /// Appends frames for the client as far as its windows go, and until `out` has so many bytes or
  /// one frame more.
  void write_to(base::ByteQueue& out, std::size_t out_bytes_max);
  /// write_to() has something to write.
  bool wants_write() const { return goaway_due_ || nghttp2_session_want_write(session_) != 0; }
  /// The connection is over: nothing that comes means anything any more, and all is written.
  bool finished() const { return !wants_write() && nghttp2_session_want_read(session_) == 0; }
  /// The stream whose header block has begun and not ended, so that no other frame may come; 0 if
  /// there is none.
  StreamId header_block() const { return header_block_; }

  /// Header fields that were decoded so far: what they cost.
  std::uint64_t fields_decoded() const { return fields_decoded_; }

  /// The client has seen our SETTINGS (RFC 9113 section 6.5.3).
  bool settings_acknowledged() const { return settings_acknowledged_; }

  // ---- one stream; each does nothing when the stream is closed.

  /// The client announced `Expect: 100-continue` (RFC 9110 section 10.1.1) and sent no body yet.
  bool expects_continue(StreamId id) const;
  void write_continue(StreamId id);
  void write_head(StreamId id, const ResponseHead& head);
  void write_body(StreamId id, std::string_view bytes);
  void write_end(StreamId id);
  /// Resets the stream once what was written before has gone, so that the client does not take a
  /// broken answer for a whole one.
  void break_off(StreamId id);
  /// Resets the stream now.
  void cancel(StreamId id);
  /// The handler has taken so many bytes of the request's body: the client may send as many more.
  void take(StreamId id, std::size_t bytes);
  /// Bytes of the answer's body that the client's windows or write_to()'s bound keep back.
  std::size_t waiting(StreamId id) const;
  /// The client gives this stream no window.
  bool blocked(StreamId id) const;
  /// Streams of which write_to() wrote body bytes since the last call; may name one twice.
  std::vector<StreamId> take_progress();
  /// Body bytes of all streams that write_to() ever wrote.
  std::uint64_t body_bytes_written() const { return body_bytes_written_; }

  // ---- the connection

  /// Tells the client to begin no more streams (RFC 9113 section 6.8). Those that are on their way
  /// are still served, until it has answered or end_shutdown() is called.
  void begin_shutdown();
  /// Streams that begin after the next write_to() are not served; when the last one ends, so does
  /// the connection.
  void end_shutdown();
  /// Ends the connection with this error; `reason` is for a person.
  void fail(std::uint32_t code, std::string_view reason);

 private:
  friend struct H2Callbacks;
  struct Stream;

  // What nghttp2 tells; see h2_events.cpp.
  void on_begin_frame(const nghttp2_frame_hd& frame);
  void on_begin_headers(const nghttp2_frame& frame);
  bool on_header(StreamId id, std::string_view name, std::string_view value);
  void on_frame(const nghttp2_frame& frame);
  void on_headers_end(Stream& stream);
  void on_request_end(Stream& stream);
  void on_data(StreamId id, std::string_view bytes);
  void on_frame_sent(const nghttp2_frame& frame);
  void on_frame_not_sent(const nghttp2_frame& frame);
  void on_goaway_sent(const nghttp2_goaway& goaway);
  void on_reset_sent(StreamId id, std::uint32_t code);
  void on_stream_close(StreamId id);
  ssize_t read_body(Stream& stream, char* to, std::size_t length, std::uint32_t& flags);

  void receive(std::string_view bytes);
  std::size_t outbound_frames_max() const;
  bool check_open(StreamId id);
  void remember_reset(StreamId id);
  bool is_absurd_block(std::uint8_t frame_type, std::uint32_t bytes);
  void spend();
  void flooded();
  void absurd_block();
  void broken(std::uint32_t code, std::string_view reason);
  void refuse(Stream& stream, Refusal refusal);
  Stream* find(StreamId id) const;

  H2Sink& sink_;
  const H2Limits limits_;
  FrameBudget budget_;
  H2FrameWalk walk_;
  nghttp2_session* session_ = nullptr;
  std::unordered_map<StreamId, std::unique_ptr<Stream>> streams_;
  std::vector<StreamId> progress_;
  std::deque<StreamId> reset_;  // the last ones that we reset
  StreamId last_id_ = 0;        // the highest that the client began
  TimePoint now_{};
  std::uint64_t body_bytes_written_ = 0;
  std::uint64_t fields_decoded_ = 0;
  std::uint32_t window_updates_earned_ = 0;
  std::size_t block_bytes_ = 0;  // on the wire, of the header block that came last
  StreamId header_block_ = 0;
  bool settings_acknowledged_ = false;
  bool shutting_down_ = false;
  bool shut_down_ = false;
  bool goaway_due_ = false;     // of end_shutdown()
  bool goaway_queued_ = false;  // the same, submitted and not yet written
  bool failed_ = false;
};

}  // namespace ccrelay::http
