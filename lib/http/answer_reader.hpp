#pragma once

#include <ccrelay/http.hpp>

#include <llhttp.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/answer_lines.hpp"
#include "http/chunked_body.hpp"
#include "http/field_text.hpp"

namespace ccrelay::http {

/// The answer to one HTTP/1.1 request (RFC 9112), bytes to calls: skips interim answers (1xx),
/// takes the body out of its framing, drops trailers. Pure: no socket, no clock. llhttp parses the
/// head; what it lets pass and nobody should is refused here. Holds next to nothing once the head
/// is told. Must not move.
class AnswerReader {
 public:
  /// All header lines of one exchange together, trailers and chunk extensions too.
  static constexpr std::size_t head_bytes_max = 256 * 1024;
  /// One of them.
  static constexpr std::size_t line_bytes_max = 100 * 1024;

  enum class Take : std::uint8_t {
    taken,
    pause,  ///< not taken: untaken() has these bytes until feed() is called again
    stop,   ///< nobody wants to know any more
  };

  /// Neither call may destroy the reader.
  class Sink {
   public:
    /// Of the final answer. False: nobody wants to know any more.
    virtual bool on_answer_head(ResponseHead head) = 0;
    virtual Take on_answer_body(std::string_view bytes) = 0;

   protected:
    ~Sink() = default;
  };

  enum class Step : std::uint8_t {
    more,      ///< all was taken, and the answer goes on
    paused,    ///< the sink took no more: deliver untaken() some time, then feed() what follows
    complete,  ///< what follows is no part of this answer
    refused,   ///< problem() says why
    stopped,   ///< the sink said so
  };

  explicit AnswerReader(Sink& sink);
  AnswerReader(const AnswerReader&) = delete;
  AnswerReader& operator=(const AnswerReader&) = delete;

  /// Before the first byte. The answer to a HEAD has no body, whatever it announces.
  void begin(bool answers_head);
  /// Takes bytes, all or up to where it says it stopped. With none it goes on after a pause.
  Step feed(std::string_view bytes, std::size_t& taken);
  /// The connection has ended: complete if that is the end of the answer, else more.
  Step finish();

  std::string_view untaken() const { return untaken_; }
  /// A first line was read.
  bool begun() const { return begun_; }
  bool head_complete() const { return place_ == Place::body || place_ == Place::complete; }
  /// Once complete: whether the connection may serve another request.
  bool keeps_alive() const { return keeps_alive_; }
  const std::string& problem() const { return problem_; }

 private:
  enum class Place : std::uint8_t { head, interim, body, complete };

  static const llhttp_settings_t& settings();
  void init_parser();
  void begin_piece(std::string_view piece);
  void end_piece(std::string_view piece);
  bool count_line(std::size_t bytes);
  void on_value(std::string_view piece);
  int on_field_complete();
  int on_head_complete();
  std::string framing_problem() const;
  bool settle_framing();
  Step step_of(llhttp_errno_t error);
  Step feed_chunks(std::string_view piece, std::size_t& used);
  int on_body(std::string_view bytes);
  std::string words_for(llhttp_errno_t error) const;
  int refuse(std::string why);

  Sink& sink_;
  llhttp_t parser_;
  Place place_ = Place::head;
  bool answers_head_ = false;
  bool begun_ = false;
  bool status_line_read_ = false;  // of this answer, which may be an interim one
  bool stopped_ = false;
  bool in_value_ = false;
  bool chunked_ = false;
  bool misframed_ = false;  // whoever stands between may have read another end
  bool keeps_alive_ = false;
  ResponseHead head_;
  FieldText name_;
  FieldText value_;
  const char* value_end_ = nullptr;  // where the last piece of the value ended
  bool at_fold_ = false;             // only blanks of a folded line have come so far
  std::size_t line_bytes_ = 0;       // of the header line that is being read
  std::size_t head_bytes_ = 0;
  AnswerLines lines_;
  ChunkedBody chunks_{ChunkedBody::Of::answer};
  std::string_view untaken_;
  std::string problem_;
};

}  // namespace ccrelay::http
