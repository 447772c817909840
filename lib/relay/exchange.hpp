#pragma once

#include <ccrelay/observer.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_queue.hpp"
#include "base/timer_queue.hpp"
#include "relay/attempt.hpp"
#include "relay/auth.hpp"
#include "relay/errors.hpp"
#include "relay/plan.hpp"
#include "relay/stream_tap.hpp"
#include "relay/worker.hpp"
#include "server/handler.hpp"
#include "wire/request_view.hpp"

namespace ccrelay::relay {

/// One relayed client request: buffers it, walks the plan, passes the answer on. Everything about
/// retry and failover is decided in this class. Owned by the client's connection; owns at most one
/// attempt. The commit point is the first byte to the client: before it another provider may be
/// tried, after it a failure is told in-band.
class Exchange final : public server::RequestHandler, public AttemptSink {
 public:
  Exchange(Tools& tools, std::shared_ptr<const Snapshot> snapshot, Operation operation,
           RequestHead head, Access access, server::ResponseWriter& writer, RequestSummary summary);
  ~Exchange() override;

 private:
  enum class State : std::uint8_t {
    reading,    // the request arrives
    waiting,    // an attempt runs, or the pause before the next
    holding,    // a stream has begun but may still turn out to be an error
    streaming,  // committed
    done,       // answered; nothing runs any more
  };

  // RequestHandler
  void on_body(std::string_view bytes) override;
  void on_end() override;
  void on_refused(const http::Refusal& refusal) override;
  void on_drained() override;
  void on_closed(Ending ending) override;
  // AttemptSink
  void on_answer(ResponseHead head) override;
  upstream::Flow on_answer_body(std::string_view bytes) override;
  void on_answer_end(bool whole, std::string_view detail) override;
  void on_attempt_failed(Failure failure) override;

  // before the commit point
  bool read_body();
  void next_attempt();
  bool choose_target(Target& target);
  void start_attempt(const Target& target);
  void note_failure(const Failure& failure);
  bool may_repeat(const Failure& failure);
  void give_up();
  void on_pause_over();
  void on_total_timeout();
  // commit
  void commit();
  ResponseHead client_head();
  // after it
  upstream::Flow pass(std::string_view bytes);
  void break_stream(std::string_view detail);
  void on_quiet();
  // end
  void end_attempt(Outcome outcome, std::string_view detail);
  void answer(const Answer& answer);
  void fail(int status, const std::string& message, const Headers& more = {});
  void finish();
  void trace(std::string_view message);

  Tools& tools_;
  const std::shared_ptr<const Snapshot> snapshot_;
  const Config& config_;
  const Operation operation_;
  RequestHead head_;
  const Access access_;
  server::ResponseWriter& writer_;
  RequestSummary summary_;
  const TimePoint begun_;

  State state_ = State::reading;
  std::string body_;
  wire::RequestView view_;
  Headers forwardable_;
  Plan plan_;
  std::size_t candidate_ = 0;
  std::unique_ptr<Attempt> attempt_;
  int attempts_ = 0;
  int repeats_ = 0;  // in place, of the current target
  std::optional<Target> repeat_;
  std::optional<TimePoint> first_failure_;
  std::optional<TimePoint> soonest_key_;
  std::optional<Failure> last_limit_;   // the last 429
  std::optional<Failure> last_answer_;  // the last other error that a provider put into words
  std::optional<Failure> last_failure_;
  base::Timer total_;  // up to the commit point
  base::Timer pause_;  // before a repeat; while holding: the hold; while streaming: the next ping

  ResponseHead answer_head_;
  std::optional<StreamTap> tap_;  // of an event stream that can be read
  base::ByteQueue held_;
  std::string json_;  // of a JSON answer, for its usage
  bool inspect_json_ = false;
  bool is_stream_ = false;
  TimePoint last_byte_{};
};

}  // namespace ccrelay::relay
