#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.hpp"
#include "catch.hpp"

namespace ccrelay::ledger {
namespace {

constexpr int rounds = 20;
constexpr std::int64_t requests_a_batch = 40;

// Writes until it is killed; after each batch the pipe tells how many requests are in the file.
[[noreturn]] void write_for_ever(const std::string& path, int pipe) {
  LedgerOptions options;
  options.path = path;
  options.timezone = "UTC";
  auto made = make_ledger(options);
  if (!made) ::_exit(1);
  for (std::int64_t told = 1;; ++told) {
    (*made)->request_finished(
        request_of(Clock::system(), "req_" + std::to_string(told), 1'000 + told));
    if (told % requests_a_batch != 0) continue;
    (*made)->flush();
    if (::write(pipe, &told, sizeof told) != sizeof told) ::_exit(1);
  }
}

}  // namespace

TEST_CASE("kill -9 leaves every batch whole or absent, and spending never without its charges") {
  for (int round = 0; round < rounds; ++round) {
    const Scratch scratch;
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    const pid_t child = ::fork();
    if (child == 0) write_for_ever(scratch.path(), pipe[1]);
    ::close(pipe[1]);
    // It goes on writing while the signal is on its way.
    std::int64_t told = 0;
    for (int i = 0; i <= round; ++i) REQUIRE(::read(pipe[0], &told, sizeof told) == sizeof told);
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    ::close(pipe[0]);

    const auto number = [&](const char* sql) { return Bench::number_in(scratch.path(), sql); };
    const std::int64_t written = number("SELECT count(*) FROM requests");
    CHECK(written >= told);
    CHECK(number("SELECT max(id) FROM requests") == written);
    CHECK(number("SELECT count(*) FROM attempts") == written);
    CHECK(number("SELECT count(*) FROM charges") == written);
    CHECK(number("SELECT sum(nano_usd) FROM spend WHERE period LIKE 'm:%'") ==
          number("SELECT sum(cost_nano_usd) FROM charges"));
    Database file(scratch.path(), Database::Access::read);
    CHECK(file.text("PRAGMA integrity_check") == "ok");
  }
}

}  // namespace ccrelay::ledger
