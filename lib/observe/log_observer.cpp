#include <ccrelay/log_observer.hpp>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "observe/figures.hpp"
#include "observe/log_json.hpp"
#include "observe/log_sink.hpp"
#include "observe/log_target.hpp"
#include "observe/log_text.hpp"

namespace ccrelay {
namespace {

using observe::LogSink;
using observe::LogTarget;

enum class Style { json, text, coloured_text };

// https://no-color.org: set and not empty means no colour.
bool colour_wanted() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return (no_color == nullptr || *no_color == '\0') &&
         (term == nullptr || std::string_view(term) != "dumb");
}

Style style_of(LogFormat format, bool terminal) {
  if (format == LogFormat::json) return Style::json;
  if (format == LogFormat::automatic && !terminal) return Style::json;
  return terminal && colour_wanted() ? Style::coloured_text : Style::text;
}

template <class Event>
void append_line(std::string& line, const Event& event, Style style) {
  if (style == Style::json) {
    observe::append_json(line, event);
  } else {
    observe::append_text(line, event, style == Style::coloured_text);
  }
}

/// What each thread writes its lines in, one after the other: a line for a request is larger than
/// the pieces that malloc has at hand.
class Slate {
 public:
  Slate() { line_.reserve(kept_max / 4); }
  Slate(const Slate&) = delete;
  Slate& operator=(const Slate&) = delete;

  /// Until the next is written.
  template <class Event>
  std::string_view write(const Event& event, Style style) {
    // Somebody's whole body may have been in it (logging.log_request_body).
    if (line_.capacity() > kept_max) std::string().swap(line_);
    line_.clear();
    append_line(line_, event, style);
    return line_;
  }
  static Slate& of_this_thread() {
    thread_local Slate slate;
    return slate;
  }

 private:
  static constexpr std::size_t kept_max = 8 << 10;
  std::string line_;
};

LogSink::Remark remark_in(Style style) {
  return [style](std::string_view message) {
    Note note;
    note.time = Clock::system().wall();
    note.level = Level::warn;
    note.event = "log";
    note.message = message;
    std::string line;
    append_line(line, note, style);  // while a slate is being read
    return line;
  };
}

class LineLog final : public LogObserver {
 public:
  LineLog(std::unique_ptr<LogTarget> target, Style style, Level level)
      : style_(style), level_(level), sink_(std::move(target), remark_in(style)) {}

  void request_finished(const RequestSummary& request) override {
    if (observe::level_of(request) >= note_level()) collect(request);
  }
  void noted(const Note& note) override {
    if (note.level >= note_level()) collect(note);
  }
  Level note_level() const override {
    const int wanted = wanted_;
    return wanted < 0 ? level_.load() : static_cast<Level>(wanted);
  }
  void use_level(std::optional<Level> level) override {
    wanted_ = level ? static_cast<int>(*level) : -1;
  }
  void turn_ended() override { sink_.flush(); }
  void reopen() override { sink_.reopen(); }
  void set_level(Level level) override { level_ = level; }

 private:
  template <class Event>
  void collect(const Event& event) {
    sink_.collect(Slate::of_this_thread().write(event, style_));
  }

  const Style style_;
  std::atomic<Level> level_;
  std::atomic<int> wanted_{-1};  // by an operator; below 0 by none
  LogSink sink_;
};

}  // namespace

Result<std::unique_ptr<LogObserver>> make_log_observer(const LoggingConfig& config) {
  Result<std::unique_ptr<LogTarget>> target = LogTarget::open(config.output);
  if (!target) return std::move(target).error();
  const Style style = style_of(config.format, (*target)->is_terminal());
  return std::unique_ptr<LogObserver>(
      std::make_unique<LineLog>(*std::move(target), style, config.level));
}

}  // namespace ccrelay
