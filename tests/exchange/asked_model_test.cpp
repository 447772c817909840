#include "exchange/asked_model.hpp"

#include <string>

#include "catch.hpp"

using ccrelay::exchange::with_model;

TEST_CASE("an answer calls itself as the client asked, and stays what it was otherwise") {
  struct Row {
    std::string before, after;
    bool is_stream;
  };
  const std::string rest =
      "event: content_block_delta\r\ndata: {\"type\":\"x\",\"model\":1}\r\n\r\n";
  const Row rows[]{
      {R"({"id":"m", "model" : "glm-5","content":[{"text":"\"model\":\"glm-5\""}]})",
       R"({"id":"m", "model" : "claude \"x\"","content":[{"text":"\"model\":\"glm-5\""}]})", false},
      {R"({"id":"m"})", R"({"id":"m"})", false},
      {"not json \"model\"", "not json \"model\"", false},
      {"event: message_start\ndata: "
       "{\"type\":\"message_start\",\"message\":{\"model\":\"glm-5\"}}\n\n" +
           rest,
       "event: message_start\ndata: "
       "{\"type\":\"message_start\",\"message\":{\"model\":\"claude \\\"x\\\"\"}}\n\n" +
           rest,
       true},
      {": \"model\"\n\ndata:{\"model\":\"a\",\"choices\":[]}\n\ndata: [DONE]\n\n",
       ": \"model\"\n\ndata:{\"model\":\"claude \\\"x\\\"\",\"choices\":[]}\n\ndata: [DONE]\n\n",
       true},
      {"data: {\"type\":\"response.created\",\"response\":{\"model\":\"a\"}}\n\n",
       "data: {\"type\":\"response.created\",\"response\":{\"model\":\"claude \\\"x\\\"\"}}\n\n",
       true},
  };
  for (const Row& row : rows) {
    CHECK(with_model(row.before, row.is_stream, "claude \"x\"") == row.after);
  }
}
