#pragma once

#include <ccrelay/observer.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loop/loop.hpp"
#include "worker/figures.hpp"

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
  Reporter(loop::Loop& loop, Audience told, Figures& figures)
      : TurnTask(loop), told_(told), figures_(figures) {}

  /// It has ended now.
  void request_finished(RequestSummary& summary) {
    figures_.request_finished(summary);
    if (told_.empty()) return;
    summary.time = loop().clock().wall();
    for (Observer* one : {told_.ledger, told_.telemetry, told_.observer}) {
      if (one) guarded([&] { one->request_finished(summary); });
    }
    schedule();
  }
  /// The same, of what nobody is told about.
  void count(const RequestSummary& summary) { figures_.request_finished(summary); }
  bool wants(Level level) const {
    bool wanted = false;
    if (told_.observer) guarded([&] { wanted = told_.observer->note_level() <= level; });
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
  const Audience told_;
  Figures& figures_;
};

}  // namespace ccrelay::worker
