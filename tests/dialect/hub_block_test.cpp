#include "dialect/hub_block.hpp"

#include <string>
#include <vector>

#include "catch.hpp"
#include "dialect/chat_request.hpp"
#include "dialect/from_gemini.hpp"
#include "dialect/hub_turns.hpp"
#include "dialect/json_out.hpp"
#include "dialect/responses_request.hpp"

using namespace ccrelay::dialect;
using ccrelay::wire::JsonScan;

namespace {

const std::string long_text = "a long line, " + std::string(80, 'x') + R"( that says \"hi\"\n)";

std::string written(const HubBlock& block) {
  std::string out;
  JsonOut json(out);
  block.write(json);
  return out;
}

std::string marked(const HubBlock& block) {
  std::string out;
  JsonOut json(out);
  block.write_marked(json);
  return out;
}

// A result and a call with long strings, and a system prompt, as each client says them.
std::string conversation(Dialect client) {
  const std::string text = '"' + long_text + '"';
  switch (client) {
    case Dialect::chat:
      return R"({"model":"m","messages":[{"role":"system","content":)" + text +
             R"(},{"role":"user","content":[{"type":"text","text":)" + text +
             R"(}]},{"role":"assistant","content":)" + text +
             R"(,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"n\":1}"}}]},)"
             R"({"role":"tool","tool_call_id":"1","content":)" +
             text + "}]}";
    case Dialect::responses:
      return R"({"model":"m","instructions":)" + text +
             R"(,"input":[{"role":"user","content":[{"type":"input_text","text":)" + text +
             R"(}]},{"role":"assistant","content":)" + text +
             R"(},{"type":"function_call","call_id":"1","name":"f","arguments":"{\"n\":1}"},)"
             R"({"type":"function_call_output","call_id":"1","output":)" +
             text + "}]}";
    default:
      return R"({"systemInstruction":{"parts":[{"text":)" + text +
             R"(}]},"contents":[{"role":"user","parts":[{"text":)" + text +
             R"(}]},{"role":"model","parts":[{"text":)" + text +
             R"(},{"functionCall":{"id":"1","name":"f","args":{"n":1}}}]},)"
             R"({"role":"user","parts":[{"functionResponse":{"id":"1","name":"f","response":{"output":)" +
             text + "}}}]}]}";
  }
}

Translation to_hub(Dialect client, const std::string& body) {
  TranslateOptions options;
  options.model = "m";
  return client == Dialect::chat        ? from_chat_request(body, options)
         : client == Dialect::responses ? from_responses_request(body, options)
                                        : from_gemini_request(body, options);
}

std::vector<JsonScan::Extent> extents_of(const std::string& text, const KnownStrings* known) {
  std::vector<JsonScan::Extent> extents;
  JsonScan scan(text);
  if (known) scan.know(*known);
  scan.record(extents);
  scan.skip_value();
  CHECK(scan.error().empty());
  CHECK(scan.at_end());
  return extents;
}

}  // namespace

TEST_CASE("a block is written as if it were put together piece by piece") {
  const std::string text = R"({"a":")" + long_text + R"(","b":{ "c" : 1 }})";
  JsonIndex index;
  const Json json = index.read(text);
  const std::string string = '"' + long_text + '"';
  HubBlock words{Words(json["a"])};
  CHECK(written(words) == string);
  words.wrap(R"({"x":)", "}");
  CHECK(written(words) == R"({"x":)" + string + "}");
  words.wrap("[", "]");
  CHECK(written(words) == R"([{"x":)" + string + "}]");
  HubBlock whole(json["b"]);
  CHECK(written(whole) == R"({ "c" : 1 })");
  whole.wrap(R"({"y":)", R"(,"z":1})");
  CHECK(written(whole) == R"({"y":{ "c" : 1 },"z":1})");
  CHECK(written(block_of_text(Words(json["a"]))) == text_block(Words(json["a"])));
  CHECK(written(array_of_blocks({})) == "[]");
  CHECK(written(array_of_blocks({HubBlock(json["a"])})) == "[" + string + "]");
  CHECK(written(array_of_blocks({HubBlock(json["a"]), HubBlock(std::string("{}"))})) ==
        "[" + string + ",{}]");
  CHECK(HubBlock().empty());
  CHECK_FALSE(HubBlock(Words()).empty());
  CHECK_FALSE(HubBlock(json["b"]).empty());
}

TEST_CASE("a block is marked for the cache as its text would be, whatever it is made of") {
  const std::string text = R"({"a":")" + long_text + R"(","b":{ "c\u0064" : [1, 2] },"e":""})";
  JsonIndex index;
  const Json json = index.read(text);
  const Json unknown(text);
  HubBlock result(json["b"]);
  result.wrap(R"({"content":)", "}");
  for (const HubBlock& block :
       {HubBlock(json), HubBlock(unknown), HubBlock(json["b"]), HubBlock(std::string("{}")),
        block_of_text(Words(json["a"])), block_of_text(Words(json["e"])), result}) {
    CHECK(marked(block) == with_cache_mark(written(block)));
  }
}

TEST_CASE("what a reader copied into the hub is found as if it were looked at again") {
  for (const Dialect client : {Dialect::chat, Dialect::responses, Dialect::gemini}) {
    CAPTURE(to_string(client));
    const Translation hub = to_hub(client, conversation(client));
    REQUIRE(std::holds_alternative<Translated>(hub));
    const Translated& translated = std::get<Translated>(hub);
    REQUIRE(translated.known.size() == 4);
    for (const JsonScan::Span& span : translated.known)
      CHECK(translated.body.substr(span.begin, span.end - span.begin) == '"' + long_text + '"');
    const auto looked = extents_of(translated.body, nullptr);
    const auto known = extents_of(translated.body, &translated.known);
    REQUIRE(known.size() == looked.size());
    for (std::size_t i = 0; i < known.size(); ++i) {
      CAPTURE(i);
      CHECK(known[i].begin == looked[i].begin);
      CHECK(known[i].end == looked[i].end);
      CHECK(known[i].inside == looked[i].inside);
      CHECK(known[i].clean == looked[i].clean);
    }
  }
}

TEST_CASE("a string that is known is not looked at") {
  // A control character shows who looks.
  const std::string text = R"({"a":")" + std::string(80, '\x01') + R"(","b":1})";
  CHECK_FALSE(Json::read(text));
  const KnownStrings known{{5, 5 + 82}};
  JsonIndex index;
  const Json json = index.read(text, nullptr, &known);
  REQUIRE(json);
  CHECK(json["a"].is_clean());
  CHECK(json["a"].raw().size() == 82);
  CHECK(json["b"].integer() == 1);
}
