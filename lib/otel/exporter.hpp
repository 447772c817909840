#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/telemetry.hpp>

#include <curl/curl.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/rng.hpp"
#include "otel/attributes.hpp"
#include "otel/inbox.hpp"
#include "otel/lane.hpp"
#include "otel/measures.hpp"

namespace ccrelay::otel {

/// The thread and what it does: it takes records out of the inbox, adds them up for the metrics and
/// keeps those whose spans are wanted until the collector has them. It waits nowhere but in curl's
/// poll, where anybody can wake it: a collector that says nothing keeps nobody, and figures of what
/// happens meanwhile are added up all the same.
class Exporter final : public Telemetry {
 public:
  explicit Exporter(TelemetryOptions options);
  ~Exporter() override;
  Result<void> start();

  void request_finished(const RequestSummary& request) override;
  std::optional<double> sample_ratio() const override;
  bool flush(std::chrono::milliseconds patience) override;
  TelemetryStatus status() const override;

 private:
  struct Free {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };
  // What others ask of the thread.
  struct Asked {
    bool stop = false;
    std::uint64_t flush = 0;
  };

  void run();
  Asked asked() const;
  void collect();
  void start_traces(TimePoint now);
  void start_metrics(TimePoint now);
  bool take_replies(TimePoint now, bool stopping);
  void on_reply(Lane& lane, const Reply& reply, TimePoint now, bool stopping);
  void end_batch(bool arrived, std::uint64_t rejected);
  void wait(TimePoint now);
  bool all_sent() const;
  void answer_flush(std::uint64_t ticket);
  void give_up_rest();
  void drop(std::uint64_t requests, const std::string& why);
  void publish();
  void note(Level level, std::string message) const;

  const TelemetryOptions options_;
  const Clock& clock_ = Clock::system();
  const Resource resource_;
  base::Rng rng_;
  Inbox inbox_;
  std::unique_ptr<CURLM, Free> multi_;

  // Of the thread alone.
  Measures measures_;
  Lane traces_;
  Lane metrics_;
  std::deque<Record> waiting_;  // whose spans are to be sent
  std::size_t batch_ = 0;       // requests in what is under way
  TimePoint tick_{};
  TimePoint deadline_ = TimePoint::max();
  std::uint64_t inbox_dropped_ = 0;
  bool drop_is_said_ = false;

  mutable std::mutex mutex_;
  std::condition_variable flushed_;
  Asked asked_;
  std::uint64_t answered_ = 0;
  TelemetryStatus status_;
  std::thread thread_;
};

}  // namespace ccrelay::otel
