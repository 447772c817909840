#include <ccrelay/log_observer.hpp>

#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "catch.hpp"
#include "sample_request.hpp"

namespace ccrelay::observe {
namespace {

namespace fs = std::filesystem;

// A directory of its own for one test.
struct Directory {
  fs::path path;
  Directory() {
    std::string name = (fs::temp_directory_path() / "cc-relay-log-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Directory() { fs::remove_all(path); }
};

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

LoggingConfig logging_to(const fs::path& path, Level level = Level::info) {
  LoggingConfig config;
  config.output = path.string();
  config.level = level;
  return config;
}

std::unique_ptr<LogObserver> log_to(const LoggingConfig& config) {
  auto made = make_log_observer(config);
  REQUIRE(made.has_value());
  return *std::move(made);
}

Note note_of(Level level, std::string message) {
  Note note;
  note.time = sample_time();
  note.level = level;
  note.event = "e";
  note.message = std::move(message);
  return note;
}

std::string line_of(std::string_view level, std::string_view message) {
  return "{\"time\":\"2026-01-01T00:00:00.123Z\",\"level\":\"" + std::string(level) +
         "\",\"event\":\"e\",\"message\":\"" + std::string(message) + "\"}\n";
}

}  // namespace

TEST_CASE("a log file is made for its owner alone and appended to", "[observe]") {
  const Directory directory;
  const fs::path path = directory.path / "relay.log";
  for (const char* message : {"one", "two"}) {
    const auto log = log_to(logging_to(path));
    log->noted(note_of(Level::info, message));
    log->turn_ended();
  }
  CHECK(content(path) == line_of("info", "one") + line_of("info", "two"));
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("lines below the level are left out, and the level can be changed", "[observe]") {
  const Directory directory;
  const fs::path path = directory.path / "relay.log";
  const auto log = log_to(logging_to(path, Level::warn));
  CHECK(log->note_level() == Level::warn);
  log->noted(note_of(Level::info, "quiet"));
  log->request_finished(sample_request());
  log->noted(note_of(Level::warn, "loud"));
  log->set_level(Level::info);
  log->noted(note_of(Level::info, "now"));
  log->turn_ended();
  CHECK(content(path) == line_of("warn", "loud") + line_of("info", "now"));
}

TEST_CASE("after reopen() the lines go to a new file of the old name", "[observe]") {
  const Directory directory;
  const fs::path path = directory.path / "relay.log";
  const auto log = log_to(logging_to(path));
  log->noted(note_of(Level::info, "one"));
  log->turn_ended();
  fs::rename(path, directory.path / "relay.log.1");
  log->noted(note_of(Level::info, "two"));
  log->turn_ended();
  log->reopen();
  log->noted(note_of(Level::info, "three"));
  log->turn_ended();
  CHECK(content(directory.path / "relay.log.1") == line_of("info", "one") + line_of("info", "two"));
  CHECK(content(path) == line_of("info", "three"));
}

TEST_CASE("a log file that cannot be reopened is kept, and that is said", "[observe]") {
  const Directory directory;
  const fs::path sub = directory.path / "sub";
  fs::create_directory(sub);
  LoggingConfig config = logging_to(sub / "relay.log");
  config.format = LogFormat::text;
  const auto log = log_to(config);
  fs::rename(sub, directory.path / "moved");
  log->reopen();
  log->noted(note_of(Level::info, "one"));
  log->turn_ended();
  const std::string seen = content(directory.path / "moved" / "relay.log");
  CHECK(seen.find("warn  log: logging.output: cannot open " + (sub / "relay.log").string() +
                  ": No such file or directory; still writing to the old file\n") !=
        std::string::npos);
  CHECK(seen.find("2026-01-01T00:00:00.123Z info  e: one\n") != std::string::npos);
}

TEST_CASE("a log file that cannot be opened is an error of the configuration", "[observe]") {
  const Directory directory;
  const std::string path = (directory.path / "missing" / "relay.log").string();
  const auto made = make_log_observer(logging_to(path));
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().code == ErrorCode::config);
  CHECK(made.error().message ==
        "logging.output: cannot open " + path + ": No such file or directory");
}

}  // namespace ccrelay::observe
