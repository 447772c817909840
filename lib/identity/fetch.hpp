#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/result.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/timer_queue.hpp"
#include "identity/step.hpp"
#include "loop/child_process.hpp"
#include "loop/loop.hpp"
#include "upstream/client.hpp"

namespace ccrelay::identity {

/// How token services are reached. Metadata services and this machine are reached directly.
struct Route {
  std::string proxy;     ///< URL of a proxy for https; empty = direct
  std::string no_proxy;  ///< hosts that are reached directly in spite of it
  std::string ca_file;   ///< empty = the system's
};

/// What came of a walk along a chain.
struct Fetched {
  std::string source;  ///< of the link that decided; empty when none is configured
  Result<Issued> result;
};

/// One walk along a chain, on one loop: it does the I/O that the steps ask for, under one limit of
/// time. Destroying it cancels whatever is under way. The chain outlives it.
class Fetch final : private upstream::TransferSink, private loop::TurnTask {
 public:
  Fetch(loop::Loop& loop, upstream::Client& client, const Chain& chain, const Route& route,
        std::function<void(Fetched)> on_done);
  ~Fetch() override;

  /// The outcome if it could be had at once; else `on_done` is called with it at the end of a later
  /// turn, and may bury this object.
  std::optional<Fetched> begin();

 private:
  void go_on(Step step);
  void ask(Ask ask);
  void run(Command command);
  void conclude(Result<Issued> result);
  void conclude(ErrorCode code, const std::string& message);
  WallTime wall() const { return loop().clock().wall(); }

  void on_connected(bool) override {}
  void on_head(ResponseHead head) override;
  upstream::Flow on_body(std::string_view bytes) override;
  void on_done(const upstream::TransferResult& result) override;
  void run_at_turn_end() override;

  upstream::Client& client_;
  const Chain& chain_;
  const Route& route_;
  std::function<void(Fetched)> on_outcome_;
  std::size_t link_ = 0;
  bool beginning_ = false;
  std::optional<Fetched> outcome_;
  base::Timer limit_;

  std::string doing_;  // for the error of a timeout
  upstream::Destination destination_;
  Ask ask_;
  Answer answer_;
  std::unique_ptr<upstream::Transfer> transfer_;
  std::unique_ptr<loop::ChildProcess> command_;
};

}  // namespace ccrelay::identity
