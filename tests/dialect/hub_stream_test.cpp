#include "dialect/hub_stream.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay::dialect;

namespace {

// The data of each event, one a line.
std::string data_of(const std::string& stream) {
  std::string out;
  for (std::size_t at = 0; (at = stream.find("data: ", at)) != std::string::npos;) {
    at += 6;
    const std::size_t end = stream.find('\n', at);
    out += stream.substr(at, end - at) + "\n";
    at = end;
  }
  return out;
}

}  // namespace

TEST_CASE("a block ends when another kind begins, and indexes count up by one", "[dialect]") {
  HubStream hub;
  std::string out;
  hub.start("msg_1", "m", out);
  CHECK(data_of(out) ==
        R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant",)"
        R"("model":"m","content":[],"stop_reason":null,"stop_sequence":null,)"
        R"("usage":{"input_tokens":0,"output_tokens":0}}})"
        "\n");
  out.clear();
  hub.thinking("hm", out);
  CHECK(hub.thinks());
  hub.sign("sig", out);
  CHECK_FALSE(hub.thinks());
  hub.text("a", out);
  hub.text("b", out);
  hub.finish("end_turn", "{}", out);
  CHECK(
      data_of(out) ==
      R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}
{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}
{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"sig"}}
{"type":"content_block_stop","index":0}
{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}
{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"a"}}
{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"b"}}
{"type":"content_block_stop","index":1}
{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{}}
{"type":"message_stop"}
)");
}

TEST_CASE("what begins while a call's arguments are not whole waits behind it", "[dialect]") {
  HubStream hub;
  std::string out;
  const std::size_t first = hub.call("a", "f", 0, out);
  hub.arguments(first, R"({"x":")", out);
  out.clear();
  const std::size_t second = hub.call("b", "g", 1, out);
  hub.arguments(second, "{}", out);
  hub.text("then", out);
  CHECK(out.empty());
  // And what tells of a block.
  CHECK(hub.waiting_bytes() > 2 * (6 + 2));
  hub.arguments(first, R"(}"} and more)", out);
  CHECK(
      data_of(out) ==
      R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"}\"}"}}
{"type":"content_block_stop","index":0}
{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"b","name":"g","input":{}}}
{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{}"}}
{"type":"content_block_stop","index":1}
{"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}}
{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"then"}}
)");
  CHECK(hub.waiting_bytes() == 0);
}

TEST_CASE("calls that wait at the end are told in the order they have", "[dialect]") {
  HubStream hub;
  std::string out;
  hub.arguments(hub.call("a", "f", 0, out), "{", out);
  hub.arguments(hub.call("c", "f", 2, out), "{}", out);
  hub.arguments(hub.call("b", "f", 1, out), "{}", out);
  hub.finish("tool_use", "{}", out);
  const std::size_t a = out.find(R"("id":"a")");
  const std::size_t b = out.find(R"("id":"b")");
  const std::size_t c = out.find(R"("id":"c")");
  REQUIRE(c != std::string::npos);
  CHECK(a < b);
  CHECK(b < c);
  CHECK(hub.calls() == 3);
}

TEST_CASE("a signature without thinking, and a block that comes whole, are blocks of their own",
          "[dialect]") {
  HubStream hub;
  std::string out;
  hub.sign("s", out);
  hub.whole_block(R"({"type":"redacted_thinking","data":"x"})", out);
  CHECK(
      data_of(out) ==
      R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}
{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}}
{"type":"content_block_stop","index":0}
{"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"x"}}
{"type":"content_block_stop","index":1}
)");
}
