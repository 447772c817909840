#pragma once

#include <ccrelay/observer.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loop/loop.hpp"
#include "worker/figures.hpp"

namespace ccrelay::worker {

/// Counts what has ended and tells the observer, and when a turn in which something was told is
/// over. What an observer throws is dropped: it is called from the middle of everything,
/// destructors as well.
class Reporter final : public loop::TurnTask {
 public:
  /// Of `ledger` no notes are its business. Both may be null.
  Reporter(loop::Loop& loop, Observer* observer, Observer* ledger, Figures& figures)
      : TurnTask(loop), observer_(observer), ledger_(ledger), figures_(figures) {}

  /// It has ended now.
  void request_finished(RequestSummary& summary) {
    figures_.request_finished(summary);
    if (!observer_ && !ledger_) return;
    summary.time = loop().clock().wall();
    if (ledger_) guarded([&] { ledger_->request_finished(summary); });
    if (observer_) guarded([&] { observer_->request_finished(summary); });
    schedule();
  }
  /// The same, of what nobody is told about.
  void count(const RequestSummary& summary) { figures_.request_finished(summary); }
  bool wants(Level level) const {
    bool wanted = false;
    if (observer_) guarded([&] { wanted = observer_->note_level() <= level; });
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
    guarded([&] { observer_->noted(note); });
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
    if (ledger_) guarded([this] { ledger_->turn_ended(); });
    if (observer_) guarded([this] { observer_->turn_ended(); });
  }
  Observer* observer_;
  Observer* ledger_;
  Figures& figures_;
};

}  // namespace ccrelay::worker
