#pragma once

#include <ccrelay/ledger.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "ledger/batch.hpp"
#include "ledger/place.hpp"
#include "ledger/queue.hpp"
#include "ledger/spend.hpp"
#include "ledger/sqlite.hpp"
#include "ledger/trouble_log.hpp"

namespace ccrelay::ledger {

/// Keeps the file: opens it, writes what waits, sees whether it is still there, drops what is old,
/// and survives what goes wrong with it. Has no thread and waits for nothing but the disk: whoever
/// owns it calls turn() when it is due. One thread but for status().
class Keeper {
 public:
  /// What differs in tests: whether a file is on another machine.
  using OnNetwork = std::function<bool(const std::string& path)>;

  Keeper(const LedgerOptions& options, const Clock& clock, Queue& queue, SpendBook& spend,
         OnNetwork on_network = ledger::on_network);
  ~Keeper();

  enum class Urgency : std::uint8_t {
    due,  ///< what is due
    all,  ///< what waits too, unless it waits for the next attempt after trouble
    now,  ///< an attempt, whatever has gone before
  };
  void turn(Urgency urgency);
  /// Goes on with other settings, in the same file.
  void use(LedgerOptions options);
  /// The same in another file, or by days of another zone, as another process would: the next turn
  /// opens it, and reads back all that stands there.
  void move(LedgerOptions options);
  /// When something is due next.
  TimePoint due() const;

  bool is_up() const;
  LedgerStatus status() const;
  const std::optional<Trouble>& trouble() const { return log_.trouble(); }
  const LedgerOptions& options() const { return options_; }

 private:
  struct File;

  bool may_try(Urgency urgency) const;
  bool open();
  void close();
  void look_whether_moved();
  bool write(Urgency urgency);
  void read_back();
  void look_after();
  bool went_well(std::size_t waited);
  void fail(Trouble trouble);
  void set_damaged_aside();
  void say(Level level, std::string words);
  void count_commit(Duration took, std::size_t requests);

  LedgerOptions options_;
  const Clock& clock_;
  Queue& queue_;
  SpendBook& spend_;
  const OnNetwork on_network_;
  std::string relay_;  // a random id: of this process, and of each file it writes
  std::unique_ptr<File> file_;
  std::string ledger_id_;  // of the last file that was open
  TroubleLog log_;
  std::uint64_t dropped_told_ = 0;
  TimePoint dropped_told_at_{};
  TimePoint next_look_{}, next_retention_{};
  std::optional<TimePoint> set_aside_at_;
  bool more_to_drop_ = false;
  bool network_told_ = false;

  mutable std::mutex mutex_;  // of what status() shows
  LedgerStatus shown_;
};

}  // namespace ccrelay::ledger
