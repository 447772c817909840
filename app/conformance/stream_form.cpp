#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench.hpp"
#include "check.hpp"
#include "format.hpp"

// In which form a stream of OpenAI's or Gemini's comes.

namespace ccrelay::app::contract {
namespace {

using testing::Script;

struct ReadEvent {
  std::string name;
  std::string data;
};

std::string_view field_value(std::string_view line) {
  line.remove_prefix(std::min(line.find(':'), line.size() - 1) + 1);
  if (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  return line;
}

// What its clients read of it. Empty `why` unless there is a line that they don't take.
std::vector<ReadEvent> read_events(Format format, std::string_view stream, std::string& why) {
  std::vector<ReadEvent> out;
  ReadEvent event;
  while (!stream.empty()) {
    std::string_view line = stream.substr(0, stream.find('\n'));
    stream.remove_prefix(std::min(line.size() + 1, stream.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) {
      if (!event.data.empty() || !event.name.empty()) out.push_back(std::exchange(event, {}));
    } else if (line.rfind("data:", 0) == 0) {
      event.data.append(field_value(line));
    } else if (line.rfind("event:", 0) == 0 && format == responses) {
      event.name = field_value(line);
    } else if (line.front() != ':' || format == gemini) {
      why = fmt::format("the line \"{}\"", line);
    }
  }
  if (!event.data.empty()) why = "an event without its end";
  return out;
}

// Of OpenAI's SDK each event has its name in front and in it, and a number one above the last.
std::string wrong_in_responses(const std::vector<ReadEvent>& events) {
  std::int64_t next = 0;
  for (const ReadEvent& event : events) {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    std::string_view type;
    std::int64_t number = -1;
    if (parser.parse(simdjson::padded_string(event.data)).get(root) != simdjson::SUCCESS)
      return "an event that is no JSON";
    if (root["type"].get(type) != simdjson::SUCCESS || type != event.name)
      return fmt::format("the event \"{}\" of type \"{}\"", event.name, type);
    if (root["sequence_number"].get(number) != simdjson::SUCCESS || number != next)
      return fmt::format("sequence_number {} where {} is due", number, next);
    ++next;
  }
  const bool ends = !events.empty() && (events.back().name == "response.completed" ||
                                        events.back().name == "response.incomplete");
  return ends ? "" : "no response.completed at the end";
}

// Each is JSON; only chat's last is none.
std::string wrong_in_data(Format format, std::vector<ReadEvent> events) {
  if (events.empty()) return "no event";
  if (format == chat) {
    if (events.back().data != "[DONE]") return "no [DONE] at the end";
    events.pop_back();
  }
  for (const ReadEvent& event : events) {
    if (canonical(event.data).empty()) return "an event that is no JSON";
  }
  return {};
}

Verdict judge_stream_form(Bench& bench) {
  Ask ask;
  ask.call = Call::stream;
  Script script = bench.stream_head();
  for (const std::string& event : events_saying(bench.format(), {"form-0001 ", "form-0002 "}))
    script.chunk(event);
  script.last_chunk();
  ask.answering = [script](std::size_t) { return script; };
  const Seen seen = bench.ask(ask);
  const std::string_view expected =
      bench.format() == chat        ? "data: lines alone, and [DONE] at the end"
      : bench.format() == responses ? "event: and data: lines, sequence numbers that count up, and "
                                      "no [DONE]"
                                    : "data: lines alone, each of them JSON";
  if (seen.client->status() != 200 || !seen.client->clean())
    return failed("a request for a stream", expected, bench.told(*seen.client));
  std::string wrong;
  const std::vector<ReadEvent> events = read_events(bench.format(), seen.client->body(), wrong);
  if (wrong.empty())
    wrong = bench.format() == responses ? wrong_in_responses(events)
                                        : wrong_in_data(bench.format(), events);
  if (wrong.empty()) return {};
  return failed("a request for a stream", expected,
                wrong + " in " + bench.quoted(seen.client->body()));
}

// A member in it that nobody knows: whoever counts anew leaves it out.
Verdict judge_stream_usage(Bench& bench) {
  Ask ask;
  ask.call = Call::stream;
  const Seen seen = bench.ask(ask);
  constexpr std::string_view usage = R"("conformance_usage":7.0)";
  if (seen.client->status() == 200 && seen.client->body().find(usage) != std::string::npos)
    return {};
  const std::string& came = seen.client->body();
  const std::size_t end = came.size() > 200 ? came.size() - 200 : 0;
  return failed("a stream with its usage behind the last word", "that usage as it was sent",
                bench.quoted(std::string_view(came).substr(end)));
}

Verdict judge_stream_array(Bench& bench) {
  std::string sent = "[";
  const std::vector<std::string> events =
      events_saying(gemini, {"array-0001 ", "array-0002 ", "array-0003 "});
  for (const std::string& event : events) {
    const std::string_view data = std::string_view(event).substr(6, event.size() - 8);
    sent.append(sent.size() > 1 ? ",\r\n" : "").append(data);
  }
  sent += "\n]\n";
  const Headers headers{{"content-type", "application/json"}, {"transfer-encoding", "chunked"}};
  Script script = Script().head(200, headers);
  for (std::size_t at = 0; at < sent.size(); at += 97) script.chunk(sent.substr(at, 97));
  script.last_chunk();
  Ask ask;
  ask.call = Call::stream;
  ask.target = target_of(gemini, Call::stream, bench.subject().model);
  ask.target.resize(ask.target.find('?'));
  ask.answering = [script](std::size_t) { return script; };
  const Seen seen = bench.ask(ask);
  simdjson::dom::parser parser;
  simdjson::dom::array list;
  const std::string& came = seen.client->body();
  const bool is_list = parser.parse(simdjson::padded_string(came)).get(list) == simdjson::SUCCESS &&
                       list.size() == events.size() && came.find("array-0003") != std::string::npos;
  if (seen.client->clean() && seen.client->is_json() && is_list) return {};
  return failed(":streamGenerateContent without alt=sse, answered by an array",
                fmt::format("a JSON array of {} chunks", events.size()), bench.told(*seen.client));
}

}  // namespace

std::vector<Check> stream_form_checks() {
  return {
      // npm openai's core/streaming and resources/responses, @google/genai's _api_client; Codex's
      // sse/responses.rs.
      {"stream.form", Level::must, other_formats,
       "a stream has the lines and the end that the format's SDK reads: data: and [DONE], or "
       "event: "
       "and sequence numbers, or data: alone",
       judge_stream_form, false},
      {"stream.usage", Level::must, other_formats, "a stream's usage arrives as it was sent",
       judge_stream_usage},
      // https://ai.google.dev/api/generate-content: what a stream is without alt=sse.
      {"stream.array", Level::must, gemini, "without alt=sse a stream arrives as a JSON array",
       judge_stream_array},
  };
}

}  // namespace ccrelay::app::contract
