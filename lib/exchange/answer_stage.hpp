#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/http.hpp>
#include <ccrelay/observer.hpp>
#include <ccrelay/provider.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_queue.hpp"
#include "exchange/auth.hpp"
#include "exchange/failure.hpp"
#include "exchange/stream_tap.hpp"
#include "provider/error_about.hpp"
#include "wire/answer_view.hpp"

namespace ccrelay::exchange {

/// What an answer that may be passed on goes through on its way to the client, from its head on:
/// decoded where its provider speaks another form than Anthropic's; held while it may still turn
/// out to be a failure that somebody else can do better (a 200 stream that begins with an error);
/// watched for usage, signatures and a proper end. Pure: bytes in, bytes and a verdict out, the
/// same however the input is cut. Of one attempt, which owns it.
class AnswerStage final {
 public:
  enum class Verdict : std::uint8_t {
    undecided,  ///< held; the client gets nothing yet
    pass,       ///< the client may have it; after the first time what was held is in take_held()
    failed,     ///< never: failure() says why
  };
  struct Step {
    Verdict verdict = Verdict::undecided;
    std::string_view shown = {};  ///< for the client, when it passes; until the next call
    std::string broken = {};      ///< why the answer makes no sense any more; it ends here then
  };
  /// What is known when the head has come.
  struct What {
    Operation operation;
    Dialect dialect;  ///< of the client
    const ResponseHead& head;
    Outcome outcome;                        ///< what the status means
    Authority authority = Authority::none;  ///< what it was asked with
    provider::ErrorSource source = {};      ///< whom; what it refers to outlives the stage
  };

  /// `decoder` may be null. The first verdict is at hand at once: see holds().
  AnswerStage(wire::AnswerFacts& facts, const StreamConfig& limits, const What& what,
              std::unique_ptr<AnswerDecoder> decoder);

  /// Whether the answer is held back, as of the last call.
  bool holds() const { return holds_; }
  /// Whether it may be shown before all of it is there: then it is not held for longer than
  /// stream.hold_ms.
  bool may_be_shown_early() const { return !only_whole_; }
  /// The time is over: what is held may go.
  void stop_holding() { holds_ = false; }
  /// What was held, once.
  std::string take_held() { return held_.take(); }

  /// The next bytes from the provider.
  Step feed(std::string_view bytes);
  /// It has ended as HTTP; nothing is fed after it.
  Step end(bool whole);

  /// After Verdict::failed. `detail` says how it ended, where it did not say so itself.
  Failure failure(std::string_view detail);
  /// An error that stood in the stream; null if there was none.
  const wire::ProviderError* error() const {
    return tap_ && tap_->failed() ? &tap_->error() : nullptr;
  }

  /// The data of that error's event; empty if there was none.
  std::string_view error_data() const {
    return tap_ ? std::string_view(tap_->error_data()) : std::string_view();
  }

  /// How an answer that was passed on has ended.
  struct Conclusion {
    Outcome outcome;
    std::string detail;
    bool cut = false;  ///< something is missing, and the client must be told
  };
  /// At the end of an answer that was passed on; `detail` says how the connection ended if it was
  /// not whole.
  Conclusion conclude(bool whole, std::string_view detail);

  /// A message stream that is read in passing: pings and an error may be put into it.
  bool is_watched() const { return tap_.has_value(); }
  /// Whether something may be put in here, and more is to come.
  bool may_take_ping() const { return tap_ && tap_->between_events() && !tap_->finished(); }
  /// What must stand before an error that is put in here; none where nothing can be said any more.
  std::optional<std::string_view> before_error() const;

  /// What the answer said of usage so far.
  const Usage& usage() const { return usage_; }
  /// The digests of the thinking signatures in it, once.
  std::vector<wire::SignatureDigest> take_signatures();

 private:
  Outcome outcome_of_error() const;
  std::string_view decode(std::string_view bytes, std::string& broken);
  Verdict hold(std::string_view shown, std::string_view readable);
  void watch(std::string_view readable);

  wire::AnswerFacts& facts_;
  const std::size_t inspect_bytes_;
  const Dialect dialect_;
  const Outcome outcome_;
  const Operation operation_;
  const Authority authority_;
  const provider::ErrorSource source_;
  std::unique_ptr<AnswerDecoder> decoder_;
  std::string decoded_;  // of one call
  std::optional<StreamTap> tap_;
  Usage usage_;
  std::vector<wire::SignatureDigest> signatures_;  // of a JSON answer
  std::string json_;                               // of a JSON answer, for its usage
  bool reads_json_ = false;
  bool holds_ = false;
  bool only_whole_ = false;  // it makes sense only when all of it is there
  std::size_t held_bytes_max_ = 0;
  base::ByteQueue held_;
};

}  // namespace ccrelay::exchange
