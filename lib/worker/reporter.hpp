#pragma once

#include <ccrelay/observer.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loop/loop.hpp"
#include "worker/figures.hpp"
#include "worker/log_book.hpp"
#include "worker/log_lines.hpp"
#include "worker/recent.hpp"
#include "worker/told_request.hpp"

namespace ccrelay::worker {

/// Who is told. Any may be null.
struct Audience {
  Observer* observer = nullptr;  ///< of requests and of notes
  // Of requests alone.
  Observer* ledger = nullptr;
  Observer* telemetry = nullptr;

  bool empty() const { return !observer && !ledger && !telemetry; }
};

/// Counts what has ended and tells the observer, and when a turn in which something was told is
/// over. What an observer throws is dropped: it is called from the middle of everything,
/// destructors as well.
class Reporter final : public loop::TurnTask {
 public:
  /// `log` may be null.
  Reporter(loop::Loop& loop, Audience told, Figures& figures, LogBook* log = nullptr)
      : TurnTask(loop), told_(told), figures_(figures), log_(log) {}

  /// It has ended now. One that was relayed goes to remember() behind that.
  void request_finished(RequestSummary& summary, bool was_relayed = false) {
    figures_.request_finished(summary);
    if (log_ && !was_relayed) {
      if (auto line = line_for(summary, 0)) log_->add(*std::move(line));
    }
    if (told_.empty()) return;
    summary.time = loop().clock().wall();
    for (Observer* one : {told_.ledger, told_.telemetry, told_.observer}) {
      if (one) guarded([&] { one->request_finished(summary); });
    }
    schedule();
  }
  /// One that was relayed, by its number, goes among those of late, and a line of it to who reads
  /// the log: whoever begins to read meanwhile finds it in one of the two.
  void remember(Recent& recent, std::uint64_t number, std::unique_ptr<RequestSummary> summary) {
    // A line is made for who reads alone, and not where others wait.
    const auto is_read = [this] { return log_ && log_->has_watchers(); };
    const bool is_made = is_read() || (log_ && log_->has_level());
    std::optional<management::LogLine> line;
    if (is_made) line = line_for(*summary, number);
    recent.add(number, std::move(summary), [&](const RequestSummary& kept) {
      if (!is_made && is_read()) line = line_for(kept, number);  // since just now
      if (line) log_->tell(*std::move(line));
    });
  }
  /// As request_finished(), of what nobody is told about.
  void count(const RequestSummary& summary) { figures_.request_finished(summary); }
  bool wants(Level level) const {
    if (log_ && log_->has_level()) {
      if (const auto wanted = log_->wanted(loop().now(), told_.observer)) return *wanted <= level;
    }
    if (!told_.observer) return log_ && log_->configured() <= level;
    bool wanted = false;
    guarded([&] { wanted = told_.observer->note_level() <= level; });
    return wanted;
  }
  void note(Level level, std::string_view event, std::string message, std::string request_id = {},
            std::vector<Note::Field> fields = {}) {
    if (!wants(level)) return;
    Note note;
    note.time = loop().clock().wall();
    note.level = level;
    note.event = event;
    note.message = std::move(message);
    note.request_id = std::move(request_id);
    note.fields = std::move(fields);
    // What a client wrote is for the log of whoever switched it on (logging.log_request_body).
    if (log_ && event != "request_body") log_->add(line_of(note));
    if (!told_.observer) return;
    guarded([&] { told_.observer->noted(note); });
    schedule();
  }

 private:
  template <class Call>
  static void guarded(Call call) {
    try {
      call();
    } catch (...) {
      // The program's own affair, and nobody is left to be told.
    }
  }
  void run_at_turn_end() override {
    for (Observer* one : {told_.ledger, told_.telemetry, told_.observer}) {
      if (one) guarded([one] { one->turn_ended(); });
    }
  }
  // Nothing where the log has none of this level.
  std::optional<management::LogLine> line_for(const RequestSummary& summary,
                                              std::uint64_t number) const {
    const management::Request request =
        worker::told(summary, number == 0 ? std::string() : request_id_text(number));
    const Level level = summary.local ? Level::debug : level_of(request);
    if (!wants(level)) return {};
    return line_of(request, level);
  }

  const Audience told_;
  Figures& figures_;
  LogBook* const log_;
};

}  // namespace ccrelay::worker
