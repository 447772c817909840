#include "observe/log_text.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

#include "observe/escape.hpp"
#include "observe/figures.hpp"

namespace ccrelay::observe {
namespace {

constexpr std::string_view dim = "\x1b[2m";
constexpr std::string_view plain = "\x1b[0m";

std::string_view colour_of(Level level) {
  switch (level) {
    case Level::debug:
      return "\x1b[36m";
    case Level::info:
      return "\x1b[32m";
    case Level::warn:
      return "\x1b[33m";
    case Level::error:
      return "\x1b[31m";
  }
  return plain;
}

// `<time> <level> `, the level padded to five.
void append_start(std::string& out, WallTime time, Level level, bool colour) {
  if (colour) out += dim;
  append_time(out, time);
  if (colour) out += plain;
  out += ' ';
  if (colour) out += colour_of(level);
  fmt::format_to(std::back_inserter(out), "{:<5}", to_string(level));
  if (colour) out += plain;
  out += ' ';
}

void append_pair(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out += ' ';
  out += name;
  out += '=';
  append_word(out, value);
}

// `850`, `1.2k`, `3.4M`
void append_short(std::string& out, std::uint64_t value) {
  auto to = std::back_inserter(out);
  if (value < 1000) {
    fmt::format_to(to, "{}", value);
  } else if (value < 999'950) {
    fmt::format_to(to, "{:.1f}k", static_cast<double>(value) / 1e3);
  } else {
    fmt::format_to(to, "{:.1f}M", static_cast<double>(value) / 1e6);
  }
}

void append_count(std::string& out, std::string_view name, std::uint64_t value) {
  if (value != 0) fmt::format_to(std::back_inserter(out), " {}={}", name, value);
}

// `850ms` or `12.3s`.
void append_span(std::string& out, Duration duration) {
  const double ms = std::chrono::duration<double, std::milli>(duration).count();
  if (ms < 1000) {
    fmt::format_to(std::back_inserter(out), "{:.{}f}ms", ms, ms < 10 ? 1 : 0);
  } else {
    fmt::format_to(std::back_inserter(out), "{:.1f}s", ms / 1000);
  }
}

// `usage="1.2k in · 350 out · 40.0k read · $0.0369"`
void append_used(std::string& out, const UsageTotal& usage) {
  std::string words;
  const auto begin_part = [&] {
    if (!words.empty()) words += " · ";
  };
  const auto count = [&](std::optional<std::uint64_t> tokens, std::string_view what) {
    if (!tokens || *tokens == 0) return;
    begin_part();
    append_short(words, *tokens);
    words += what;
  };
  std::optional<std::uint64_t> wrote = usage.tokens[TokenClass::cache_write_5m];
  if (const auto& hour = usage.tokens[TokenClass::cache_write_1h])
    wrote = wrote.value_or(0) + *hour;
  count(usage.tokens[TokenClass::input], " in");
  count(usage.tokens[TokenClass::output], usage.partial > 0 ? " or more out" : " out");
  count(wrote, " written");
  count(usage.tokens[TokenClass::cache_read], " read");
  if (usage.cost_nano_usd) {
    begin_part();
    fmt::format_to(std::back_inserter(words), "${:.4f}{}",
                   static_cast<double>(*usage.cost_nano_usd) / 1e9,
                   usage.unknown_cost > 0 ? " + ?" : "");
  }
  append_pair(out, "usage", words);
}

// What is not worth a word is left out: a request that did not wait, a connection that was there.
void append_times(std::string& out, const RequestSummary& request) {
  if (request.queue >= std::chrono::milliseconds(1)) {
    out += " queue=";
    append_span(out, request.queue);
  }
  if (!request.attempts.empty() && request.attempts.back().connect.count() != 0) {
    out += " connect=";
    append_span(out, request.attempts.back().connect);
  }
  if (request.first_byte.count() != 0) {
    out += " first_byte=";
    append_span(out, request.first_byte);
  }
}

// `zai:rate_limited(429 "too many requests")`
void append_attempt(std::string& out, const AttemptSummary& attempt) {
  append_word(out, attempt.provider);
  out += ':';
  out += to_string(attempt.outcome);
  if (attempt.status == 0 && attempt.detail.empty()) return;
  out += '(';
  if (attempt.status != 0) fmt::format_to(std::back_inserter(out), "{}", attempt.status);
  if (!attempt.detail.empty()) {
    if (attempt.status != 0) out += ' ';
    append_json_string(out, attempt.detail);
  }
  out += ')';
}

void append_attempts(std::string& out, const RequestSummary& request) {
  if (request.attempts.empty()) return;
  const AttemptSummary& last = *answering(request);
  append_pair(out, "provider", last.provider);
  if (last.model != request.model_asked) append_pair(out, "sent_model", last.model);
  append_pair(out, "key", last.key);
  append_pair(out, "key_name", last.key_name);
  if (request.attempts.size() == 1 && last.outcome == Outcome::success) return;
  out += " attempts=";
  for (const AttemptSummary& attempt : request.attempts) {
    if (&attempt != &request.attempts.front()) out += ',';
    append_attempt(out, attempt);
  }
}

}  // namespace

void append_text(std::string& out, const RequestSummary& request, bool colour) {
  append_start(out, request.time, level_of(request), colour);
  fmt::format_to(std::back_inserter(out), "{} ", request.status);
  append_word(out, request.method);
  out += ' ';
  append_word(out, request.path);
  out += ' ';
  append_span(out, request.total);
  if (request.began != WallTime{}) {
    out += " began=";
    append_time(out, request.began);
  }
  append_pair(out, "model", request.model_asked);
  append_attempts(out, request);
  if (request.ending != Ending::complete) append_pair(out, "ending", to_string(request.ending));
  append_pair(out, "error", request.error);
  append_times(out, request);
  append_count(out, "in", request.bytes_in);
  append_count(out, "out", request.bytes_out);
  append_count(out, "pings", request.pings);
  append_used(out, usage_of(request));
  append_pair(out, "client", request.client);
  append_pair(out, "client_name", request.client_name);
  append_pair(out, "forwarded_for", request.forwarded_for);
  append_pair(out, "user", request.user);
  append_pair(out, "id", request.request_id);
  out += '\n';
}

void append_text(std::string& out, const Note& note, bool colour) {
  append_start(out, note.time, note.level, colour);
  append_word(out, note.event);
  out += ": ";
  // The message is a sentence: escaped like a string, but without the quotes around it.
  std::string message;
  append_json_string(message, note.message);
  out.append(message, 1, message.size() - 2);
  for (const Note::Field& field : note.fields) append_pair(out, field.name, field.value);
  append_pair(out, "id", note.request_id);
  out += '\n';
}

}  // namespace ccrelay::observe
