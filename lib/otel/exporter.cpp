#include "otel/exporter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

#include "base/all_signals_blocked.hpp"
#include "otel/server_place.hpp"
#include "otel/spans.hpp"
#include "upstream/curl_init.hpp"

namespace ccrelay::otel {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t batch_max = 256;  // requests
// At the end; a service manager gives the program five seconds beyond what requests may take.
constexpr std::chrono::seconds last_words{3};

CURLM* make_multi() {
  upstream::init_curl();
  return curl_multi_init();
}

}  // namespace

Exporter::Exporter(TelemetryOptions options)
    : options_(std::move(options)),
      resource_{options_.service_name, CCRELAY_VERSION,
                base::Rng(base::Rng::system_seed()).hex_id()},
      rng_(base::Rng::system_seed()),
      inbox_(options_.queue_max),
      multi_(make_multi()),
      measures_(clock_.wall()),
      traces_(multi_.get(), options_, "/v1/traces", "traces"),
      metrics_(multi_.get(), options_, "/v1/metrics", "metrics") {
  status_.endpoint = options_.endpoint;
}

Exporter::~Exporter() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    asked_.stop = true;
  }
  curl_multi_wakeup(multi_.get());
  thread_.join();
}

Result<void> Exporter::start() {
  if (!multi_ || !traces_.post.handle() || !metrics_.post.handle()) {
    return Error{ErrorCode::internal, "no memory for telemetry"};
  }
  tick_ = clock_.now() + options_.interval;
  const base::AllSignalsBlocked during;
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    return Error{ErrorCode::internal,
                 "cannot start a thread for telemetry: " + error.code().message()};
  }
  return {};
}

// ---- Called by loops and others

void Exporter::request_finished(const RequestSummary& request) {
  if (!is_exported(request)) return;
  Record record = record_of(request);
  if (!options_.metrics && !record.is_sampled()) return;
  if (inbox_.add(std::move(record))) curl_multi_wakeup(multi_.get());
}

std::optional<double> Exporter::sample_ratio() const {
  return options_.traces ? std::optional(options_.sample_ratio) : std::nullopt;
}

bool Exporter::flush(milliseconds patience) {
  std::unique_lock lock(mutex_);
  const std::uint64_t ticket = ++asked_.flush;
  const std::uint64_t dropped = status_.dropped;
  curl_multi_wakeup(multi_.get());
  return flushed_.wait_for(lock, patience, [&] { return answered_ >= ticket; }) && status_.up &&
         status_.dropped == dropped;
}

TelemetryStatus Exporter::status() const {
  const std::size_t more = inbox_.size();
  const std::uint64_t dropped = inbox_.dropped();
  const std::lock_guard lock(mutex_);
  TelemetryStatus status = status_;
  status.queue += more;
  status.dropped += dropped - std::min(dropped, inbox_dropped_);
  return status;
}

Exporter::Asked Exporter::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

// ---- The thread

void Exporter::run() {
  std::uint64_t flushing = 0;
  while (true) {
    const Asked now_asked = asked();
    collect();
    const TimePoint now = clock_.now();
    if (now_asked.stop && deadline_ == TimePoint::max()) {
      deadline_ = now + last_words;
    }
    const bool urgent = now_asked.flush != flushing || deadline_ == now + last_words;
    if (urgent || now >= tick_) {
      flushing = now_asked.flush;
      tick_ = now + options_.interval;
      for (Lane* lane : {&traces_, &metrics_}) {
        lane->wanted = true;
        if (urgent) lane->not_before = now;
      }
    }
    start_traces(now);
    start_metrics(now);
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    const bool news = take_replies(now, now_asked.stop);
    publish();
    if (all_sent()) answer_flush(flushing);
    if (now_asked.stop && (all_sent() || now >= deadline_)) break;
    if (!news) wait(now);
  }
  give_up_rest();
}

void Exporter::collect() {
  for (Record& record : inbox_.take()) {
    if (options_.metrics) measures_.add(record);
    if (record.is_sampled()) waiting_.push_back(std::move(record));
  }
  const std::uint64_t lost = inbox_.dropped();
  std::uint64_t surplus = 0;
  while (waiting_.size() + batch_ > options_.queue_max && !waiting_.empty()) {
    waiting_.pop_front();
    ++surplus;
  }
  std::uint64_t before = 0;
  {
    const std::lock_guard lock(mutex_);
    before = std::exchange(inbox_dropped_, lost);
  }
  if (lost - before + surplus > 0) {
    drop(lost - before + surplus, "more wait than otel.queue_max");
  }
}

void Exporter::start_traces(TimePoint now) {
  if (!traces_.may_start(now)) return;
  if (traces_.repeats) return traces_.post.start_again();
  if (waiting_.empty()) traces_.wanted = false;
  if (waiting_.empty() || (!traces_.wanted && waiting_.size() < batch_max)) return;
  batch_ = std::min(waiting_.size(), batch_max);
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(batch_);
  const std::vector<Record> batch(std::make_move_iterator(waiting_.begin()),
                                  std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  traces_.post.start(export_of(batch, resource_));
  if (!traces_.post.runs()) end_batch(false, 0);
}

// What could not be sent is not sent again: newer figures say the same and more.
void Exporter::start_metrics(TimePoint now) {
  if (!metrics_.may_start(now)) return;
  if (measures_.empty()) metrics_.wanted = false;
  if (!metrics_.wanted && !metrics_.repeats) return;
  metrics_.wanted = false;
  metrics_.post.start(measures_.export_of(resource_, clock_.wall()));
}

bool Exporter::take_replies(TimePoint now, bool stopping) {
  bool any = false;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    any = true;
    Lane& lane = message->easy_handle == traces_.post.handle() ? traces_ : metrics_;
    const CURLcode code = message->data.result;
    on_reply(lane, lane.post.end(code), now, stopping);
  }
  return any;
}

void Exporter::on_reply(Lane& lane, const Reply& reply, TimePoint now, bool stopping) {
  using Verdict = Delivery::Verdict;
  Verdict verdict = lane.delivery.judge(reply, rng_.next());
  // Whoever waits for the end waits for what the collector asks for, within reason.
  const bool in_time = reply.retry_after && now + lane.delivery.wait() < deadline_;
  if (verdict == Verdict::again && stopping && !in_time) verdict = Verdict::lost;
  lane.repeats = verdict == Verdict::again;
  lane.not_before = lane.repeats ? now + lane.delivery.wait() : now;
  if (verdict == Verdict::arrived) {
    if (!lane.trouble.empty()) {
      note(Level::info, fmt::format("{} arrive again at {}", lane.name, options_.endpoint));
      drop_is_said_ = false;
    }
    lane.trouble.clear();
  } else {
    const std::string words = in_words(reply);
    if (lane.trouble.empty()) {
      note(Level::warn,
           fmt::format("{} can't be sent to {}: {}", lane.name, options_.endpoint, words));
    }
    lane.trouble = words;
  }
  if (&lane == &traces_ && verdict != Verdict::again) {
    end_batch(verdict == Verdict::arrived, rejected_in(reply.body));
  }
}

void Exporter::end_batch(bool arrived, std::uint64_t rejected) {
  const std::uint64_t all = std::exchange(batch_, 0);
  const std::uint64_t lost = arrived ? std::min(rejected, all) : all;
  {
    const std::lock_guard lock(mutex_);
    status_.sent += all - lost;
  }
  if (lost == 0) return;
  drop(lost, arrived ? "the collector refused some of their spans" : traces_.trouble);
}

void Exporter::wait(TimePoint now) {
  TimePoint until = std::min(tick_, deadline_);
  for (const Lane* lane : {&traces_, &metrics_}) {
    if (lane->repeats && !lane->post.runs()) until = std::min(until, lane->not_before);
  }
  const auto longest = std::chrono::ceil<milliseconds>(until - now).count();
  curl_multi_poll(multi_.get(), nullptr, 0,
                  static_cast<int>(std::clamp<std::int64_t>(longest, 0, 60'000)), nullptr);
}

bool Exporter::all_sent() const {
  return waiting_.empty() && traces_.is_free() && metrics_.is_free() && !metrics_.wanted;
}

void Exporter::answer_flush(std::uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  if (answered_ == ticket) return;
  answered_ = ticket;
  flushed_.notify_all();
}

void Exporter::give_up_rest() {
  const std::uint64_t rest = waiting_.size() + batch_;
  if (rest == 0) return;
  drop_is_said_ = false;
  drop(rest, "there was no time left before the end");
}

void Exporter::drop(std::uint64_t requests, const std::string& why) {
  std::uint64_t all = 0;
  {
    const std::lock_guard lock(mutex_);
    all = status_.dropped += requests;
  }
  if (std::exchange(drop_is_said_, true)) return;
  note(Level::warn,
       fmt::format("{} request{} dropped that {} meant for {}: {}", all, all == 1 ? " is" : "s are",
                   all == 1 ? "was" : "were", options_.endpoint, why));
}

void Exporter::publish() {
  const std::lock_guard lock(mutex_);
  status_.trouble = traces_.trouble.empty() ? metrics_.trouble : traces_.trouble;
  status_.up = status_.trouble.empty();
  status_.queue = waiting_.size() + batch_;
}

void Exporter::note(Level level, std::string message) const {
  if (options_.notes == nullptr) return;
  Note made;
  made.time = clock_.wall();
  made.level = level;
  made.event = "otel";
  made.message = std::move(message);
  try {
    options_.notes->noted(made);
    options_.notes->turn_ended();
  } catch (...) {
    // The program's own affair.
  }
}

}  // namespace ccrelay::otel

namespace ccrelay {

Result<std::unique_ptr<Telemetry>> make_telemetry(TelemetryOptions options) {
  if (otel::place_of(options.endpoint).host.empty()) {
    return Error{ErrorCode::config,
                 "otel.endpoint is no URL of a collector; write it like http://127.0.0.1:4318"};
  }
  auto made = std::make_unique<otel::Exporter>(std::move(options));
  if (Result<void> started = made->start(); !started) return started.error();
  return std::unique_ptr<Telemetry>(std::move(made));
}

}  // namespace ccrelay
