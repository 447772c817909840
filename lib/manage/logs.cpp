#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "manage/core.hpp"
#include "manage/log_reader.hpp"
#include "worker/log_lines.hpp"

// The log: how much of it, and its lines.

namespace ccrelay::management {
namespace {

constexpr std::int32_t tail_max = 1000;

using manage::invalid;

std::optional<Refusal> check(const LogWatch& watch) {
  if (watch.min_level > LogLevel::error) {
    return invalid(fmt::format("min_level: {} is no level", static_cast<int>(watch.min_level)));
  }
  if (watch.tail < 0 || watch.tail > tail_max) {
    return invalid(fmt::format("tail: {} is not from 0 to {}", watch.tail, tail_max));
  }
  const std::int32_t lines = watch.queue_lines;
  if (lines != 0 && (lines < 16 || lines > 65'536)) {
    return invalid(fmt::format("queue_lines: {} is neither 0 nor from 16 to 65536", lines));
  }
  return {};
}

std::optional<Level> level_named(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return Level::debug;
    case LogLevel::info:
      return Level::info;
    case LogLevel::warn:
      return Level::warn;
    case LogLevel::error:
      return Level::error;
    case LogLevel::unspecified:
      break;
  }
  return {};
}

}  // namespace

LogLevelState Manager::log_level() const {
  worker::Shared& shared = core_.shared();
  LogLevelState out;
  out.configured_level = worker::told(shared.log->configured());
  out.level = out.configured_level;
  const auto wanted = shared.log->wanted(core_.now(), shared.observer);
  if (!wanted) return out;
  out.level = worker::told(*wanted);
  if (const auto until = shared.log->until()) out.expire_time = core_.wall(*until);
  return out;
}

Reply<Changed<LogLevelState>> Manager::set_log_level(LogLevel level, const Order& given) {
  Order order = given;
  if (const auto refusal = core_.check(order)) return *refusal;
  if (level > LogLevel::error) {
    return invalid(fmt::format("level: {} is no level", static_cast<int>(level)));
  }
  worker::Shared& shared = core_.shared();
  (void)log_level();  // one whose time is over is none any more
  std::optional<TimePoint> until;
  if (order.ttl.count() > 0) until = core_.now() + order.ttl;
  const auto wanted = level_named(level);
  const bool changed = shared.log->set_level(wanted, until, shared.observer);
  core_.note(order, wanted ? "set the level of" : "took back the level of", "log",
             std::string(to_string(wanted.value_or(shared.log->configured()))), changed);
  return Changed<LogLevelState>{log_level(), changed, {}};
}

Reply<std::unique_ptr<LogSubscription>> Manager::watch_logs(const LogWatch& watch) {
  if (const auto refusal = check(watch)) return *refusal;
  worker::Shared& shared = core_.shared();
  std::vector<std::string> ids;
  if (!watch.request.empty()) {
    ids.push_back(watch.request);
    // Notes name it as its client does.
    const auto known = request(watch.request);
    if (known && known->id == watch.request) ids.push_back(known->request_id);
  }
  auto seat = core_.seat();
  if (!seat) return seat.refusal();
  const auto reader =
      std::make_shared<manage::LogReader>(watch, std::move(ids), shared.log, std::move(*seat));
  std::optional<std::vector<worker::LinePtr>> lines;
  std::vector<Request> ended;
  const auto begin = [&] { lines = shared.log->watch(reader); };
  if (watch.tail > 0) {
    ended = shared.recent.all(begin);
  } else {
    begin();
  }
  if (!lines) return manage::has_stopped();
  auto subscription = std::make_unique<LogSubscription>(reader);
  if (watch.tail > 0) {
    const Level least = level_named(log_level().level).value_or(Level::debug);
    std::reverse(ended.begin(), ended.end());
    for (const Request& one : ended) {
      const Level level = worker::level_of(one);
      if (level < least) continue;
      lines->push_back(std::make_shared<const LogLine>(worker::line_of(one, level)));
    }
    std::stable_sort(lines->begin(), lines->end(),
                     [](const auto& a, const auto& b) { return a->time < b->time; });
  }
  reader->begin(*lines);
  return subscription;
}

LogSubscription::LogSubscription(std::shared_ptr<manage::LogReader> reader)
    : reader_(std::move(reader)) {}

LogSubscription::~LogSubscription() {
  reader_->on_ready(nullptr);
  reader_->end();
}

std::size_t LogSubscription::take(std::vector<LogEvent>& into, std::size_t most) {
  return reader_->take(into, most);
}
void LogSubscription::on_ready(std::function<void()> wake) {
  reader_->on_ready(std::move(wake));
}
bool LogSubscription::wait(std::chrono::milliseconds longest) {
  return reader_->wait(longest);
}
bool LogSubscription::is_over() const {
  return reader_->is_over();
}

}  // namespace ccrelay::management
