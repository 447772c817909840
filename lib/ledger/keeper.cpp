#include "ledger/keeper.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "base/rng.hpp"
#include "ledger/retention.hpp"
#include "ledger/schema.hpp"

namespace ccrelay::ledger {
namespace {

using namespace std::chrono_literals;

// A batch holds the lock on the file while it is written; another relay may wait for it.
constexpr std::size_t batch_max = 2000;
constexpr auto look_interval = 1s;
constexpr auto retention_interval = 1h;
constexpr auto dropped_interval = 60s;
constexpr auto set_aside_interval = 10s;

std::int64_t seconds_of(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::string random_id() {
  return base::Rng(base::Rng::system_seed()).hex_id();
}

}  // namespace

/// An open file.
struct Keeper::File {
  File(const std::string& path, const std::string& relay, bool network)
      : identity(identity_of(path)), database(path, Database::Access::write) {
    prepare(database, path, network, random_id());
    id = database.text("SELECT value FROM meta WHERE key = 'ledger_id'");
    writer.emplace(database, relay);
    log_identity = identity_of(path + "-wal");
  }

  std::optional<FileIdentity> identity, log_identity;
  Database database;
  std::optional<BatchWriter> writer;
  std::string id;
  std::int64_t data_version = -1;
  std::string day;  // for which others' spending was read
};

Keeper::Keeper(const LedgerOptions& options, const Clock& clock, Queue& queue, SpendBook& spend,
               OnNetwork on_network)
    : options_(options),
      clock_(clock),
      queue_(queue),
      spend_(spend),
      on_network_(std::move(on_network)),
      relay_(random_id()) {
  shown_.path = options_.path;
  shown_.since = clock_.wall();
}

Keeper::~Keeper() = default;

void Keeper::turn(Urgency urgency) {
  const TimePoint now = clock_.now();
  const bool look = now >= next_look_ || urgency != Urgency::due || more_to_drop_;
  if (file_) look_whether_moved();
  if (may_try(urgency) && (file_ || open())) {
    if (write(urgency) && look) look_after();
  }
  if (look) next_look_ = now + look_interval;
  const std::uint64_t dropped = queue_.dropped();
  if (dropped != dropped_told_ &&
      (dropped_told_ == 0 || now - dropped_told_at_ >= dropped_interval)) {
    say(Level::error, "the ledger's queue is full: " + std::to_string(dropped) +
                          " requests have been dropped so far, the oldest first");
    dropped_told_ = dropped;
    dropped_told_at_ = now;
  }
}

void Keeper::use(LedgerOptions options) {
  options.clock = options_.clock;
  options.notes = options_.notes;
  options_ = std::move(options);
  next_retention_ = {};
}

void Keeper::move(LedgerOptions options) {
  const std::string before = options_.path;
  use(std::move(options));
  close();
  relay_ = random_id();
  ledger_id_.clear();
  log_ = TroubleLog();
  set_aside_at_.reset();
  network_told_ = false;
  if (options_.path == before) return;
  say(Level::info, "the ledger is now " + options_.path + "; " + before + " is closed");
  const std::lock_guard lock(mutex_);
  shown_.path = options_.path;
}

bool Keeper::may_try(Urgency urgency) const {
  return !log_.in_trouble() || urgency == Urgency::now || clock_.now() >= log_.retry();
}

TimePoint Keeper::due() const {
  TimePoint due = next_look_;
  if (const auto since = queue_.since()) due = std::min(due, *since + options_.flush);
  return log_.in_trouble() ? std::min(next_look_, log_.retry()) : due;
}

bool Keeper::open() {
  if (auto trouble = make_file(options_.path)) {
    fail(*std::move(trouble));
    return false;
  }
  const bool network = on_network_(options_.path);
  if (network && !std::exchange(network_told_, true)) {
    say(Level::warn, options_.path +
                         " is on a network file system: it is written without a "
                         "write-ahead log, and may be lost when its server is; a local "
                         "disk is better (ledger.path)");
  }
  file_ = std::make_unique<File>(options_.path, relay_, network);
  if (file_->database.failed()) {
    fail(file_->database.trouble());
    return false;
  }
  if (!ledger_id_.empty() && ledger_id_ != file_->id) spend_.keep_others();
  ledger_id_ = file_->id;
  read_back();
  if (file_->database.failed()) {
    fail(file_->database.trouble());
    return false;
  }
  // With something to write, whether all is well is seen when it is written.
  return queue_.size() > 0 || went_well(0);
}

void Keeper::close() {
  file_.reset();
}

// By device and inode: SQLite goes on with a file that nobody will ever find again.
void Keeper::look_whether_moved() {
  const std::optional<FileIdentity> there = identity_of(options_.path);
  if (there && there == file_->identity) {
    if (auto log = identity_of(options_.path + "-wal")) file_->log_identity = log;
    return;
  }
  const std::optional<FileIdentity> log = file_->log_identity;
  close();
  // Its log is no other file's, and would be taken for that.
  if (log && identity_of(options_.path + "-wal") == log) {
    set_aside_log(options_.path, "replaced", seconds_of(clock_.wall()));
  }
  say(Level::warn, options_.path + (there ? " was replaced" : " was deleted") +
                       " while the ledger was open; it is opened anew");
}

// Whether the file is well.
bool Keeper::write(Urgency urgency) {
  const auto since = queue_.since();
  const bool due = since && (urgency != Urgency::due || clock_.now() >= *since + options_.flush ||
                             log_.in_trouble());
  if (!due) return true;
  const std::size_t waited = queue_.size();
  while (queue_.size() > 0) {
    Queue::Pages pages = queue_.take(batch_max);
    const std::vector<Entry> entries = entries_of(pages);
    const auto began = std::chrono::steady_clock::now();
    file_->writer->write(entries);
    if (file_->database.failed()) {
      queue_.put_back(std::move(pages));
      fail(file_->database.trouble());
      // A file that was set aside has been replaced by an empty one.
      if (!file_ || log_.in_trouble()) return false;
      continue;
    }
    queue_.done(std::move(pages));
    count_commit(std::chrono::steady_clock::now() - began, entries.size());
    went_well(waited);
  }
  return true;
}

// What others have written since; a new day is asked for anew.
void Keeper::read_back() {
  const Periods periods = spend_.periods(clock_.wall());
  Database& database = file_->database;
  const std::int64_t version = database.number("PRAGMA data_version");
  if (version == file_->data_version && periods.day == file_->day) return;
  Statement statement(database,
                      "SELECT client, period, sum(nano_usd) FROM spend "
                      "WHERE relay <> ? AND period IN (?, ?) GROUP BY client, period");
  statement.put(relay_).put(periods.day).put(periods.month);
  std::vector<SpendBook::Line> lines;
  while (statement.next()) {
    lines.push_back(
        {std::string(statement.text(0)), std::string(statement.text(1)), statement.number(2)});
  }
  if (database.failed()) return;
  spend_.set_others(lines);
  file_->data_version = version;
  file_->day = periods.day;
}

// What is seen to each second, or each hour.
void Keeper::look_after() {
  Database& database = file_->database;
  read_back();
  const Kept kept{options_.retention_days, options_.max_bytes};
  const bool old = clock_.now() >= next_retention_;
  if (old || is_too_large(database, kept)) {
    // In pieces: what waits is written in between.
    do {
      more_to_drop_ = drop_piece(database, kept, clock_.wall());
    } while (more_to_drop_ && queue_.size() == 0);
    if (old && !more_to_drop_) {
      drop_old_spend(database, clock_.wall());
      next_retention_ = clock_.now() + retention_interval;
    }
  }
  if (database.failed()) return fail(database.trouble());
  went_well(0);
}

bool Keeper::went_well(std::size_t waited) {
  const bool was_up = is_up();
  if (auto line = log_.well(waited, clock_.now())) say(line->level, std::move(line->words));
  const std::lock_guard lock(mutex_);
  shown_.up = true;
  shown_.trouble.clear();
  if (!was_up) shown_.since = clock_.wall();
  return true;
}

void Keeper::fail(Trouble trouble) {
  // A new file that is damaged at once tells of the disk, not of the file.
  const TimePoint now = clock_.now();
  if (trouble.fault == Fault::damaged && file_ &&
      (!set_aside_at_ || now - *set_aside_at_ >= set_aside_interval)) {
    set_aside_at_ = now;
    return set_damaged_aside();
  }
  if (ledger_id_.empty()) trouble.words += "; until it can be read, budgets begin at 0";
  if (auto line = log_.failed(trouble, queue_.size(), now)) {
    say(line->level, std::move(line->words));
  }
  {
    const std::lock_guard lock(mutex_);
    if (shown_.up || shown_.trouble.empty()) shown_.since = clock_.wall();
    shown_.up = false;
    shown_.trouble = trouble.words;
  }
  if (!file_) return;
  // Of a lock and a full disk the connection knows no more after the next attempt than now; all
  // else, a new one may see otherwise.
  if (trouble.fault == Fault::locked || trouble.fault == Fault::full) {
    file_->database.forget();
    if (file_->writer && !file_->id.empty()) return;
  }
  close();
}

void Keeper::set_damaged_aside() {
  const Trouble trouble = file_->database.trouble();
  const bool ours = identity_of(options_.path) == file_->identity;
  close();
  // Unless another relay has done it already.
  if (ours) {
    const std::string name = set_aside(options_.path, "damaged", seconds_of(clock_.wall()));
    if (name.empty()) {
      return fail({Fault::unwritable, trouble.words + ", and it can't be set aside"});
    }
    say(Level::error, "the ledger is damaged (" + trouble.words + "): it is now " + name +
                          ", and a new one has begun");
  }
  open();
}

void Keeper::say(Level level, std::string words) {
  Observer* notes = options_.notes;
  if (notes == nullptr || level < notes->note_level()) return;
  Note note;
  note.time = clock_.wall();
  note.level = level;
  note.event = "ledger";
  note.message = std::move(words);
  notes->noted(note);
  notes->turn_ended();
}

void Keeper::count_commit(Duration took, std::size_t requests) {
  const double seconds = std::chrono::duration<double>(took).count();
  const auto place = static_cast<std::size_t>(
      std::lower_bound(ledger_commit_bounds.begin(), ledger_commit_bounds.end(), seconds) -
      ledger_commit_bounds.begin());
  const std::lock_guard lock(mutex_);
  ++shown_.commits[place];
  shown_.commit_time += took;
  shown_.written += requests;
  shown_.last_commit = clock_.wall();
}

bool Keeper::is_up() const {
  const std::lock_guard lock(mutex_);
  return shown_.up;
}

LedgerStatus Keeper::status() const {
  LedgerStatus status;
  {
    const std::lock_guard lock(mutex_);
    status = shown_;
  }
  status.queue = queue_.size();
  status.dropped = queue_.dropped();
  status.size_bytes = size_of(status.path);
  return status;
}

}  // namespace ccrelay::ledger
