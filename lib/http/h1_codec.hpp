#pragma once

#include <ccrelay/http.hpp>

#include <llhttp.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_queue.hpp"
#include "http/chunked_body.hpp"
#include "http/field_text.hpp"
#include "http/h1_lines.hpp"
#include "http/refusal.hpp"

namespace ccrelay::http {

/// Told what the bytes of a connection mean. None of these may destroy the codec.
class H1Sink {
 public:
  virtual ~H1Sink() = default;
  virtual void on_request_head(RequestHead head) = 0;
  /// A chunk of so many bytes is announced; none of them has been told.
  virtual void on_request_body_due(std::uint64_t) {}
  virtual void on_request_body(std::string_view bytes) = 0;
  virtual void on_request_end() = 0;
  /// The bytes are no request that may be served; nothing more is read from this connection.
  virtual void on_refusal(Refusal refusal) = 0;
};

/// HTTP/1.1 of one client connection (RFC 9112), bytes to calls and calls to bytes; one request at
/// a time. Pure: no socket, no clock. llhttp parses heads; H1Lines and settle_head() refuse what it
/// lets pass that the RFC forbids, above all what two readers could understand differently.
class H1Codec {
 public:
  H1Codec(H1Sink& sink, std::size_t header_bytes_max, std::size_t header_count_max);
  H1Codec(const H1Codec&) = delete;
  H1Codec& operator=(const H1Codec&) = delete;

  /// Takes bytes up to the end of one request, or all; says how many. Takes none between
  /// on_request_end() and next_request(), nor after a refusal. `header_bytes_max` bounds the head
  /// and, counted anew, what a chunked body carries besides the body.
  std::size_t feed(std::string_view bytes);
  /// The answer is out: the next pipelined request may be read.
  void next_request();

  /// Some bytes of a head have come, but not all.
  bool in_head() const { return place_ == Place::head; }
  bool in_body() const { return place_ == Place::body; }
  /// In a body: how much of it is still to come, if its length is known.
  std::optional<std::uint64_t> body_left() const {
    return chunked_ ? std::nullopt : std::optional<std::uint64_t>(parser_.content_length);
  }
  /// The client announced `Expect: 100-continue` (RFC 9110 section 10.1.1) and sent no body yet.
  bool expects_continue() const { return expects_continue_; }
  void write_continue(base::ByteQueue& out);

  /// The head of an answer. Framing and `Connection` are added here; `close` says that the
  /// connection ends with this answer. Sized when it has Content-Length, else chunked, or for
  /// HTTP/1.0 until the connection closes. `more_lines` are whole lines that stand behind its
  /// fields.
  void write_head(base::ByteQueue& out, const ResponseHead& head, bool close,
                  std::string_view more_lines = {});
  void write_body(base::ByteQueue& out, std::string_view bytes);
  void write_end(base::ByteQueue& out);
  /// Whether the connection may go on after this answer.
  bool keeps_alive() const { return keep_alive_; }
  /// What was announced by Content-Length has not all been written.
  bool answer_incomplete() const { return framing_ == Framing::sized && remaining_ > 0; }

 private:
  enum class Place : std::uint8_t { between, head, body, complete, refused };
  enum class Framing : std::uint8_t { none, sized, chunked, until_close };

  static const llhttp_settings_t& settings();
  std::size_t read_head(std::string_view piece);
  std::size_t read_chunks(std::string_view piece);
  std::size_t execute(std::string_view piece);
  void begin_head();
  int on_head_complete();
  int on_body(std::string_view bytes);
  void after_llhttp(llhttp_errno_t error);
  void check_head_bytes();
  void refuse(Refusal refusal);

  H1Sink& sink_;
  const std::size_t header_bytes_max_;
  llhttp_t parser_;
  H1Lines lines_;
  ChunkedBody chunks_;
  Place place_ = Place::between;
  RequestHead head_;
  FieldText name_;
  FieldText value_;
  std::size_t head_bytes_ = 0;
  std::string request_line_;  // what has come of it, while it is not whole
  bool chunked_ = false;      // the request's body
  bool expects_continue_ = false;
  bool keep_alive_ = true;
  bool no_body_ = false;  // the answer to HEAD has none
  bool http_1_0_ = false;
  Framing framing_ = Framing::none;
  std::uint64_t remaining_ = 0;
};

}  // namespace ccrelay::http
