#include "worker/log_lines.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <utility>

#include "base/utf8.hpp"

namespace ccrelay::worker {
namespace {

std::string span_of(std::int64_t us) {
  const double ms = static_cast<double>(us) / 1e3;
  return ms < 1000 ? fmt::format("{:.{}f} ms", ms, ms < 10 ? 1 : 0)
                   : fmt::format("{:.1f} s", ms / 1e3);
}

// `200 anthropic claude-sonnet-5-5 1.2 s`; of one that nobody was asked for `404 GET /favicon.ico`.
std::string words_of(const management::Request& request) {
  std::string out = fmt::format("{}", request.status);
  if (request.provider.empty()) {
    out += ' ' + request.method + ' ' + request.path;
  } else {
    out += ' ' + request.provider;
    if (!request.model.empty()) out += ' ' + request.model;
  }
  out += ' ' + span_of(request.duration_us);
  if (request.ending && *request.ending != Ending::complete) {
    out += fmt::format(", {}", to_string(*request.ending));
  }
  if (!request.error.empty()) out += ": " + request.error;
  return out;
}

}  // namespace

management::LogLevel told(Level level) {
  switch (level) {
    case Level::debug:
      return management::LogLevel::debug;
    case Level::info:
      return management::LogLevel::info;
    case Level::warn:
      return management::LogLevel::warn;
    case Level::error:
      return management::LogLevel::error;
  }
  return management::LogLevel::unspecified;
}

Level level_of(const management::Request& request) {
  if (request.status >= 500 || request.ending == Ending::broken) return Level::error;
  return request.status >= 400 ? Level::warn : Level::info;
}

management::LogLine line_of(const Note& note) {
  management::LogLine line;
  line.time = note.time;
  line.level = told(note.level);
  line.event = note.event;
  line.message = base::as_utf8(note.message);
  line.request_id = base::as_utf8(note.request_id);
  for (const Note::Field& field : note.fields) {
    line.fields[std::string(field.name)] = base::as_utf8(field.value);
  }
  return line;
}

management::LogLine line_of(const management::Request& request, Level level) {
  management::LogLine line;
  line.time = request.start_time + std::chrono::microseconds(request.duration_us);
  line.level = told(level);
  line.event = "request";
  line.message = words_of(request);
  line.id = request.id;
  line.request_id = request.request_id;
  const auto add = [&line](const char* name, std::string value) {
    if (!value.empty()) line.fields[name] = std::move(value);
  };
  const auto add_count = [&line](const char* name, std::uint64_t value) {
    if (value > 0) line.fields[name] = std::to_string(value);
  };
  add("status", std::to_string(request.status));
  add("method", request.method);
  add("path", request.path);
  add("client", request.client);
  add("client_address", request.client_address);
  add("session", request.session);
  add("model", request.model);
  add("provider", request.provider);
  add("key", request.key);
  add("error", request.error);
  if (request.ending) add("ending", std::string(to_string(*request.ending)));
  add("duration_ms", fmt::format("{:.3f}", static_cast<double>(request.duration_us) / 1e3));
  add_count("attempts", static_cast<std::uint64_t>(request.attempt_count));
  add_count("request_bytes", request.request_bytes);
  add_count("response_bytes", request.response_bytes);
  add_count("input_tokens", request.usage.input_tokens);
  add_count("output_tokens", request.usage.output_tokens);
  return line;
}

}  // namespace ccrelay::worker
