#pragma once

#include <ccrelay/observer.hpp>
#include <ccrelay/provider.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/timer_queue.hpp"
#include "relay/auth.hpp"
#include "relay/classify.hpp"
#include "relay/snapshot.hpp"
#include "relay/worker.hpp"
#include "upstream/client.hpp"

namespace ccrelay::relay {

/// Why an attempt came to nothing, and what the provider said, in case nobody does better.
struct Failure {
  Outcome outcome = Outcome::failed;
  std::string detail;
  bool unsent = false;               ///< surely nothing of the request reached the provider
  std::optional<ResponseHead> head;  ///< the provider's own answer, if there is a whole one
  std::string body;
  std::optional<Duration> retry_after;  ///< how long the provider asks to wait, if it says so
};

/// What the exchange learns from its attempt. The exchange may destroy the attempt in any of these.
class AttemptSink {
 public:
  virtual ~AttemptSink() = default;
  /// An answer that is to be passed on begins.
  virtual void on_answer(ResponseHead head) = 0;
  virtual upstream::Flow on_answer_body(std::string_view bytes) = 0;
  /// The answer has ended: whole, or with what went wrong.
  virtual void on_answer_end(bool whole, std::string_view detail) = 0;
  /// No answer to pass on. Comes instead of on_answer.
  virtual void on_attempt_failed(Failure failure) = 0;
};

/// Where an attempt goes and on whose account.
struct Target {
  const Entry* entry = nullptr;
  Authority authority = Authority::none;
  std::size_t key = 0;  ///< index into the entry's keys, with Authority::key
};

/// One try at one provider: the transfer, its three timeouts and the reading of an error's body.
/// Owned by the exchange; destroying it cancels it.
class Attempt final : public upstream::TransferSink {
 public:
  Attempt(Tools& tools, const TimeoutConfig& timeouts, Target target, Operation operation,
          AttemptSink& sink);

  /// Begins; `body` stays where it is until the attempt ends. `stream`: the answer is to be one.
  void start(OutboundRequest request, std::string_view body, bool stream);
  /// After on_answer_body() said pause.
  void resume();

  /// Whether the request's body may still be read.
  bool needs_body() const { return transfer_ && transfer_->needs_body(); }

  const Target& target() const { return target_; }
  /// What is known so far; the exchange adds how it ended.
  AttemptSummary& summary() { return summary_; }
  TimePoint started() const { return started_; }

 private:
  enum class Phase : std::uint8_t { connecting, waiting, error_body, passing };

  void on_connected(bool reused) override;
  void on_head(ResponseHead head) override;
  upstream::Flow on_body(std::string_view bytes) override;
  void on_done(const upstream::TransferResult& result) override;

  void on_timeout();
  void fail_timed_out(std::string detail);

  Tools& tools_;
  const TimeoutConfig& timeouts_;
  const Target target_;
  const Operation operation_;
  AttemptSink& sink_;
  AttemptSummary summary_;
  OutboundRequest request_;
  std::unique_ptr<upstream::Transfer> transfer_;
  base::Timer timer_;
  TimePoint started_;
  TimePoint last_byte_{};
  Phase phase_ = Phase::connecting;
  bool paused_ = false;
  Failure failure_;  // being collected
};

}  // namespace ccrelay::relay
