#include <fmt/format.h>

#include <string>
#include <utility>

#include "exchange/dialect.hpp"
#include "exchange/exchange.hpp"
#include "exchange/interpreter.hpp"

// What a client hears of an answer that has begun to go to it and is not whole.

namespace ccrelay::exchange {

// In the client's words the answer can't be said: there is more in it than is kept, or it is not
// what it looked like.
void Exchange::end_unsaid() {
  summary_.ending = Ending::broken;
  summary_.error = fmt::format("the answer of provider \"{}\" can't be translated",
                               attempt_->summary().provider);
  break_off(Outcome::stream_broken, "its answer can't be translated");
}

// Nobody is to blame but the relay's own limit.
void Exchange::end_without_room() {
  const std::string detail = worker::no_room_for_body(worker::body_bytes_room(config_.server));
  if (collected_) {
    end_attempt(Outcome::cancelled, detail);
    fail(503, detail, {{"retry-after", "1"}});
    return;
  }
  summary_.ending = Ending::broken;
  summary_.error = detail;
  break_off(Outcome::cancelled, detail);
}

// What the client has is no whole answer: summary_ says why.
void Exchange::break_off(Outcome outcome, std::string_view detail) {
  const auto separator = attempt_->stage().before_error();
  end_attempt(outcome, detail);
  if (collected_) {
    // It has got nothing yet.
    const bool stops = summary_.ending == Ending::shutdown;
    answer(error_answer(stops ? 503 : 502, summary_.error,
                        stops ? Headers{{"retry-after", "1"}} : Headers()));
    return;
  }
  const auto words = last_words(separator);
  finish();
  if (!words) {
    writer_.reset();
    return;
  }
  summary_.bytes_out += words->size();
  writer_.write(*words);
  writer_.end();
}

// What ends a stream that is not whole; none where nothing can be said.
std::optional<std::string> Exchange::last_words(std::optional<std::string_view> separator) {
  // It has told the client so itself.
  if (encoder_ && encoder_->failed()) return std::string();
  // Nor can anything be said inside of a JSON array that goes on as it came.
  const bool is_array = request_.dialect == Dialect::gemini && !request_.sse && !encoder_;
  if (!separator || is_array) return {};
  std::string words(*separator);
  if (!encoder_) {
    return words + stream_error(request_.dialect, summary_.error, request_.id, so_far_.get());
  }
  std::string said;
  encoder_->feed(words + stream_error(Dialect::anthropic, summary_.error, request_.id), said);
  encoder_->end(said);
  return said;
}

}  // namespace ccrelay::exchange
