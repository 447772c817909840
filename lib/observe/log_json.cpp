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
  explicit Object(Pen& pen) : pen_(pen) { pen_.put('{'); }
  ~Object() { pen_.put('}'); }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  // One of our own words, as a literal: with its punctuation it goes out in one piece.
  template <std::size_t Size>
  Pen& key(const char (&name)[Size]) {
    char* const to = pen_.room(Size + 3);
    const std::size_t comma = first_ ? 0 : 1;
    first_ = false;
    to[0] = ',';
    to[comma] = '"';
    std::memcpy(to + comma + 1, name, Size - 1);
    to[comma + Size] = '"';
    to[comma + Size + 1] = ':';
    pen_.wrote(comma + Size + 2);
    return pen_;
  }
  template <std::size_t Size>
  void text(const char (&name)[Size], std::string_view value) {
    append_json_string(key(name), value);
  }
  // One of our own, in which nothing is to be escaped.
  template <std::size_t Size>
  void word(const char (&name)[Size], std::string_view value) {
    key(name).put('"');
    pen_.put(value);
    pen_.put('"');
  }
  template <std::size_t Size, class Number>
  void number(const char (&name)[Size], Number value) {
    static_assert(std::is_integral_v<Number>);
    constexpr std::size_t digits_max = 24;
    key(name);
    char* const digits = pen_.room(digits_max);
    const auto written = std::to_chars(digits, digits + digits_max, value);
    pen_.wrote(static_cast<std::size_t>(written.ptr - digits));
  }
  template <std::size_t Size>
  void boolean(const char (&name)[Size], bool value) {
    key(name).put(value ? std::string_view("true") : std::string_view("false"));
  }
  template <std::size_t Size>
  void milliseconds(const char (&name)[Size], Duration value) {
    append_milliseconds(key(name), value);
  }
  template <std::size_t Size>
  void time(const char (&name)[Size], WallTime value) {
    key(name).put('"');
    append_time(pen_, value);
    pen_.put('"');
  }

 private:
  Pen& pen_;
  bool first_ = true;
};

// What was told: a class that is not here is not 0.
void append_usage(Pen& pen, const UsageTotal& usage) {
  Object object(pen);
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
void append_cost(Pen& pen, const UsageTotal& usage) {
  if (!usage.cost_nano_usd || usage.unknown_cost > 0) return;
  pen.literal(R"(,"cost_usd":)");
  append_usd(pen, *usage.cost_nano_usd);
}

void append_attempt_object(Pen& pen, const AttemptSummary& attempt, const UsageTotal& usage) {
  Object object(pen);
  object.text("provider", attempt.provider);
  object.text("key", attempt.key);
  if (!attempt.key_name.empty()) object.text("key_name", attempt.key_name);
  object.text("model", attempt.model);
  object.word("outcome", to_string(attempt.outcome));
  object.number("status", attempt.status);
  object.text("detail", attempt.detail);
  object.milliseconds("connect_ms", attempt.connect);
  object.milliseconds("first_byte_ms", attempt.first_byte);
  object.milliseconds("total_ms", attempt.total);
  if (usage.charges == 0) return;
  append_usage(object.key("usage"), usage);
  append_cost(pen, usage);
}

void append_attempts(Pen& pen, const RequestSummary& request, const UsageTotal& of_all) {
  pen.put('[');
  for (const AttemptSummary& attempt : request.attempts) {
    if (request.attempts.size() == 1) {
      append_attempt_object(pen, attempt, of_all);
      break;
    }
    if (&attempt != &request.attempts.front()) pen.put(',');
    UsageTotal usage;
    add(usage, attempt.usage);
    append_attempt_object(pen, attempt, usage);
  }
  pen.put(']');
}

void append_request(Pen& pen, const RequestSummary& request) {
  Object object(pen);
  object.time("time", request.time);
  object.time("began", request.began);
  object.word("level", to_string(level_of(request)));
  pen.literal(R"(,"event":"request")");
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
  object.word("ending", to_string(request.ending));
  object.text("error", request.error);
  object.boolean("stream", request.stream);
  object.number("bytes_in", request.bytes_in);
  object.number("bytes_out", request.bytes_out);
  object.number("pings", request.pings);
  const UsageTotal usage = usage_of(request);
  append_usage(object.key("usage"), usage);
  append_cost(pen, usage);
  append_attempts(object.key("attempts"), request, usage);
  object.milliseconds("queue_ms", request.queue);
  object.milliseconds("first_byte_ms", request.first_byte);
  object.milliseconds("total_ms", request.total);
}

void append_note(Pen& pen, const Note& note) {
  Object object(pen);
  object.time("time", note.time);
  object.word("level", to_string(note.level));
  object.text("event", note.event);
  object.text("message", note.message);
  if (!note.request_id.empty()) object.text("request_id", note.request_id);
  if (note.fields.empty()) return;
  object.key("fields").put('{');
  for (const Note::Field& field : note.fields) {
    if (&field != &note.fields.front()) pen.put(',');
    append_json_string(pen, field.name);
    pen.put(':');
    append_json_string(pen, field.value);
  }
  pen.put('}');
}

}  // namespace

void append_json(std::string& out, const RequestSummary& request) {
  Pen pen(out);
  append_request(pen, request);
  pen.put('\n');
}

void append_json(std::string& out, const Note& note) {
  Pen pen(out);
  append_note(pen, note);
  pen.put('\n');
}

}  // namespace ccrelay::observe
