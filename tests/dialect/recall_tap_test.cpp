#include "dialect/recall_tap.hpp"

#include <string>
#include <vector>

#include "catch.hpp"
#include "dialect/hub_fold.hpp"
#include "dialect/tags.hpp"

using namespace ccrelay::dialect;

namespace {

const std::string issuer = "0123456789ab";

std::string data_of(std::string_view tag) {
  const auto read = read_tag(tag);
  return read ? std::string(to_string(read->dialect)) + " " + read->issuer + " " + read->data
              : "no tag: " + std::string(tag);
}

// A line for each call: its id, and what is in each of its tags.
std::string lines_of(std::vector<RecallTap::Told> told) {
  std::string out;
  for (const RecallTap::Told& each : told) {
    out += each.call_id + ":";
    for (const std::string_view tag : tags_in(each.tags)) out += " " + data_of(tag);
    out += '\n';
  }
  return out;
}

std::string message_with(const std::string& blocks) {
  return R"({"type":"message","id":"m","role":"assistant","model":"x","content":[)" + blocks +
         R"(],"stop_reason":"tool_use","stop_sequence":null,"usage":{}})";
}

// As JSON, as one piece of a stream, and as a stream that is cut after every byte: all the same.
std::string learned(const std::string& blocks) {
  RecallTap whole(issuer);
  whole.read(message_with(blocks));
  const std::string lines = lines_of(whole.take());
  const std::string stream = stream_of_message(message_with(blocks));
  RecallTap one(issuer);
  one.feed(stream);
  CHECK(lines_of(one.take()) == lines);
  RecallTap each(issuer);
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t end = stream.find("\n\n", at) + 2;
    each.feed(std::string_view(stream).substr(at, end - at));
    at = end;
  }
  CHECK(lines_of(each.take()) == lines);
  RecallTap cut(issuer);
  for (const char byte : stream) cut.feed({&byte, 1});
  CHECK(lines_of(cut.take()) == lines);
  CHECK(cut.take().empty());
  return lines;
}

std::string thinking(const std::string& text, const std::string& signature) {
  return R"({"type":"thinking","thinking":")" + text + R"(","signature":")" + signature + R"("})";
}

std::string call(const std::string& id) {
  return R"({"type":"tool_use","id":")" + id + R"(","name":"f","input":{"a":1}})";
}

const std::string text = R"({"type":"text","text":"Let me see."})";

}  // namespace

TEST_CASE("the reasoning in front of each call is learned from an answer", "[dialect]") {
  const std::string responses =
      make_tag({Dialect::responses, issuer, R"({"id":"rs_1","encrypted_content":"E"})"});
  const std::string gemini =
      make_tag({Dialect::gemini, issuer, R"({"thoughtSignature":"S","part":"call"})"});
  const std::string gemini_text =
      make_tag({Dialect::gemini, issuer, R"({"thoughtSignature":"S","part":"text"})"});
  const std::string chat = make_tag({Dialect::chat, issuer, R"({"field":"reasoning_content"})"});
  const std::string of_responses =
      R"(responses 0123456789ab {"id":"rs_1","encrypted_content":"E","thinking":"hm"})";
  struct Row {
    const char* what;
    std::string blocks;
    std::string learned;
  };
  const std::vector<Row> rows{
      {"nothing", text, ""},
      {"no reasoning", text + "," + call("c1"), ""},
      {"no call", thinking("hm", responses), ""},
      {"a tag", thinking("hm", responses) + "," + call("c1"), "c1: " + of_responses + "\n"},
      {"text between", thinking("hm", responses) + "," + text + "," + call("c1"),
       "c1: " + of_responses + "\n"},
      {"only the first of parallel calls has it",
       thinking("hm", responses) + "," + call("c1") + "," + call("c2"),
       "c1: " + of_responses + "\n"},
      {"each its own",
       thinking("hm", responses) + "," + call("c1") + "," + thinking("then", chat) + "," +
           call("c2"),
       "c1: " + of_responses +
           "\nc2: chat 0123456789ab "
           "{\"field\":\"reasoning_content\",\"thinking\":\"then\",\"calls\":1}\n"},
      {"behind texts and a call",
       text + "," + thinking("hm", "S") + R"(,{"type":"text","text":"Grüß"},)" + call("c1") + "," +
           thinking("so", "T") + "," + call("c2"),
       "c1: anthropic 0123456789ab {\"signature\":\"S\",\"thinking\":\"hm\",\"behind\":11}\n"
       "c2: anthropic 0123456789ab "
       "{\"signature\":\"T\",\"thinking\":\"so\",\"behind\":15,\"calls\":1}\n"},
      {"Anthropic's own signature", thinking("h\\nm", "Sig==") + "," + call("c1"),
       "c1: anthropic 0123456789ab {\"signature\":\"Sig==\",\"thinking\":\"h\\nm\"}\n"},
      {"redacted and thinking",
       R"({"type":"redacted_thinking","data":"R"},)" + thinking("hm", "S") + "," + call("c1"),
       "c1: anthropic 0123456789ab {\"redacted\":\"R\"} anthropic 0123456789ab "
       "{\"signature\":\"S\",\"thinking\":\"hm\"}\n"},
      {"no signature", thinking("hm", "") + "," + call("c1"), ""},
      {"a signature without text", thinking("", gemini) + "," + call("call_0.a"),
       "call_0.a: gemini 0123456789ab "
       "{\"thoughtSignature\":\"S\",\"part\":\"call\",\"thinking\":\"\"}\n"},
      {"the signature of a text", text + "," + thinking("", gemini_text) + "," + call("c1"), ""},
      {"a call of the provider's own",
       thinking("hm", chat) +
           R"(,{"type":"server_tool_use","id":"s","name":"web_search","input":{}})",
       ""},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    CHECK(learned(row.blocks) == row.learned);
  }
}

TEST_CASE("too much reasoning in front of a call is not kept, that of the next is", "[dialect]") {
  const std::string much(RecallTap::reasoning_bytes_max + 1, 'x');
  const std::string next = "," + thinking("hm", "S") + "," + call("c2");
  const std::string after =
      "c2: anthropic 0123456789ab {\"signature\":\"S\",\"thinking\":\"hm\",\"calls\":1}\n";
  CHECK(learned(thinking(much, "T") + "," + call("c1") + next) == after);
  std::string several = thinking(much.substr(0, 1000), "T");
  for (int i = 0; i < 1000; ++i) several += "," + thinking(much.substr(0, 1000), "T");
  CHECK(learned(several + "," + call("c1") + next) == after);
}

TEST_CASE("an answer that breaks off teaches what was whole of it", "[dialect]") {
  RecallTap tap(issuer);
  const std::string stream = stream_of_message(message_with(
      thinking("hm", "S") + "," + call("c1") + "," + thinking("more", "T") + "," + call("c2")));
  tap.feed(stream.substr(0, stream.find("more")));
  CHECK(lines_of(tap.take()) ==
        "c1: anthropic 0123456789ab {\"signature\":\"S\",\"thinking\":\"hm\"}\n");
  tap.read("no JSON");
  tap.read(R"({"type":"error","error":{"type":"api_error","message":"x"}})");
  CHECK(tap.take().empty());
}
