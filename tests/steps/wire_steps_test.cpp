#include <ccrelay/clock.hpp>

#include <string>

#include "provider/foreign_error.hpp"
#include "steps/linear.hpp"
#include "wire/answer_view.hpp"
#include "wire/bedrock_event.hpp"
#include "wire/event_stream.hpp"
#include "wire/json_members.hpp"
#include "wire/json_scan.hpp"
#include "wire/json_text.hpp"
#include "wire/rate_limit_headers.hpp"
#include "wire/redact.hpp"
#include "wire/request_view.hpp"
#include "wire/retry_after.hpp"
#include "wire/signature_refusal.hpp"
#include "wire/signature_scan.hpp"
#include "wire/sse.hpp"
#include "wire/thinking_cut.hpp"
#include "wire/usage_reader.hpp"

// Each reader of streams and of JSON and what is worst for it: see linear.hpp.

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

constexpr std::size_t socket_bytes = 64 * 1024;
constexpr std::size_t n_lines = 16'384;

struct NoEvents final : wire::SseSink {
  void on_event_begin(std::string_view) override {}
  void on_event(std::string_view name, std::string_view data) override {
    scan.on_event(name, data);
  }
  wire::SignatureScan scan;
};

std::function<void(std::string_view)> sse(std::size_t piece, std::size_t keeps = 1 << 20) {
  return [=](std::string_view text) {
    NoEvents sink;
    wire::SseScanner scanner(sink, keeps);
    in_pieces(text, piece, [&](std::string_view bytes) { scanner.feed(bytes); });
  };
}

struct NoMessages final : wire::EventStreamSink {
  void on_message(const wire::EventMessage& message) override {
    std::string out;
    events.append(out, message);
  }
  wire::BedrockEvents events;
};

std::function<void(std::string_view)> event_stream(std::size_t piece) {
  return [=](std::string_view text) {
    NoMessages sink;
    wire::EventStreamParser parser;
    in_pieces(text, piece, [&](std::string_view bytes) { (void)parser.feed(bytes, sink); });
  };
}

std::string message(std::size_t headers, std::size_t payload) {
  const std::vector<wire::EventHeader> all(headers, {"a", wire::EventValue::text, "b"});
  std::string out;
  wire::append_event_message(out, all, std::string(payload, 'p'));
  return out;
}

// simdjson wants room behind the end.
void read_request(std::string_view text) {
  static wire::RequestReader reader;
  std::string body(text);
  wire::RequestView view;
  reader.read(body, view, {true, true, true});
  std::vector<wire::Span> spans;
  for (const auto& block : view.thinking) {
    wire::signature_digest(body, block);
    spans.push_back(block.span);
  }
  wire::merge_splices(wire::cut_thinking(body, spans), {});
}

void read_answer(std::string_view text) {
  static wire::AnswerFacts facts;
  wire::ProviderError error;
  facts.read_metrics(text);
  facts.read_error(text, error);
  facts.read_type(text);
  wire::UsageReader usage;
  std::vector<wire::SignatureDigest> signatures;
  facts.read_usage(text, usage);
  facts.read_answer(text, {usage, signatures, error});
  wire::is_signature_refusal(400, text);
  provider::read_foreign_error({}, text);
}

void read_members(std::string_view text) {
  wire::JsonScan scan(text);
  scan.skip_value();
  const auto members = wire::JsonMembers::read(text);
  if (!members) return;
  for (const auto& member : *members) members->inside(member);
}

void write_out(std::string_view text) {
  wire::redacted(text, text.size() / 2);
  wire::redacted(text, text.size() + 10);
  wire::json_string(text);
}

const std::string head = R"({"model":"m","messages":[{"role":"assistant","content":[)";

}  // namespace

TEST_CASE("a stream of Server-Sent Events is read in proportion to its size", "[steps]") {
  const std::string start =
      "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
      "\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}}\n\n";
  const std::string delta =
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
      "\"delta\":{\"type\":\"signature_delta\",\"signature\":\"abcd\"}}\n\n";
  for (const std::size_t piece : {socket_bytes, std::size_t{1}}) {
    CAPTURE(piece);
    const Worst all[] = {
        {"CR", [](auto n) { return times(n, "\r"); }, sse(piece)},
        {"LF", [](auto n) { return times(n, "\n"); }, sse(piece)},
        {"CRLF", [](auto n) { return times(n, "\r\n"); }, sse(piece)},
        {"CR behind a letter", [](auto n) { return times(n, "a\r"); }, sse(piece)},
        {"LF, and one CR", [](auto n) { return times(n, "a\n") + "\r"; }, sse(piece)},
        {"CR, and one LF", [](auto n) { return times(n, "a\r") + "\n"; }, sse(piece)},
        {"a long line", [](auto n) { return "data:" + times(n, "a"); }, sse(piece)},
        {"a line beyond the limit", [](auto n) { return "data:" + times(n, "a"); },
         sse(piece, 1'000)},
        {"an event of many lines", [](auto n) { return times(n, "data:a\n"); }, sse(piece)},
        {"names", [](auto n) { return times(n, "event:a\n"); }, sse(piece)},
        {"comments", [](auto n) { return times(n, ":\n"); }, sse(piece)},
    };
    for (const Worst& worst : all) check_linear(worst, n_lines);
    check_linear({"signatures", [&](auto n) { return start + times(n, delta); }, sse(piece)}, 256);
    check_linear({"blocks", [&](auto n) { return times(n, start); }, sse(piece)}, 256);
  }
}

TEST_CASE("a stream of AWS is read in proportion to its size", "[steps]") {
  for (const std::size_t piece : {socket_bytes, std::size_t{1}}) {
    CAPTURE(piece);
    check_linear({"messages", [](auto n) { return times(n, message(0, 0)); }, event_stream(piece)},
                 1'024);
    check_linear({"headers", [](auto n) { return message(n, 0); }, event_stream(piece)}, 1'024);
    check_linear({"payload", [](auto n) { return message(1, n); }, event_stream(piece)}, 80'000);
  }
}

TEST_CASE("a request's JSON is read in proportion to its size", "[steps]") {
  const Worst all[] = {
      {"text",
       [](auto n) { return head + "{\"type\":\"text\",\"text\":\"" + times(n, "a") + "\"}]}]}"; },
       read_request},
      {"escapes",
       [](auto n) {
         return head + "{\"type\":\"text\",\"text\":\"" + times(n, "\\u0041") + "\"}]}]}";
       },
       read_request},
      {"thinking",
       [](auto n) {
         return head + times(n, R"({"type":"thinking","thinking":"t","signature":"c2ln"},)") +
                "{}]}]}";
       },
       read_request},
      {"blocks",
       [](auto n) { return head + times(n, R"({"type":"text","text":"t"},)") + "{}]}]}"; },
       read_request},
      {"messages",
       [](auto n) {
         return R"({"messages":[)" + times(n, R"({"role":"user","content":"a"},)") + "{}]}";
       },
       read_request},
      {"members", [](auto n) { return "{" + times(n, "\"a\":0,") + "\"model\":\"m\"}"; },
       read_request},
      {"names of members", [](auto n) { return "{\"" + times(n, "\\u0041") + "\":0}"; },
       read_request},
      {"broken", [](auto n) { return "{\"a\":" + times(n, "["); }, read_request},
  };
  for (const Worst& worst : all) check_linear(worst, 2'048);
}

TEST_CASE("an answer's JSON is read in proportion to its size", "[steps]") {
  const Worst all[] = {
      {"members", [](auto n) { return "{" + times(n, "\"a\":0,") + "\"b\":1}"; }, read_answer},
      {"usage",
       [](auto n) { return "{\"usage\":{" + times(n, "\"input_tokens\":1,") + "\"b\":1}}"; },
       read_answer},
      {"a long message",
       [](auto n) { return R"({"error":{"type":"a","message":")" + times(n, "\\\"x") + "\"}}"; },
       read_answer},
      {"signatures",
       [](auto n) {
         return R"({"content":[)" + times(n, R"({"type":"thinking","signature":"c2ln"},)") + "{}]}";
       },
       read_answer},
      {"words that begin like those looked for",
       [](auto n) {
         return "{\"error\":{\"message\":\"" + times(n, "thinking signatur ") + "\"}}";
       },
       read_answer},
      {"a page", [](auto n) { return "<html>" + times(n, "<p>"); }, read_answer},
      {"brackets", [](auto n) { return times(n, "["); }, read_answer},
  };
  for (const Worst& worst : all) check_linear(worst, 4'096);
}

TEST_CASE("members, redaction and JSON text take steps in proportion", "[steps]") {
  const Worst all[] = {
      {"members", [](auto n) { return "{" + times(n, "\"a\":0,") + "\"b\":1}"; }, read_members},
      {"objects", [](auto n) { return "{" + times(n, "\"a\":{\"b\":[]},") + "\"b\":1}"; },
       read_members},
      {"escapes in a name", [](auto n) { return "{\"" + times(n, "\\u0041") + "\":0}"; },
       read_members},
      {"an array", [](auto n) { return "{\"a\":[" + times(n, "0,") + "0]}"; }, read_members},
      {"deep", [](auto n) { return times(n, "["); }, read_members},
      {"secrets", [](auto n) { return "{" + times(n, "\"api_key\":\"sk-ant-x\",") + "}"; },
       write_out},
      {"quotes", [](auto n) { return times(n, "\""); }, write_out},
      {"backslashes", [](auto n) { return "{\"" + times(n, "\\"); }, write_out},
      {"names without value", [](auto n) { return times(n, "\"key\""); }, write_out},
      {"a secret in brackets", [](auto n) { return "{\"api_key\":" + times(n, "["); }, write_out},
      {"sk-", [](auto n) { return times(n, "sk-"); }, write_out},
      {"controls", [](auto n) { return times(n, "\x01"); }, write_out},
  };
  for (const Worst& worst : all) {
    if (std::string_view(worst.name) == "deep") {
      check_linear(worst, 200);  // up to 1024
    } else {
      check_linear(worst, 4'096);
    }
  }
}

TEST_CASE("headers about limits are read in proportion to their number", "[steps]") {
  const auto read = [](std::string_view text) {
    Headers headers;
    for (; !text.empty(); text.remove_prefix(text.find('\n') + 1)) {
      headers.add(text.substr(0, text.find('\n')), "2026-01-01T00:00:00Z");
    }
    wire::rate_limit_headers(headers, WallTime{});
    wire::retry_after(headers, WallTime{});
  };
  for (const char* name : {"anthropic-ratelimit-requests-reset\n", "retry-after\n", "x-y\n",
                           "anthropic-ratelimit-unified-reset\n"}) {
    check_linear({name, [=](auto n) { return times(n, name); }, read}, 2'048);
  }
}
