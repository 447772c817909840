#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/clock.hpp>
#include <ccrelay/observer.hpp>
#include <ccrelay/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ccrelay {

struct LedgerConfig;

/// Where a ledger is and how it is kept. Plain data.
struct LedgerOptions {
  std::string path;  ///< of the file; folders that are missing are made for the owner alone
  /// What ends is in the file after so long; 50 ms to 1 s.
  std::chrono::milliseconds flush{500};
  int retention_days = 400;              ///< older requests go; 0 = never
  std::uint64_t max_bytes = 1ull << 30;  ///< beyond it the oldest go; 0 = never
  std::size_t queue_max = 100'000;       ///< requests that wait for a file in trouble
  std::string timezone = "local";        ///< whose days and months budgets have; see TimeZone
  bool required = false;                 ///< start only with a file that can be written
  const Clock* clock = nullptr;          ///< null: the system's; outlives the ledger
  /// Told of trouble, on the ledger's own thread (of what make_ledger() finds, on the caller's).
  /// Outlives the ledger; null: nobody.
  Observer* notes = nullptr;
};

/// As `[ledger]` has it, with a path as ledger_path() in config_load.hpp says. Clock and notes are
/// for whoever makes the ledger.
[[gnu::visibility("default")]] LedgerOptions ledger_options(const LedgerConfig& config,
                                                            std::string path);

/// What a budget holds for: a calendar day or month of the ledger's time zone.
enum class BudgetPeriod : std::uint8_t { day, month };

/// Upper bounds in seconds of how long commits took, for a histogram.
inline constexpr std::array<double, 11> ledger_commit_bounds = {
    0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10};

/// How a ledger is, for `status`, doctor and metrics. A value type.
struct LedgerStatus {
  std::string path;
  bool up = false;        ///< the last attempt to write, or to open, went well
  std::string trouble;    ///< what keeps it from writing and what to do; empty when nothing does
  WallTime since{};       ///< of the trouble, or of the first opening
  std::size_t queue = 0;  ///< requests that are not in the file yet
  std::uint64_t size_bytes = 0;  ///< of the file with its write-ahead log
  std::optional<WallTime> last_commit;
  std::uint64_t written = 0;  ///< requests, since the start
  std::uint64_t dropped = 0;  ///< requests for which there was no room
  /// Commits by duration: `commits[i]` took at most `ledger_commit_bounds[i]`, the last one longer.
  std::array<std::uint64_t, ledger_commit_bounds.size() + 1> commits{};
  Duration commit_time{};  ///< of all of them
};

/// `usage.db: written 2 s ago, 12.3 MB` or what is wrong, in one line for a person.
[[gnu::visibility("default")]] std::string in_words(const LedgerStatus& status, WallTime now);

/// Writes what requests used and cost into a file of SQLite's, on a thread of its own. As an
/// observer it copies what it needs into a queue and never waits for the file; it may be called
/// from several threads. What ended more than a second ago survives the end of the process, and
/// loss of power as far as the disk keeps its word. Requests that hold no credential the relay
/// knows, and looks at its health, are not written. Destroying it writes what waits.
class [[gnu::visibility("default")]] Ledger : public Observer {
 public:
  /// Waits until the thread has seen to everything that was handed over and is due. Whether
  /// nothing waits any more; false while a trouble's next attempt is yet to come.
  virtual bool flush() = 0;
  /// What the operator's money paid for this client in the current period, in nano-USD: read back
  /// at the start, and within a second what another relay wrote into the same file; ended requests
  /// count at once, whether they are in the file or not. Charges whose cost is unknown add nothing.
  virtual std::int64_t spent(std::string_view client, BudgetPeriod period) const = 0;
  /// When the current period ends, for `retry-after`.
  virtual WallTime period_end(BudgetPeriod period) const = 0;
  /// False while a ledger that is required can't be written: requests are to be refused then.
  virtual bool may_serve() const = 0;
  /// Goes on with other settings, such as those of a configuration that was read again; clock and
  /// notes stay. When it returns they are in force, or an error says what is wrong with them and
  /// nothing has changed. Another path: what waits is written into the old file, that is closed,
  /// and the new one opened or made; what the old one would not take goes into the new one. From
  /// then on budgets have what the new file says. Trouble with it is noted as any trouble is, also
  /// when it is required. Thread-safe; blocks for as long as writing takes.
  virtual Result<void> reconfigure(LedgerOptions options) = 0;
  virtual LedgerStatus status() const = 0;
};

/// Opens or makes the file, and reads back what was spent. A file in trouble is an error only when
/// it is required; otherwise requests wait in the queue, and the observer of notes is told. An
/// error, too: an unknown time zone, a library that was built without SQLite.
[[gnu::visibility("default")]] Result<std::unique_ptr<Ledger>> make_ledger(LedgerOptions options);

/// What a look at a ledger's file comes to.
struct LedgerFile {
  enum class State : std::uint8_t {
    missing,
    good,
    unread,   ///< larger than was to be read, but of this version
    newer,    ///< of a later cc-relay
    foreign,  ///< another program's database
    damaged,
    trouble,  ///< it can't be looked at: no access, locked, no SQLite
  };
  State state = State::missing;
  std::string words;  ///< what is wrong and what to do; empty where nothing is
  std::uint64_t size_bytes = 0;
  /// On another machine, where processes share no memory and locks are a matter of luck; of a file
  /// that is missing, where it would be made.
  bool on_network = false;
};
/// Looks at a file, which a relay may be writing, and changes nothing in it: whose it is, of which
/// version, and up to `bytes_max` whether SQLite finds it whole (`PRAGMA quick_check`). Blocks for
/// as long as reading it takes.
[[gnu::visibility("default")]] LedgerFile look_at_ledger(const std::string& path,
                                                         std::uint64_t bytes_max = 64ull << 20);

/// Whether this library was built with SQLite.
[[gnu::visibility("default")]] bool has_ledger();

}  // namespace ccrelay
