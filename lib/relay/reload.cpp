#include "relay/reload.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

namespace ccrelay::relay {
namespace {

// Editors write, sync and rename, programs write several files: until that is over.
constexpr milliseconds quiet_time{100};
constexpr milliseconds quiet_time_max{1'000};
// A volume that is swapped is gone for a moment.
constexpr milliseconds missing_time{2'000};
// A program that writes in place has written by then.
constexpr milliseconds second_reading{200};
// Of a line in the log, and of an answer.
constexpr std::size_t changes_told_max = 50;

std::vector<std::string> words_of(const std::vector<ConfigChange>& changes) {
  std::vector<std::string> words;
  for (const ConfigChange& change : changes) {
    if (words.size() == changes_told_max) {
      words.push_back(fmt::format("{} more", changes.size() - changes_told_max));
      break;
    }
    words.push_back(change.words.empty() ? change.key
                                         : fmt::format("{}: {}", change.key, change.words));
  }
  return words;
}

std::string joined(const std::vector<std::string>& texts, std::string_view separator) {
  return fmt::format("{}", fmt::join(texts, separator));
}

std::string what_was_read(const std::string& source) {
  return source.empty() ? "the built-in configuration was read again" : source + " was read again";
}

}  // namespace

Reload::Reload(loop::Loop& loop, worker::Reporter& report, worker::Shared& shared,
               ReloadCalls calls)
    : loop_(loop),
      report_(report),
      shared_(shared),
      calls_(std::move(calls)),
      started_with_(shared.snapshot()->config),
      files_(loop, [this] { on_change(); }),
      quiet_(loop.timers(), [this] { run(Cause::change); }),
      missing_(loop.timers(), [this] { run(Cause::missing); }),
      again_(loop.timers(), [this] { run(Cause::again); }) {}

Reload::~Reload() {
  if (thread_.joinable()) thread_.join();
}

void Reload::start(FilesRead files) {
  shared_.reloads.started(loop_.clock().wall());
  last_ = std::move(files);
  if (!calls_.read) last_.config.clear();
  watch(false);
  // What has changed since it was read. Nobody is served yet.
  const bool changed =
      as_they_are_now(last_.config) != last_.config || as_they_are_now(last_.tls) != last_.tls;
  if (changed && watches()) run(Cause::own);
}

void Reload::stop() {
  stopped_ = true;
  quiet_.cancel();
  missing_.cancel();
  watch();
  if (thread_.joinable()) return;  // finish() does the rest
  again_.cancel();
  answer({false, {}, {}, {}, "the relay is stopping"});
}

void Reload::ask(worker::Reloads::Done done) {
  if (stopped_) {
    done({false, {}, {}, {}, "the relay is stopping"});
    return;
  }
  asking_.push_back(std::move(done));
  run(Cause::asked);
}

void Reload::took(FilesRead files) {
  if (stopped_) return;
  // One that a program has made says nothing of files: those of before stay.
  if (!files.config.empty()) last_.config = std::move(files.config);
  last_.tls = std::move(files.tls);
  missing_.cancel();
  shared_.reloads.taken(loop_.clock().wall());
  watch();
}

bool Reload::watches() const {
  return !stopped_ && shared_.snapshot()->config.server.watch_config;
}

void Reload::watch(bool look) {
  // Who can't read a configuration need not know that it is another.
  if (!calls_.read) last_.config.clear();
  std::vector<std::string> paths;
  if (watches()) {
    for (const auto* files : {&last_.config, &last_.tls}) {
      for (const SourceFile& file : *files) paths.push_back(file.path);
    }
  }
  if (!watches()) quiet_.cancel();
  const bool more = !files_.watches(paths);
  std::string unwatched;
  if (const Result<void> watched = files_.watch(paths); !watched) {
    unwatched = watched.error().message;
  }
  if (!unwatched.empty() && unwatched != unwatched_) {
    report_.note(Level::warn, "config_unwatched",
                 unwatched + "; after a change there, use: cc-relay reload (or SIGHUP)");
  }
  unwatched_ = std::move(unwatched);
  // What has changed between its reading and now.
  if (more && look) run(Cause::own);
}

void Reload::on_change() {
  if (!watches()) return;
  const TimePoint now = loop_.now();
  if (!quiet_.armed()) first_event_ = now;
  quiet_.arm(std::min(now + quiet_time, first_event_ + quiet_time_max));
}

void Reload::run(Cause cause) {
  if (stopped_) return;
  if (thread_.joinable() || again_.armed()) {
    next_ = std::max(next_.value_or(cause), cause);
    return;
  }
  const bool second = cause == Cause::again;
  if (!second) cause_ = cause;
  const JobOrder order{last_, second || cause == Cause::asked, second, cause == Cause::missing};
  if (cause == Cause::asked) answering_ = std::exchange(asking_, {});
  begun_ = loop_.now();
  const WallTime wall = loop_.clock().wall();
  try {
    thread_ = std::thread([this, order, wall] {
      sigset_t all;  // no thread of ours takes a signal that is meant for the program
      sigfillset(&all);
      pthread_sigmask(SIG_BLOCK, &all, nullptr);
      loop_.post([this, result = run_job(order, calls_, shared_, started_with_, wall)]() mutable {
        finish(std::move(result));
      });
    });
  } catch (const std::system_error& error) {
    JobResult result;
    result.kind = JobResult::Kind::rejected;
    result.files = last_;
    result.mistakes = fmt::format("cannot start a thread to read it: {}", error.code().message());
    finish(std::move(result));
  }
}

void Reload::finish(JobResult result) {
  if (thread_.joinable()) thread_.join();
  if (stopped_) {
    if (result.kind != JobResult::Kind::taken) {
      answer({false, {}, {}, {}, "the relay is stopping"});
      return;
    }
    settle(result);
    return;
  }
  if (result.kind == JobResult::Kind::again) {
    again_.arm(loop_.now() + second_reading);
    return;
  }
  settle(result);
  if (next_) run(*std::exchange(next_, {}));
}

void Reload::settle(const JobResult& result) {
  using Kind = JobResult::Kind;
  if (result.kind != Kind::missing) missing_.cancel();
  switch (result.kind) {
    case Kind::again:
      break;
    case Kind::unchanged:
      if (cause_ != Cause::own) {
        shared_.reloads.unchanged();
        report_.note(Level::debug, "reload_unchanged",
                     "a file of the configuration was written, and says what it said before");
      }
      answer({true, {}, {}, {}, {}});
      break;
    case Kind::missing:
      if (!missing_.armed()) missing_.arm(loop_.now() + missing_time);
      break;
    case Kind::certificate:
      for (const std::string& warning : result.warnings) {
        report_.note(Level::warn, "certificate_warning", warning);
      }
      report_.note(Level::info, "certificate_read",
                   "new connections get the certificate that is now in " + result.source);
      took(result.files);
      answer({true, shared_.snapshot()->config.source, {}, {}, {}});
      break;
    case Kind::rejected:
      tell_rejected(result);
      break;
    case Kind::taken:
      tell_taken(result);
      break;
  }
}

void Reload::tell_taken(const JobResult& result) {
  worker::ReloadOutcome outcome{true, result.source, words_of(result.changes), {}, {}};
  outcome.changes = result.changes;
  outcome.warnings = result.warnings;
  for (const ConfigChange& change : result.restart) outcome.needs_restart.push_back(change.key);
  std::string message = what_was_read(result.source);
  message += outcome.changed.empty() ? ", and nothing in it has changed"
                                     : ": " + joined(outcome.changed, "; ");
  const auto took = std::chrono::duration_cast<milliseconds>(loop_.now() - begun_);
  std::vector<Note::Field> fields{{"took_ms", std::to_string(took.count())}};
  const bool whole = outcome.needs_restart.empty();
  if (!whole) {
    const std::string keys = joined(outcome.needs_restart, ", ");
    message += fmt::format("; what changed in {} is in force after a restart", keys);
    fields.push_back({"needs_restart", keys});
  }
  report_.note(whole ? Level::info : Level::warn, "reloaded", std::move(message), {},
               std::move(fields));
  for (const std::string& warning : result.warnings) {
    report_.note(Level::warn, "config_warning", warning);
  }
  answer(outcome);
}

void Reload::tell_rejected(const JobResult& result) {
  last_ = result.files;
  shared_.reloads.rejected(loop_.clock().wall(), result.mistakes);
  if (result.only_certificate) {
    report_.note(Level::error, "certificate_refused",
                 result.mistakes + "; the certificate read before stays in use");
  } else {
    report_.note(result.is_missing ? Level::warn : Level::error, "reload_failed",
                 "the old configuration stays in use: " + result.mistakes);
  }
  watch();
  answer({false, {}, {}, {}, result.mistakes});
}

void Reload::answer(const worker::ReloadOutcome& outcome) {
  for (const worker::Reloads::Done& done : std::exchange(answering_, {})) done(outcome);
  if (!stopped_) return;
  for (const worker::Reloads::Done& done : std::exchange(asking_, {})) done(outcome);
}

}  // namespace ccrelay::relay
