#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bench.hpp"
#include "check.hpp"
#include "dialects.hpp"

// What the bytes of a stream are.

namespace ccrelay::app::contract {
namespace {

using testing::Script;

// The pieces in which the provider writes; small pauses keep some of them apart on the way.
Script cut(Script script, std::string_view bytes, std::size_t piece) {
  int number = 0;
  while (!bytes.empty()) {
    script.chunk(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    if (++number % 16 == 0) script.pause(std::chrono::milliseconds(1));
  }
  return script.last_chunk();
}

Seen streamed(Bench& bench, const std::string& bytes, std::size_t piece) {
  Ask ask;
  ask.call = Call::stream;
  const Script script = cut(bench.stream_head(), bytes, piece);
  ask.answering = [script](std::size_t) { return script; };
  return bench.ask(ask);
}

std::string joined(const std::vector<std::string>& events) {
  std::string out;
  for (const std::string& event : events) out += event;
  return out;
}

bool holds(const Seen& seen, std::string_view text) {
  return seen.client->body().find(text) != std::string::npos;
}

// Blanks, fields and line ends that a parser does not keep.
std::string odd_stream(Format format) {
  if (format != messages) return dialect_odd_stream(format);
  std::string out = joined(events_of(messages, 3));
  const std::size_t at = out.find("event: content_block_stop");
  return out.substr(0, at) +
         "id: 7\nevent:content_block_delta\ndata:{ \"type\" : \"content_block_delta\", "
         "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"\\u0041\\/\"} , \"n\":1.0e0}\n"
         "x-unknown: kept\n\n"
         "event: content_block_delta\r\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
         "\"delta\":{\"type\":\"text_delta\",\"text\":\"crlf\"}}\r\n\r\n" +
         out.substr(at);
}

std::string first_difference(const std::string& sent, const std::string& came) {
  const auto [a, b] = std::mismatch(sent.begin(), sent.end(), came.begin(), came.end());
  return fmt::format("{} bytes, unlike at byte {}", came.size(), b - came.begin());
}

Verdict judge_bytes(Bench& bench) {
  const std::string sent = odd_stream(bench.format());
  const Seen seen = streamed(bench, sent, 7);
  if (seen.client->clean() && seen.client->body() == sent) return {};
  if (seen.client->status() != 200 || !seen.client->clean())
    return failed("a stream, cut inside lines", "it", bench.told(*seen.client));
  const std::string came = first_difference(sent, seen.client->body());
  return failed(fmt::format("a stream of {} bytes, cut inside lines", sent.size()),
                "the same bytes", came + " " + bench.told(*seen.client));
}

Verdict judge_utf8(Bench& bench) {
  const std::string words[] = {"gr\xC3\xBC\xC3\x9F", "\xE4\xBD\xA0\xE5\xA5\xBD",
                               "\xF0\x9F\x98\x80\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB"};
  const std::string sent = joined(events_saying(bench.format(), {words[0], words[1], words[2]}));
  const Seen seen = streamed(bench, sent, 1);
  for (const std::string& word : words) {
    if (!holds(seen, word))
      return failed(fmt::format("\"{}\" cut inside its characters", word), "the same",
                    bench.told(*seen.client));
  }
  return {};
}

// The events of a stream with this behind the first three.
Verdict forwarded(Bench& bench, const std::string& extra, std::string_view what) {
  std::vector<std::string> events = events_of(bench.format(), 2);
  const auto behind = static_cast<std::ptrdiff_t>(first_word(bench.format()) + 1);
  events.insert(events.begin() + behind, extra);
  const Seen seen = streamed(bench, joined(events), 4096);
  if (holds(seen, extra)) return {};
  return failed(fmt::format("{} in a stream", what), "it", bench.told(*seen.client));
}
Verdict judge_ping(Bench& bench) {
  return forwarded(bench, "event: ping\ndata: {\"type\": \"ping\",\"n\":7}\n\n", "a ping");
}
Verdict judge_comment(Bench& bench) {
  return forwarded(bench, ": conformance comment\n\n", "a comment line");
}

Verdict judge_error_event(Bench& bench) {
  const bool is_claude = (bench.format() & claude_formats) != 0;
  const std::string error =
      !is_claude
          ? dialect_stream_error(bench.format())
          : "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
            "\"message\":\"Conformance \\u00fcberlast\"}, \"request_id\":\"req_conformance\"}\n\n";
  std::vector<std::string> events = events_of(bench.format(), 2);
  events.resize(first_word(bench.format()) + 2);
  const Seen seen = streamed(bench, joined(events) + error, 4096);
  if (holds(seen, error)) return {};
  return failed("an error event behind content", "it as it was sent", bench.told(*seen.client));
}

// By what words a stream ends well, and by which in an error.
struct Ends {
  std::array<std::string_view, 2> good;
  std::array<std::string_view, 3> errors;
};

Ends ends_of(Format format) {
  if (format == chat) return {{"[DONE]", R"("finish_reason":")"}, {R"("error":{)"}};
  if (format == responses)
    return {{"response.completed", "response.incomplete"},
            {"event: response.failed", "event: error", R"("type":"error")"}};
  if (format == gemini) return {{"finishReason"}, {R"("error":{)"}};
  return {{"message_stop"}, {"event: error", "event:error", ":exception-type"}};
}

Verdict judge_truncated(Bench& bench) {
  for (const bool resets : {false, true}) {
    Script script = bench.stream_head();
    std::vector<std::string> events = events_of(bench.format(), 2);
    events.resize(first_word(bench.format()) + 2);
    for (const std::string& event : events) script.chunk(event);
    script.pause(std::chrono::milliseconds(5));
    if (resets) {
      script.reset();
    } else {
      script.close();
    }
    Ask ask;
    ask.call = Call::stream;
    ask.answering = [script](std::size_t) { return script; };
    const Seen seen = bench.ask(ask);
    const Ends ends = ends_of(bench.format());
    const auto is_told = [&seen](std::string_view word) {
      return !word.empty() && holds(seen, word);
    };
    const bool says_so = std::any_of(ends.errors.begin(), ends.errors.end(), is_told);
    const bool stops = std::any_of(ends.good.begin(), ends.good.end(), is_told);
    const bool is_whole = seen.client->clean() && seen.client->status() == 200;
    if (!stops && (says_so || !is_whole)) continue;
    return failed(
        fmt::format("a stream that the provider cuts behind content by {}", resets ? "RST" : "FIN"),
        fmt::format("an error event or a broken connection, and no {}", ends.good.front()),
        (is_whole ? "a clean end: " : "") + bench.told(*seen.client));
  }
  return {};
}

}  // namespace

std::vector<Check> stream_content_checks() {
  constexpr unsigned events = messages | vertex | other_formats;
  constexpr unsigned with_comments = messages | vertex | openai_formats;
  return {
      {"stream.bytes", Level::must, messages | other_formats,
       "a stream arrives byte for byte, however it was cut", judge_bytes},
      {"stream.utf8", Level::must, events,
       "characters that the provider's writes cut in two arrive whole", judge_utf8},
      {"stream.ping", Level::must, messages | vertex, "the provider's pings are forwarded",
       judge_ping},
      {"stream.comment", Level::must, with_comments, "comment lines are forwarded", judge_comment},
      {"stream.error", Level::must, events, "an error event behind content arrives as it was sent",
       judge_error_event},
      {"stream.truncated", Level::must, any_format,
       "a stream that the provider cuts off ends by an error event or a broken connection",
       judge_truncated},
  };
}

}  // namespace ccrelay::app::contract
