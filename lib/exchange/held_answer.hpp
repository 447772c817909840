#pragma once

#include <ccrelay/observer.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_queue.hpp"
#include "exchange/failure.hpp"
#include "exchange/stream_tap.hpp"

namespace ccrelay::exchange {

/// The beginning of an answer that is not given to the client yet, because it may still turn out to
/// be a failure that somebody else can do better: a 200 stream that begins with an error, or a 400
/// that only complains of a thinking block's signature. Pure.
class HeldAnswer {
 public:
  enum class Verdict : std::uint8_t { undecided, pass, failed };

  /// Of an event stream, which `tap` watches.
  HeldAnswer(StreamTap& tap, std::size_t bytes_max) : tap_(&tap), bytes_max_(bytes_max) {}
  /// Of a 400, or of an answer that makes sense only when it is whole.
  explicit HeldAnswer(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// `shown` is what the client gets, `readable` what it means in Anthropic's form: the same but
  /// for clients of a cloud's dialect.
  Verdict feed(std::string_view shown, std::string_view readable);
  /// The answer has ended.
  Verdict end(bool whole);
  bool empty() const { return held_.empty(); }
  std::string take() { return held_.take(); }
  /// After Verdict::failed at the end of a stream or inside it.
  Failure failure(std::string_view detail);

 private:
  StreamTap* tap_ = nullptr;
  std::size_t bytes_max_;
  bool signature_refused_ = false;
  base::ByteQueue held_;
};

}  // namespace ccrelay::exchange
