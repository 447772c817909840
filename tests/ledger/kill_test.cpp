#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "bench.hpp"
#include "catch.hpp"

namespace ccrelay::ledger {
namespace {

using namespace std::chrono_literals;

constexpr int rounds = 50;
constexpr int at_once = 5;    // so many processes write, each into a file of its own
constexpr auto pace = 800us;  // between two requests: 1250 a second
constexpr std::int64_t writes_a_second = 1'000;  // at least
constexpr std::chrono::milliseconds promised{1'000};
constexpr int told_max = 100'000;
// Who is so late has not been given the processor. What it would show of time tells of the machine.
constexpr auto late = 100ms;

// A killed process loses what it has not written, on whatever disk. On one that has much else to do
// a batch waits for its fsync, and how long would be tested, not what was kept.
std::filesystem::path quick_folder() {
  const std::filesystem::path memory = "/dev/shm";
  return ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
}

/// What a process that is killed leaves behind: memory that it shares with the test.
struct Told {
  std::atomic<int> count{0};
  std::atomic<bool> was_late{false};
  std::int64_t ended_ms[told_max];

  static Told* make() {
    void* memory =
        ::mmap(nullptr, sizeof(Told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    return new (memory) Told;
  }
};

std::int64_t milliseconds_of(WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

// Tells the ledger of requests, as relays do, until it is killed; says by the pipe when it has told
// of `mark` of them.
[[noreturn]] void write_for_ever(const std::string& path, int pipe, int mark, Told& told) {
  LedgerOptions options;
  options.path = path;
  options.timezone = "UTC";
  auto made = make_ledger(options);
  if (!made) ::_exit(1);
  auto due = std::chrono::steady_clock::now();
  for (int n = 0; n < told_max; ++n, due += pace) {
    const auto now = std::chrono::steady_clock::now();
    if (now - due > late) told.was_late = true;
    std::this_thread::sleep_until(due);
    const RequestSummary request =
        request_of(Clock::system(), "req_" + std::to_string(n), 1'000 + n);
    (*made)->request_finished(request);
    (*made)->turn_ended();
    told.ended_ms[n] = milliseconds_of(request.time);
    told.count = n + 1;
    if (n + 1 == mark && ::write(pipe, "!", 1) != 1) ::_exit(1);
  }
  ::_exit(1);
}

/// A process that writes, and what became of its file.
class Round {
 public:
  explicit Round(int mark) : told_(Told::make()) {
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    child_ = ::fork();
    if (child_ == 0) write_for_ever(scratch_.path(), pipe[1], mark, *told_);
    ::close(pipe[1]);
    pipe_ = pipe[0];
  }
  ~Round() {
    ::close(pipe_);
    ::munmap(told_, sizeof(Told));
  }
  Round(const Round&) = delete;
  Round& operator=(const Round&) = delete;

  void kill() {
    char mark = 0;
    REQUIRE(::read(pipe_, &mark, 1) == 1);
    killed_ms_ = milliseconds_of(Clock::system().wall());
    const bool was_late = told_->was_late;
    ::kill(child_, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child_, &status, 0) == child_);
    REQUIRE(WIFSIGNALED(status));
    is_judged_ = !was_late && told_in_last_second() >= writes_a_second;
  }

  /// Every batch is whole or absent.
  void check_file() const {
    const std::int64_t written = number("SELECT count(*) FROM requests");
    CHECK(number("SELECT max(id) FROM requests") == written);
    // The first so many, none left out.
    CHECK(number("SELECT count(*) FROM requests WHERE request_id = 'req_' || (id - 1)") == written);
    CHECK(number("SELECT count(*) FROM attempts") == written);
    CHECK(number("SELECT count(*) FROM charges") == written);
    CHECK(number("SELECT sum(cost_nano_usd) FROM charges") ==
          written * 1'000 + written * (written - 1) / 2);
    for (const char* period : {"d", "m"}) {
      CHECK(number(std::string("SELECT sum(nano_usd) FROM spend WHERE period LIKE '") + period +
                   ":%'") == number("SELECT sum(cost_nano_usd) FROM charges"));
    }
    Database file(scratch_.path(), Database::Access::read);
    CHECK(file.text("PRAGMA integrity_check") == "ok");
    // It goes on as if nothing had been.
    LedgerOptions options;
    options.path = scratch_.path();
    options.required = true;
    CHECK(make_ledger(options));
  }

  /// Whether it wrote at least a thousand a second up to the end, and had the processor.
  bool is_judged() const { return is_judged_; }
  void check_promise() const {
    const std::int64_t before = told_->count - told_in_last_second();
    CHECK(number("SELECT count(*) FROM requests") >= before);
  }

 private:
  std::int64_t number(const std::string& sql) const {
    return Bench::number_in(scratch_.path(), sql);
  }
  /// Of how many it has told in the second before it was killed.
  std::int64_t told_in_last_second() const {
    const std::int64_t* all = told_->ended_ms;
    return std::count_if(all, all + told_->count,
                         [&](std::int64_t ended) { return ended > killed_ms_ - promised.count(); });
  }

  const Scratch scratch_{quick_folder()};
  Told* told_;
  pid_t child_ = -1;
  int pipe_ = -1;
  std::int64_t killed_ms_ = 0;
  bool is_judged_ = false;
};

}  // namespace

TEST_CASE("kill -9 amid a thousand writes a second leaves a whole file with all but the last one") {
  int judged = 0;
  // A machine that does something else for a while is asked again; one that is too slow for such a
  // pace, as with a sanitizer, is not asked for ever.
  for (int tried = 0; judged < rounds && tried < (judged > 0 ? 2 : 1) * rounds; tried += at_once) {
    std::vector<std::unique_ptr<Round>> running;
    for (int i = 0; i < at_once; ++i) {
      // At another moment each, within and between batches.
      running.push_back(std::make_unique<Round>(1'500 + (tried + i) * 13 % 650));
    }
    for (const auto& round : running) round->kill();
    for (const auto& round : running) {
      round->check_file();
      if (!round->is_judged()) continue;
      round->check_promise();
      ++judged;
    }
  }
  if (judged < rounds) WARN("this machine let only " << judged << " rounds keep the pace");
}

}  // namespace ccrelay::ledger
