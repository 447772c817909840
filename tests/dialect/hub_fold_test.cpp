#include "dialect/hub_fold.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using ccrelay::dialect::message_of_stream;
using ccrelay::dialect::stream_of_message;

namespace {

std::string message(const std::string& blocks) {
  return R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[)" + blocks +
         R"(],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1}})";
}

}  // namespace

TEST_CASE("a message becomes a stream, and the stream the same message") {
  const std::vector<std::string> rows{
      "",
      R"({"type":"text","text":"a\n\"ü"})",
      R"({"type":"text","text":"a","citations":[{"type":"char_location","cited_text":"x"}]})",
      R"({"type":"thinking","thinking":"hm","signature":"S"},{"type":"redacted_thinking","data":"R"})",
      R"({"type":"tool_use","id":"1","name":"f","input":{"b":12345678901234567890,"a":[1.0,1e2]}})",
      R"({"type":"tool_use","id":"1","name":"f","input":{}},{"type":"text","text":"b"})",
      R"({"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"q"}},)"
      R"({"type":"web_search_tool_result","tool_use_id":"s","content":[]})",
  };
  for (const std::string& blocks : rows) {
    INFO(blocks);
    bool failed = true;
    CHECK(message_of_stream(stream_of_message(message(blocks)), &failed) == message(blocks));
    CHECK_FALSE(failed);
  }
}

TEST_CASE("a stream that tells an error, or ends early, is no message") {
  bool failed = false;
  const std::string error = R"({"type":"error","error":{"type":"overloaded_error","message":"x"}})";
  CHECK(message_of_stream("event: error\ndata: " + error + "\n\n", &failed) == error);
  CHECK(failed);
  const std::string stream = stream_of_message(message(R"({"type":"text","text":"a"})"));
  const std::string cut = stream.substr(0, stream.find("event: message_stop"));
  CHECK(
      message_of_stream(cut, &failed) ==
      R"({"type":"error","error":{"type":"api_error","message":"the provider's stream ended early"}})");
  CHECK(failed);
}

TEST_CASE("what a stream tells of usage at its end is put over what it told first") {
  std::string stream = stream_of_message(message(""));
  const std::string last = R"("usage":{"input_tokens":1}}
)";
  const std::string later = R"("usage":{"output_tokens":7,"cache_read_input_tokens":null}}
)";
  const std::size_t at = stream.rfind(last);
  REQUIRE(at != std::string::npos);
  stream.replace(at, last.size(), later);
  const std::string folded = message_of_stream(stream);
  CHECK(folded.find(R"("usage":{"input_tokens":1,"output_tokens":7})") != std::string::npos);
}

TEST_CASE("what is no message becomes a stream that fails") {
  CHECK(stream_of_message("[1]").substr(0, 12) == "event: error");
}
