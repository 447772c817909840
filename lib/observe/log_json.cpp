#include "observe/log_json.hpp"

#include <charconv>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "observe/escape.hpp"
#include "observe/figures.hpp"

namespace ccrelay::observe {
namespace {

// One JSON object being written; closes it when it goes out of scope.
class Object {
 public:
  explicit Object(std::string& out) : out_(out) { out_ += '{'; }
  ~Object() { out_ += '}'; }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  // One of our own words, as a literal: with its punctuation it goes out in one piece.
  template <std::size_t Size>
  std::string& key(const char (&name)[Size]) {
    char text[Size + 3] = {',', '"'};
    std::memcpy(text + 2, name, Size - 1);
    text[Size + 1] = '"';
    text[Size + 2] = ':';
    const std::size_t skipped = first_ ? 1 : 0;
    first_ = false;
    return out_.append(text + skipped, sizeof text - skipped);
  }
  template <std::size_t Size>
  void text(const char (&name)[Size], std::string_view value) {
    append_json_string(key(name), value);
  }
  template <std::size_t Size, class Number>
  void number(const char (&name)[Size], Number value) {
    static_assert(std::is_integral_v<Number>);
    char digits[24];
    const auto written = std::to_chars(digits, digits + sizeof digits, value);
    key(name).append(digits, written.ptr);
  }
  template <std::size_t Size>
  void boolean(const char (&name)[Size], bool value) {
    key(name) += value ? "true" : "false";
  }
  template <std::size_t Size>
  void milliseconds(const char (&name)[Size], Duration value) {
    append_milliseconds(key(name), value);
  }
  template <std::size_t Size>
  void time(const char (&name)[Size], WallTime value) {
    key(name) += '"';
    append_time(out_, value);
    out_ += '"';
  }

 private:
  std::string& out_;
  bool first_ = true;
};

// What was told: a class that is not here is not 0.
void append_usage(std::string& out, const UsageTotal& usage) {
  Object object(out);
  const auto count = [&](const auto& name, const std::optional<std::uint64_t>& value) {
    if (value) object.number(name, *value);
  };
  count("input", usage.tokens[TokenClass::input]);
  count("output", usage.tokens[TokenClass::output]);
  count("cache_write_5m", usage.tokens[TokenClass::cache_write_5m]);
  count("cache_write_1h", usage.tokens[TokenClass::cache_write_1h]);
  count("cache_read", usage.tokens[TokenClass::cache_read]);
  count("web_searches", usage.web_searches);
  if (usage.partial > 0) object.boolean("partial", true);
}

// USD with nine places; absent where any part of it is unknown.
void append_cost(std::string& out, const UsageTotal& usage) {
  if (!usage.cost_nano_usd || usage.unknown_cost > 0) return;
  out += R"(,"cost_usd":)";
  append_usd(out, *usage.cost_nano_usd);
}

void append_attempt_object(std::string& out, const AttemptSummary& attempt) {
  Object object(out);
  object.text("provider", attempt.provider);
  object.text("key", attempt.key);
  if (!attempt.key_name.empty()) object.text("key_name", attempt.key_name);
  object.text("model", attempt.model);
  object.text("outcome", to_string(attempt.outcome));
  object.number("status", attempt.status);
  object.text("detail", attempt.detail);
  object.milliseconds("connect_ms", attempt.connect);
  object.milliseconds("first_byte_ms", attempt.first_byte);
  object.milliseconds("total_ms", attempt.total);
  UsageTotal usage;
  add(usage, attempt.usage);
  if (usage.charges == 0) return;
  append_usage(object.key("usage"), usage);
  append_cost(out, usage);
}

void append_request(std::string& out, const RequestSummary& request) {
  Object object(out);
  object.time("time", request.time);
  object.time("began", request.began);
  object.text("level", to_string(level_of(request)));
  object.text("event", "request");
  object.text("request_id", request.request_id);
  object.text("client", request.client);
  object.text("client_name", request.client_name);
  if (!request.forwarded_for.empty()) object.text("forwarded_for", request.forwarded_for);
  object.text("user", request.user);
  object.text("user_agent", request.user_agent);
  object.text("method", request.method);
  object.text("path", request.path);
  object.text("session", request.session);
  if (!request.agent.empty()) object.text("agent", request.agent);
  object.text("model", request.model_asked);
  const AttemptSummary* answered = answering(request);
  object.text("provider", answered ? std::string_view(answered->provider) : "");
  object.text("key", answered ? std::string_view(answered->key) : "");
  if (answered && !answered->key_name.empty()) object.text("key_name", answered->key_name);
  object.number("status", request.status);
  object.text("ending", to_string(request.ending));
  object.text("error", request.error);
  object.boolean("stream", request.stream);
  object.number("bytes_in", request.bytes_in);
  object.number("bytes_out", request.bytes_out);
  object.number("pings", request.pings);
  const UsageTotal usage = usage_of(request);
  append_usage(object.key("usage"), usage);
  append_cost(out, usage);
  object.key("attempts") += '[';
  for (const AttemptSummary& attempt : request.attempts) {
    if (&attempt != &request.attempts.front()) out += ',';
    append_attempt_object(out, attempt);
  }
  out += ']';
  object.milliseconds("queue_ms", request.queue);
  object.milliseconds("first_byte_ms", request.first_byte);
  object.milliseconds("total_ms", request.total);
}

void append_note(std::string& out, const Note& note) {
  Object object(out);
  object.time("time", note.time);
  object.text("level", to_string(note.level));
  object.text("event", note.event);
  object.text("message", note.message);
  if (!note.request_id.empty()) object.text("request_id", note.request_id);
  if (note.fields.empty()) return;
  object.key("fields") += '{';
  for (const Note::Field& field : note.fields) {
    if (&field != &note.fields.front()) out += ',';
    append_json_string(out, field.name);
    out += ':';
    append_json_string(out, field.value);
  }
  out += '}';
}

}  // namespace

void append_json(std::string& out, const RequestSummary& request) {
  append_request(out, request);
  out += '\n';
}

void append_json(std::string& out, const Note& note) {
  append_note(out, note);
  out += '\n';
}

}  // namespace ccrelay::observe
