// An answer in one vendor's words becomes one in another's: the same stream however it is cut, each
// event as the client's dialect has it, in the order that its clients count on, and an error never
// followed by a clean end; a whole answer, an error and what is said of limits likewise.
#include <map>
#include <memory>
#include <utility>

#include "dialect/learning.hpp"
#include "dialect/rate_limits.hpp"
#include "dialect/recall_tap.hpp"
#include "dialect/sse_events.hpp"
#include "fuzz/translate.hpp"

namespace fuzz = ccrelay::fuzz;
using namespace ccrelay::dialect;

namespace {

constexpr std::string_view anthropic_question =
    R"({"model":"asked","max_tokens":9000,"messages":[{"role":"user","content":"hello"}],)"
    R"("tools":[{"name":"look","input_schema":{"type":"object"}},{"name":"a.b/c","input_schema":{}}])";
constexpr std::string_view chat_question =
    R"({"model":"asked","messages":[{"role":"user","content":"hello"}],)"
    R"("tools":[{"type":"function","function":{"name":"look","parameters":{"type":"object"}}},)"
    R"({"type":"custom","custom":{"name":"patch"}}],"stream_options":{"include_usage":true})";
constexpr std::string_view responses_question =
    R"({"model":"asked","input":"hello","tools":[{"type":"function","name":"look","parameters":{}},)"
    R"({"type":"custom","name":"patch"},{"type":"local_shell"},{"type":"apply_patch"},)"
    R"({"type":"namespace","name":"ns","tools":[{"type":"function","name":"look","parameters":{}}]},)"
    R"({"type":"tool_search","execution":"client","parameters":{}}])";
constexpr std::string_view gemini_question =
    R"({"contents":[{"role":"user","parts":[{"text":"hello"}]}],)"
    R"("tools":[{"functionDeclarations":[{"name":"look"}]}],)"
    R"("generationConfig":{"thinkingConfig":{"includeThoughts":true}})";
constexpr std::string_view search_question =
    R"({"model":"asked","max_tokens":9000,"messages":[{"role":"user","content":"hello"}],)"
    R"("tools":[{"type":"web_search_20250305","name":"web_search"}])";

std::string question(const Way& way, bool searches) {
  const std::string_view text = way.client == Dialect::chat        ? chat_question
                                : way.client == Dialect::responses ? responses_question
                                : way.client == Dialect::gemini    ? gemini_question
                                : searches                         ? search_question
                                                                   : anthropic_question;
  const bool in_path = way.client == Dialect::gemini;
  return std::string(text) + (in_path ? "}" : R"(,"stream":true})");
}

// What the answer's translation knows of the request; made once for each.
const Carried& carried_for(const Way& way, std::uint8_t vendor, bool searches) {
  struct Kept {
    Profile profile;
    Carried carried;
  };
  static std::map<int, std::unique_ptr<Kept>> all;
  const int key = (static_cast<int>(way.client) << 16) | (static_cast<int>(way.provider) << 12) |
                  ((vendor % 8) << 4) | (searches ? 4 : 0) | (way.count ? 2 : 0) |
                  (way.sse ? 1 : 0);
  std::unique_ptr<Kept>& kept = all[key];
  if (kept) return kept->carried;
  kept = std::make_unique<Kept>();
  kept->profile = fuzz::profile_of(way.provider, vendor % 8);
  kept->profile.web_search = true;
  TranslateOptions options;
  options.profile = &kept->profile;
  options.model = "sent";
  options.seed = "seed";
  options.issuer = "0123456789ab";
  options.now_s = 1'800'000'000;
  options.stream = !way.count;
  options.drop_unsupported = true;
  auto result = carry_request(way, question(way, searches), options);
  if (auto* carried = std::get_if<Carried>(&result)) {
    kept->carried = std::move(*carried);
  } else {
    FUZZ_CHECK(way.count && way.provider == Dialect::chat);
    kept->carried.way = way;
  }
  return kept->carried;
}

void check_envelope(Dialect client, int status, std::string_view body, std::string_view of) {
  FUZZ_CHECK(status >= 400 && status <= 599);
  const Json json = fuzz::strict_json(body, of);
  const Json error = json["error"];
  FUZZ_CHECK(!error["message"].text().empty());
  if (client == Dialect::gemini) {
    FUZZ_CHECK(error["code"].integer() == status && !error["status"].text().empty());
  } else {
    FUZZ_CHECK(!error["type"].text().empty());
    FUZZ_CHECK(json["type"].is("error") == (client == Dialect::anthropic));
  }
}

struct Event {
  std::string_view name;
  Json data;  // absent: [DONE]
};

// Lines as the client's dialect has them and no others.
std::vector<Event> events_of(std::string_view stream, bool named, std::string_view of) {
  std::vector<Event> events;
  while (!stream.empty()) {
    const std::size_t end = stream.find("\n\n");
    FUZZ_CHECK(end != std::string_view::npos);
    std::string_view text = stream.substr(0, end);
    stream.remove_prefix(end + 2);
    Event event;
    if (named) {
      const std::size_t line = text.find('\n');
      FUZZ_CHECK(text.starts_with("event: ") && line != std::string_view::npos);
      event.name = text.substr(7, line - 7);
      text.remove_prefix(line + 1);
    }
    FUZZ_CHECK(text.starts_with("data: "));
    FUZZ_CHECK(text.find_first_of("\r\n") == std::string_view::npos);
    text.remove_prefix(6);
    if (named || text != "[DONE]") event.data = fuzz::strict_json(text, of);
    FUZZ_CHECK(!named || event.data["type"].is(event.name));
    events.push_back(event);
  }
  return events;
}

void check_hub(const std::vector<Event>& events, bool failed) {
  FUZZ_CHECK(!events.empty());
  FUZZ_CHECK(events.back().name == (failed ? "error" : "message_stop"));
  std::int64_t begun = 0;
  bool open = false;
  bool is_over = false;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto& [name, data] = events[i];
    if (name == "error") {
      FUZZ_CHECK(i + 1 == events.size() && data["error"]["message"].is_string());
      return;
    }
    FUZZ_CHECK((name == "message_start") == (i == 0));
    FUZZ_CHECK((name == "message_stop") == (i + 1 == events.size()));
    if (name == "content_block_start") {
      FUZZ_CHECK(!open && !is_over && data["index"].integer() == begun);
      FUZZ_CHECK(data["content_block"].is_object());
      open = true;
    } else if (name == "content_block_delta") {
      FUZZ_CHECK(open && data["index"].integer() == begun);
    } else if (name == "content_block_stop") {
      FUZZ_CHECK(open && data["index"].integer() == begun);
      open = false;
      ++begun;
    } else if (name == "message_delta") {
      FUZZ_CHECK(!open && !is_over && data["delta"]["stop_reason"].is_string());
      is_over = true;
    }
  }
  FUZZ_CHECK(is_over);
}

void check_chat(const std::vector<Event>& events, bool failed) {
  FUZZ_CHECK(!events.empty());
  FUZZ_CHECK(failed ? events.back().data["error"].is_object() : !events.back().data);
  int reasons = 0;
  std::int64_t calls = 0;
  for (std::size_t i = 0; i + 1 < events.size(); ++i) {
    const Json data = events[i].data;
    FUZZ_CHECK(data["object"].is("chat.completion.chunk"));
    FUZZ_CHECK(data["id"].raw() == events[0].data["id"].raw());
    FUZZ_CHECK(data["choices"].is_array() && data["model"].is_string());
    for (const Json& choice : data["choices"].items()) {
      if (choice["finish_reason"].told()) ++reasons;
      for (const Json& call : choice["delta"]["tool_calls"].items()) {
        if (call["id"]) FUZZ_CHECK(call["index"].integer() == calls++);
        FUZZ_CHECK(call["index"].integer() == calls - 1);
      }
    }
  }
  FUZZ_CHECK(failed ? reasons <= 1 : reasons == 1);
}

void check_responses(const std::vector<Event>& events, bool failed) {
  FUZZ_CHECK(!events.empty());
  std::int64_t added = 0;
  std::int64_t done = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto& [name, data] = events[i];
    FUZZ_CHECK(data["sequence_number"].integer() == static_cast<std::int64_t>(i));
    // What never began may fail.
    FUZZ_CHECK((name == "response.created") == (i == 0) || (failed && events.size() == 1));
    const bool ends =
        name == "response.completed" || name == "response.incomplete" || name == "response.failed";
    FUZZ_CHECK(ends == (i + 1 == events.size()));
    if (name == "response.output_item.added") {
      FUZZ_CHECK(added == done && data["output_index"].integer() == added++);
    } else if (name == "response.output_item.done") {
      FUZZ_CHECK(data["output_index"].integer() == done++);
    }
    if (!ends) continue;
    FUZZ_CHECK((name == "response.failed") == failed);
    FUZZ_CHECK(data["response"]["error"].is_object() == failed);
    FUZZ_CHECK(("response." + data["response"]["status"].text()) == name);
    FUZZ_CHECK(data["response"]["output"].is_array());
  }
  FUZZ_CHECK(failed || added == done);
}

void check_gemini(const std::vector<Json>& chunks, bool failed) {
  FUZZ_CHECK(!chunks.empty());
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    const bool last = i + 1 == chunks.size();
    FUZZ_CHECK(chunks[i]["error"].is_object() == (failed && last));
    if (failed && last) {
      FUZZ_CHECK(chunks[i]["error"]["code"].integer().value_or(0) >= 400);
      continue;
    }
    bool ends = false;
    for (const Json& candidate : chunks[i]["candidates"].items())
      ends = ends || candidate["finishReason"].is_string();
    FUZZ_CHECK(ends == last);
  }
}

void check_stream(const Way& way, std::string_view stream, bool failed, std::string_view of) {
  if (way.client == Dialect::gemini) {
    std::vector<Json> chunks;
    if (way.sse) {
      for (const Event& event : events_of(stream, false, of)) chunks.push_back(event.data);
    } else {
      for (const Json& chunk : fuzz::strict_json(stream, of).items()) chunks.push_back(chunk);
    }
    return check_gemini(chunks, failed);
  }
  const auto events = events_of(stream, way.client != Dialect::chat, of);
  if (way.client == Dialect::anthropic) check_hub(events, failed);
  if (way.client == Dialect::chat) check_chat(events, failed);
  if (way.client == Dialect::responses) check_responses(events, failed);
}

struct Stream {
  std::string text;
  bool failed;
  bool finished;
  bool operator==(const Stream&) const = default;
};

Stream streamed(const Carried& carried, std::string_view type, std::string_view body,
                std::string_view cuts) {
  const auto translator = carry_stream(carried, type);
  Stream out;
  fuzz::in_pieces(body, cuts, [&](std::string_view piece) { translator->feed(piece, out.text); });
  translator->end(out.text);
  out.failed = translator->failed();
  out.finished = translator->finished();
  return out;
}

// The same events, and behind each one that says nothing: readers that know an event by the one
// before it have to read each then.
struct Unlike final : EventSink {
  explicit Unlike(Dialect provider) : provider_(provider) {}
  void on_event(std::string_view name, std::string_view data) override {
    constexpr std::array<std::string_view, 4> nothing{R"({"type":"ping"})", R"({"choices":[]})",
                                                      R"({"type":"none"})", "{}"};
    is_plain = is_plain && data.find('\n') == std::string_view::npos;
    append_event(same, name, data);
    append_event(mixed, name, data);
    if (data.starts_with('{'))
      append_event(mixed, {}, nothing[static_cast<std::size_t>(provider_)]);
  }

  std::string same;
  std::string mixed;
  bool is_plain = true;

 private:
  const Dialect provider_;
};

void check_mixed(const Carried& carried, std::string_view stream, const Stream& whole) {
  const std::size_t begin = stream.find_first_not_of(" \t\r\n");
  // Gemini's without events.
  if (begin != std::string_view::npos && (stream[begin] == '[' || stream[begin] == '{')) return;
  Unlike unlike(carried.way.provider);
  SseEvents events(unlike, std::size_t{1} << 20);
  events.feed(stream);
  events.end();
  if (!unlike.is_plain) return;
  FUZZ_CHECK(streamed(carried, "text/event-stream", unlike.same, {}) == whole);
  FUZZ_CHECK(streamed(carried, "text/event-stream", unlike.mixed, {}) == whole);
}

std::string recalled(std::string_view stream, std::string_view cuts) {
  RecallTap tap("0123456789ab");
  std::string out;
  fuzz::in_pieces(stream, cuts, [&](std::string_view piece) {
    tap.feed(piece);
    for (const auto& told : tap.take()) out += told.call_id + ' ' + told.tags + '\n';
  });
  return out;
}

void check_whole(const Carried& carried, std::string_view type, std::string_view body) {
  const TranslatedAnswer answer = carry_answer(carried, 200, body, type);
  const Dialect client = carried.way.client;
  if (answer.status != 200) return check_envelope(client, answer.status, answer.body, body);
  const Json json = fuzz::strict_json(answer.body, body);
  FUZZ_CHECK(json.is_object() && !json["error"].told());
  if (carried.way.count) return;
  if (client == Dialect::anthropic) FUZZ_CHECK(json["content"].is_array());
  if (client == Dialect::chat) FUZZ_CHECK(json["choices"].is_array());
  if (client == Dialect::responses) FUZZ_CHECK(json["output"].is_array());
  if (client == Dialect::gemini) FUZZ_CHECK(json["candidates"].is_array());
}

void check_limits(Dialect client, std::string_view fields) {
  ccrelay::Headers headers;
  fuzz::each_field(fields, [&](std::string_view name, std::string_view value) {
    if (value.find('\r') == std::string_view::npos) headers.add(name, value);
  });
  for (const auto& field : client_rate_limits(client, headers, 1'800'000'000)) {
    FUZZ_CHECK(field.value.find_first_of("\r\n") == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  Way way = fuzz::way_of(input.byte());
  const std::uint8_t flags = input.byte();
  const std::uint8_t vendor = input.byte();
  const std::string_view cuts = input.bytes(input.byte() % 8);
  enum class Form { stream, json_as_stream, whole, error };
  const auto form = static_cast<Form>(flags % 4);
  way.sse = !(flags & 4);
  way.asked_stream = way.client == Dialect::gemini;
  way.count = form == Form::whole && (flags & 8) && way.client != Dialect::chat;
  const Carried& carried = carried_for(way, vendor, flags & 16);
  const bool is_events = form == Form::stream || (flags & 32);
  const std::string_view type = is_events ? "text/event-stream" : "application/json";
  const fuzz::Piece body(input.rest());
  switch (form) {
    case Form::stream:
    case Form::json_as_stream: {
      const auto whole = streamed(carried, type, body, {});
      FUZZ_CHECK(whole.failed != whole.finished);
      check_stream(way, whole.text, whole.failed, body);
      const std::string_view often = cuts.empty() ? std::string_view("\0", 1) : cuts;
      FUZZ_CHECK(whole == streamed(carried, type, body, often));
      if (is_events) check_mixed(carried, body, whole);
      if (way.client == Dialect::anthropic)
        FUZZ_CHECK(recalled(whole.text, {}) == recalled(whole.text, often));
      break;
    }
    case Form::whole:
      check_whole(carried, type, body);
      break;
    case Form::error: {
      const int status = 400 + vendor % 200;
      const auto answer = carry_answer(carried, status, body, flags & 64 ? "text/html" : type);
      check_envelope(way.client, answer.status, answer.body, body);
      check_limits(way.client, body);
      const std::string field = refused_field(way.provider, status, body, carried.body);
      FUZZ_CHECK(field.empty() || has_field(carried.body, field));
      break;
    }
  }
  return 0;
}
