#pragma once

#include <ccrelay/ledger.hpp>
#include <ccrelay/testing/manual_clock.hpp>

#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ledger/sqlite.hpp"

namespace ccrelay::ledger {

namespace fs = std::filesystem;

/// What tests of the ledger stand on: a folder of their own, notes kept, a request that cost
/// something.

class Scratch {
 public:
  explicit Scratch(const fs::path& parent = fs::temp_directory_path()) {
    std::string name = (parent / "cc-relay-ledger-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) folder_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::string& folder() const { return folder_; }
  std::string path(const std::string& name = "usage.db") const { return folder_ + "/" + name; }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& each : fs::directory_iterator(folder_)) {
      out.push_back(each.path().filename().string());
    }
    std::sort(out.begin(), out.end());
    return out;
  }

 private:
  std::string folder_;
};

class Notes final : public Observer {
 public:
  void noted(const Note& note) override {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::string(to_string(note.level)) + ": " + note.message);
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  std::size_t count(const std::string& part) const {
    const std::lock_guard lock(mutex_);
    std::size_t found = 0;
    for (const std::string& line : lines_) found += line.find(part) != std::string::npos ? 1 : 0;
    return found;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// Of `client`, that ended at `clock`'s time and cost so much.
inline RequestSummary request_of(const Clock& clock, const std::string& id,
                                 std::optional<std::int64_t> nano_usd = 1'000'000,
                                 const std::string& client = "ana") {
  using namespace std::chrono_literals;
  RequestSummary request;
  request.time = clock.wall();
  request.began = clock.wall() - 2s;
  request.request_id = id;
  request.client_name = client;
  request.endpoint = "messages";
  request.model_asked = "claude-x";
  request.session = "s-1";
  request.status = 200;
  request.stream = true;
  request.total = 2s;
  AttemptSummary attempt;
  attempt.provider = "anthropic";
  attempt.key = "0a1b2c3d";
  attempt.model = "claude-x";
  attempt.status = 200;
  attempt.total = 2s;
  Charge charge;
  charge.model = "claude-x";
  charge.tokens[TokenClass::input] = 10;
  charge.tokens[TokenClass::output] = 5;
  charge.price = "anthropic/claude-x";
  charge.cost_nano_usd = nano_usd;
  attempt.usage.charges = {charge};
  request.attempts = {attempt};
  return request;
}

/// A ledger on a manual clock.
class Bench {
 public:
  explicit Bench(LedgerOptions options = {}) { options_ = std::move(options); }

  std::string path() const { return scratch.path(); }

  Result<void> try_open() {
    ledger.reset();
    LedgerOptions options = options_;
    if (options.path.empty()) options.path = path();
    options.timezone = "UTC";
    options.clock = &clock;
    options.notes = &notes;
    auto made = make_ledger(std::move(options));
    if (!made) return made.error();
    ledger = *std::move(made);
    return {};
  }
  void tell(const std::string& id, std::optional<std::int64_t> nano_usd = 1'000'000,
            const std::string& client = "ana") {
    ledger->request_finished(request_of(clock, id, nano_usd, client));
    ledger->turn_ended();
  }
  /// What the file says now, by a connection of its own.
  std::int64_t number(const std::string& sql) const { return number_in(path(), sql); }
  std::string text(const std::string& sql) const {
    Database database(path(), Database::Access::read);
    std::string found = database.text(sql.c_str());
    return database.failed() ? "failed: " + database.trouble().words : found;
  }
  /// An empty file, for a database of the test's own.
  static void make_empty(const std::string& file) { std::ofstream(file, std::ios::app).close(); }
  static std::int64_t number_in(const std::string& file, const std::string& sql) {
    Database database(file, Database::Access::read);
    const std::int64_t found = database.number(sql.c_str());
    return database.failed() ? -1 : found;
  }

  testing::ManualClock clock;
  Notes notes;
  Scratch scratch;
  std::unique_ptr<Ledger> ledger;  // before all that it uses

 private:
  LedgerOptions options_;
};

}  // namespace ccrelay::ledger
