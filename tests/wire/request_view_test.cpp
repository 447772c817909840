#include "wire/request_view.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay::wire;

namespace {

struct Read {
  std::string wrong;
  RequestView view;
  std::string body;

  /// The bytes of each span.
  std::vector<std::string> spans() const {
    std::vector<std::string> out;
    for (const Span& span : view.model_spans) out.push_back(body.substr(span.offset, span.length));
    return out;
  }
  /// The bytes of each thinking block.
  std::vector<std::string> thinking() const {
    std::vector<std::string> out;
    for (const ThinkingBlock& block : view.thinking) {
      out.push_back(body.substr(block.span.offset, block.span.length));
    }
    return out;
  }
  /// The digest of a block's signature.
  std::optional<SignatureDigest> signature(std::size_t index) const {
    return signature_digest(body, view.thinking[index]);
  }
};

Read read(const std::string& body, ReadOptions options = {}) {
  RequestReader reader;
  Read out;
  out.body = body;
  out.wrong = reader.read(out.body, out.view, options);
  CHECK(out.body == body);
  return out;
}

using Texts = std::vector<std::string>;

Read with_messages(const std::string& messages) {
  Read r = read(R"({"messages":)" + messages + R"(,"model":"m"})", {true, true});
  CHECK(r.wrong.empty());
  CHECK(r.view.model == "m");
  return r;
}

std::string turn(const std::string& role, const std::string& content) {
  return R"({"role":")" + role + R"(","content":)" + content + "}";
}

// How a conversation began, by these parts of a body.
std::optional<std::uint64_t> beginning(const std::string& fields) {
  const Read r = read(R"({"model":"m",)" + fields + "}", {true, false});
  CHECK(r.wrong.empty());
  CHECK(r.view.thinking.empty());
  return r.view.conversation;
}

const std::string thought = R"({"type":"thinking","thinking":"hm","signature":"sig"})";

}  // namespace

TEST_CASE("a body's model, stream and user are read", "[wire]") {
  const Read r =
      read(R"({"model":"claude-x","stream":true,"metadata":{"a":1,"user_id":"u1"},"messages":[]})");
  CHECK(r.wrong.empty());
  CHECK(r.view.model == "claude-x");
  CHECK(r.view.stream);
  CHECK(r.view.user_id == "u1");
}

TEST_CASE("the model's span is the value with its quotes", "[wire]") {
  for (const char* body :
       {R"({"model":"m"})", R"({"model":"m" })", "{\"model\" :\t\"m\"\r\n , \"a\":\"}\"}",
        R"({"a":"model","model":"m","b":"m"})", R"({"a":[{"model":"x"}],"model":"m"})",
        " \n{\"model\":\"m\"}\n ", "{\"a\":\"\xC3\xBC\\u00fc\\\"\",\"model\":\"m\"}"}) {
    INFO(body);
    const Read r = read(body);
    CHECK(r.wrong.empty());
    CHECK(r.view.model == "m");
    CHECK(r.spans() == Texts{"\"m\""});
  }
}

TEST_CASE("the span of a model with escapes is exact", "[wire]") {
  const Read r = read(R"({"model" : "a\"b\\\u0063\\" , "x":"y"})");
  CHECK(r.view.model == "a\"b\\c\\");
  CHECK(r.spans() == Texts{R"("a\"b\\\u0063\\")"});
}

TEST_CASE("the span of a model longer than a parser's block is exact", "[wire]") {
  const std::string model(300, 'm');
  const Read r = read(R"({"x":1,"model":")" + model + R"("  ,"y":2})");
  CHECK(r.spans() == Texts{"\"" + model + "\""});
}

TEST_CASE("an escaped key that spells model is the model", "[wire]") {
  const Read r = read(R"({"mod\u0065l":"m","a":1})");
  CHECK(r.wrong.empty());
  CHECK(r.view.model == "m");
  CHECK(r.spans() == Texts{"\"m\""});
}

TEST_CASE("every one of several models is found, and the last counts", "[wire]") {
  const Read r = read(R"({"model":"first","a":{"model":"inner"},"\u006dodel": "last" })");
  CHECK(r.view.model == "last");
  CHECK(r.spans() == Texts{"\"first\"", "\"last\""});
}

TEST_CASE("a nested model is none of the relay's business", "[wire]") {
  const Read r = read(R"({"a":{"model":"inner"},"tools":[{"model":1}]})");
  CHECK(r.wrong == "the body names no \"model\"");
}

TEST_CASE("numbers of any size are let be", "[wire]") {
  const Read r =
      read(R"({"a":123456789012345678901234567890,"b":1e400,"c":-0.0,"d":1E-999,"model":"m"})");
  CHECK(r.wrong.empty());
  CHECK(r.view.model == "m");
}

TEST_CASE("stream is true only when it says so", "[wire]") {
  for (const char* body :
       {R"({"model":"m"})", R"({"model":"m","stream":false})", R"({"model":"m","stream":null})",
        R"({"model":"m","stream":"true"})", R"({"model":"m","a":{"stream":true}})"}) {
    INFO(body);
    const Read r = read(body);
    CHECK(r.wrong.empty());
    CHECK_FALSE(r.view.stream);
  }
}

TEST_CASE("max_tokens is read where it is a whole number", "[wire]") {
  struct Case {
    const char* value;
    std::optional<std::uint64_t> tokens;
  };
  const Case cases[] = {{"8", 8},
                        {"64000", 64000},
                        {"0", 0},
                        {"-1", {}},
                        {"8.5", {}},
                        {"\"8\"", {}},
                        {"null", {}},
                        {"[8]", {}},
                        {"{\"a\":8}", {}},
                        {"18446744073709551615", 18446744073709551615u},
                        {"18446744073709551616", {}}};
  for (const auto& [value, tokens] : cases) {
    INFO(value);
    const Read r = read(std::string(R"({"max_tokens":)") + value + R"(,"model":"m"})");
    CHECK(r.wrong.empty());
    CHECK(r.view.model == "m");
    CHECK(r.view.max_tokens == tokens);
  }
}

TEST_CASE("something to be cached is found wherever the API takes it, if anybody looks", "[wire]") {
  const std::string it = R"("cache_control":{"type":"ephemeral"})";
  const std::string text = R"({"type":"text","text":"t",)" + it + "}";
  const std::string places[] = {
      it,
      R"("system":[)" + text + "]",
      R"("tools":[{"name":"a","input_schema":{"type":"object"}},{"name":"b",)" + it + "}]",
      R"("messages":[)" + turn("user", "[" + text + "]") + "]",
      R"("messages":[)" + turn("user", R"("hi")") + "," + turn("assistant", "[" + text + "]") + "]",
      R"("messages":[)" + turn("user", R"("hi")") + "," + turn("assistant", R"("so")") + "," +
          turn("user", R"([{"type":"tool_result","content":[]},)" + text + "]") + "]",
      R"("messages":[{"content":[{"cache\u005fcontrol":{}}],"role":"user"}])",
  };
  for (const std::string& place : places) {
    for (const bool conversation : {false, true}) {
      for (const bool thinking : {false, true}) {
        INFO(place << conversation << thinking);
        const std::string body = R"({"model":"m",)" + place + "}";
        const Read r = read(body, {conversation, thinking, true});
        CHECK(r.wrong.empty());
        CHECK(r.view.caches);
        CHECK_FALSE(read(body, {conversation, thinking, false}).view.caches);
      }
    }
  }
}

TEST_CASE("what only looks like something to be cached is none", "[wire]") {
  const std::string places[] = {
      R"("messages":[])",
      R"("cache_control":null)",
      R"("system":"\"cache_control\":{}")",
      R"("system":[{"type":"text","text":"cache_control","cache_control":null}])",
      R"("tools":[{"name":"a","input_schema":{"properties":{"cache_control":{}}}}])",
      R"("messages":[{"role":"user","content":[{"type":"tool_use","input":{"cache_control":{}}}]}])",
      R"("messages":[{"role":"user","content":"cache_control"}],"tools":7,"metadata":{"cache_control":{}})",
  };
  for (const std::string& place : places) {
    INFO(place);
    const Read r = read(R"({"model":"m",)" + place + "}", {true, true, true});
    CHECK(r.wrong.empty());
    CHECK_FALSE(r.view.caches);
  }
}

TEST_CASE("looking for what is cached does not change what else is read", "[wire]") {
  const std::string body = R"({"model":"m","system":[{"type":"text","text":"you"}],"messages":[)" +
                           turn("user", R"([{"type":"text","text":"hi","cache_control":{}}])") +
                           "," + turn("assistant", "[" + thought + "]") + "," +
                           turn("user", R"("on")") + "]}";
  const Read with = read(body, {true, true, true});
  const Read without = read(body, {true, true, false});
  CHECK(with.view.caches);
  CHECK(with.view.conversation == without.view.conversation);
  CHECK(with.view.answered);
  CHECK(with.thinking() == without.thinking());
  CHECK(with.thinking().size() == 1);
}

TEST_CASE("that a conversation has gone on is seen whether or not thinking is read", "[wire]") {
  const std::string first = R"({"model":"m","messages":[)" + turn("user", R"("hi")");
  for (const bool thinking : {false, true}) {
    CHECK_FALSE(read(first + "]}", {true, thinking}).view.answered);
    const std::string more = "," + turn("assistant", R"("so")") + "," + turn("user", R"("on")");
    CHECK(read(first + more + "]}", {true, thinking}).view.answered);
  }
}

TEST_CASE("metadata of an odd shape is no mistake", "[wire]") {
  for (const char* body :
       {R"({"metadata":null,"model":"m"})", R"({"metadata":[1],"model":"m"})",
        R"({"metadata":{"user_id":7},"model":"m"})", R"({"metadata":{},"model":"m"})"}) {
    INFO(body);
    const Read r = read(body);
    CHECK(r.wrong.empty());
    CHECK(r.view.model == "m");
    CHECK(r.view.user_id.empty());
  }
}

TEST_CASE("a missing or empty model is named", "[wire]") {
  CHECK(read("{}").wrong == "the body names no \"model\"");
  CHECK(read(R"({"messages":[]})").wrong == "the body names no \"model\"");
  CHECK(read(R"({"model":""})").wrong == "the body names no \"model\"");
}

TEST_CASE("a model that is no string is named", "[wire]") {
  for (const char* body : {R"({"model":1})", R"({"model":null})", R"({"model":["m"]})",
                           R"({"model":{"id":"m"}})", R"({"model":true})"}) {
    INFO(body);
    CHECK(read(body).wrong == "the body must be a JSON object whose \"model\" is a string");
  }
}

TEST_CASE("a body that is no object is named", "[wire]") {
  for (const char* body : {"[]", R"("model")", "[{\"model\":\"m\"}]"}) {
    INFO(body);
    CHECK(read(body).wrong == "the body must be a JSON object whose \"model\" is a string");
  }
}

TEST_CASE("a body that is no JSON is refused", "[wire]") {
  const std::string prefix = "the body is not valid JSON: ";
  for (const char* body :
       {"", " ", "{", "{\"model\":\"m\"", "{\"model\":\"m}", "{\"model\" \"m\"}",
        "{\"model\":\"m\",}", "{model:\"m\"}", "{'model':'m'}", "{\"model\":\"\\x\"}",
        "{\"model\":\"\xFF\"}", "{\"model\":\"m\"}}", "{\"model\":\"m\"} x",
        "{\"model\":\"m\"}{\"model\":\"n\"}", "nothing at all"}) {
    INFO(body);
    const std::string wrong = read(body).wrong;
    const bool refused = wrong.compare(0, prefix.size(), prefix) == 0 ||
                         wrong == "the body must be a JSON object whose \"model\" is a string";
    CHECK(refused);
  }
}

TEST_CASE("a reader goes on after a broken body", "[wire]") {
  RequestReader reader;
  RequestView broken, good;
  std::string body = "{\"model\":";
  CHECK_FALSE(reader.read(body, broken).empty());
  body = R"({"model":"m"})";
  CHECK(reader.read(body, good).empty());
  CHECK(good.model == "m");
}

TEST_CASE("a body of several megabytes is read, and a small one after it", "[wire]") {
  RequestReader reader;
  RequestView large, small;
  std::string body = R"({"messages":[")" + std::string(3 << 20, 'x') + R"("],"model":"m"})";
  CHECK(reader.read(body, large).empty());
  REQUIRE(large.model_spans.size() == 1);
  CHECK(large.model_spans[0].offset == body.size() - 4);
  CHECK(large.model_spans[0].length == 3);
  body = R"({"model":"n"})";
  CHECK(reader.read(body, small).empty());
  CHECK(small.model == "n");
}

TEST_CASE("thinking blocks of the assistant are found", "[wire]") {
  const std::string redacted = R"({"type":"redacted_thinking","data":"opaque"})";
  const std::string text = R"({"type":"text","text":"\"thinking\""})";
  const Read r = with_messages(
      "[" + turn("user", R"("hi")") + "," + turn("assistant", "[" + thought + "," + text + "]") +
      "," + turn("system", R"("be brief")") + "," + turn("user", "[" + text + "]") + "," +
      turn("assistant", "[" + text + "," + redacted + "," + thought + "]") + "," +
      turn("assistant", R"("ok")") + "]");
  CHECK(r.thinking() == Texts{thought, redacted, thought});
  REQUIRE(r.view.thinking.size() == 3);
  CHECK(r.signature(0) == signature_digest("sig"));
  CHECK(r.signature(1) == signature_digest("opaque"));
  CHECK(r.signature(2) == signature_digest("sig"));
}

TEST_CASE("thinking is found wherever white space and members stand", "[wire]") {
  for (const std::string& block :
       {std::string("{ \"signature\" : \"sig\" ,\n\"a\":{\"b\":[{}]},\"type\"\t:\r\"thinking\"\n}"),
        std::string(R"({"thinking":"}],{\"\\","signature":"sig","type":"thinking"})"),
        std::string(R"({"type":"th\u0069nking","sign\u0061ture":"s\u0069g"})"),
        std::string(R"({"signature":"old","type":"thinking","signature":"sig","b":{}})")}) {
    INFO(block);
    for (const char* space : {"", " \n\t "}) {
      const Read r = with_messages(std::string("[ {\"content\" : [") + space + block + space + "," +
                                   block + space + "], \"role\": \"assistant\"}" + space + "]");
      CHECK(r.thinking() == Texts{block, block});
      CHECK(r.signature(0) == signature_digest("sig"));
      CHECK(r.signature(1) == signature_digest("sig"));
    }
  }
}

TEST_CASE("only the assistant thinks", "[wire]") {
  for (const char* role : {"user", "system", "", "Assistant"}) {
    INFO(role);
    CHECK(with_messages("[" + turn(role, "[" + thought + "]") + "]").thinking().empty());
    CHECK(with_messages(R"([{"content":[)" + thought + R"(],"role":")" + role + "\"}]")
              .thinking()
              .empty());
  }
  CHECK(with_messages(R"([{"content":[)" + thought + "]}]").thinking().empty());
  CHECK(with_messages("[" + turn("assistant", R"([{"type":"tool_use","input":)" + thought + "}]") +
                      "]")
            .thinking()
            .empty());
}

TEST_CASE("thinking without a usable signature has none", "[wire]") {
  for (const std::string& block :
       {std::string(R"({"type":"thinking","thinking":"hm"})"),
        std::string(R"({"type":"thinking","signature":""})"),
        std::string(R"({"type":"thinking","signature":7})"),
        std::string(R"({"type":"thinking","signature":null,"data":"x"})"),
        std::string(R"({"type":"thinking","signature":"\ud800"})"),
        std::string(R"({"type":"redacted_thinking","signature":"x"})")}) {
    INFO(block);
    const Read r = with_messages("[" + turn("assistant", "[" + block + "]") + "]");
    CHECK(r.thinking() == Texts{block});
    REQUIRE(r.view.thinking.size() == 1);
    CHECK_FALSE(r.signature(0));
  }
}

TEST_CASE("what is no message or no block is passed over", "[wire]") {
  for (const std::string& odd :
       {std::string("null"), std::string("7"), std::string(R"("thinking")"), std::string("[]"),
        std::string("{}"), "[" + thought + "]", thought, std::string(R"({"type":7})"),
        std::string(R"({"type":["thinking"]})"), std::string(R"({"content":)" + thought + "}"),
        std::string(R"({"role":"assistant"})"), std::string(R"({"role":7,"content":[]})"),
        std::string(R"({"\ud800":1,"role":"assistant"})"), std::string("[[[[]]],{\"a\":[{}]}]")}) {
    INFO(odd);
    const std::string good = turn("user", R"("hi")") + "," + turn("assistant", "[" + thought + "]");
    const auto is_last = [&](const Read& r) {
      return r.thinking() == Texts{thought} && r.view.conversation.has_value();
    };
    CHECK(is_last(with_messages("[" + odd + "," + good + "]")));
    CHECK(is_last(with_messages("[" + turn("assistant", odd == thought ? "{}" : "[[" + odd + "]]") +
                                "," + good + "]")));
    with_messages(odd);
    with_messages("[" + turn("assistant", "[" + odd + "]") + "]");
    CHECK(beginning(R"("system":)" + odd + R"(,"messages":[)" + good + "]").has_value());
    CHECK(beginning(R"("system":[)" + odd + R"(],"messages":[)" + good + "]").has_value());
  }
}

TEST_CASE("thinking is read only when it is wanted", "[wire]") {
  const std::string body =
      R"({"model":"m","messages":[)" + turn("assistant", "[" + thought + "]") + "]}";
  CHECK(read(body).view.thinking.size() == 1);
  CHECK(read(body, {false, false}).view.thinking.empty());
  CHECK_FALSE(read(body).view.conversation);
}

TEST_CASE("the parameter of that name is no thinking", "[wire]") {
  const Read r = read(R"({"model":"m","thinking" :{"type":"adaptive"},"messages":[]})");
  CHECK(r.wrong.empty());
  CHECK(r.view.thinking.empty());
}

TEST_CASE("messages with broken syntax are refused where they are read", "[wire]") {
  const std::string prefix = "the body is not valid JSON: ";
  const std::string good = R"({"model":"m","messages":[)" + turn("user", R"("hi")") + "," +
                           turn("assistant", "[" + thought + "]") + R"(],"a":1})";
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    const std::string wrong = read(good.substr(0, cut), {true, true}).wrong;
    INFO(cut);
    const bool refused = wrong.compare(0, prefix.size(), prefix) == 0 ||
                         wrong == "the body must be a JSON object whose \"model\" is a string";
    CHECK(refused);
  }
  for (std::size_t at = 0; at < good.size(); ++at) {
    // Whatever becomes of it, nothing is read where there is nothing.
    for (const char c : {'{', '}', '[', ']', ',', ':', '"', '\\', ' ', 'x', '\0'}) {
      std::string broken = good;
      broken[at] = c;
      const Read r = read(broken, {true, true});
      for (const ThinkingBlock& block : r.view.thinking) {
        CHECK(block.span.offset + block.span.length <= broken.size());
      }
    }
  }
}

TEST_CASE("a conversation is known by its system prompt and its first user message", "[wire]") {
  const auto known = beginning(R"("system":"be","messages":[{"role":"user","content":"hi"}])");
  REQUIRE(known);
  for (
      const char* same :
      {R"("messages":[{"role":"user","content":"hi"}],"system":"be")",
       R"("system":"be","messages":[{"content":"hi","role":"user"},{"role":"assistant","content":"so"},)"
       R"({"role":"user","content":"and?"}])",
       R"("system":[{"type":"text","text":"be","cache_control":{"type":"ephemeral"}}],"messages":[)"
       R"({"role":"system","content":"now"},)"
       R"({"role":"user","content":[{"cache_control":{"type":"ephemeral"},"text":"hi","type":"text"}]}])",
       R"("system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=2; abc"},)"
       R"({"type":"text","text":"be"}],"messages":[{"role":"user","content":"hi"}],"tools":[{}])"}) {
    INFO(same);
    CHECK(beginning(same) == known);
  }
  for (const char* other :
       {R"("system":"be","messages":[{"role":"user","content":"ho"}])",
        R"("system":"bee","messages":[{"role":"user","content":"hi"}])",
        R"("system":"hi","messages":[{"role":"user","content":"be"}])",
        R"("messages":[{"role":"user","content":"hi"}])",
        R"("system":"be","messages":[{"role":"user","content":[{"type":"text","text":"h"},)"
        R"({"type":"text","text":"i"}]}])",
        R"("system":"be","messages":[{"role":"user","content":"hi\n"}])"}) {
    INFO(other);
    CHECK(beginning(other) != known);
  }
}

TEST_CASE("a conversation without a first user message that has text is not known", "[wire]") {
  for (const char* body :
       {R"("system":"be")", R"("system":"be","messages":[])", R"("system":"be","messages":null)",
        R"("system":"be","messages":[{"role":"assistant","content":"hi"}])",
        R"("system":"be","messages":[{"role":"user","content":""}])",
        R"("system":"be","messages":[{"role":"user","content":[{"type":"image","source":{}}]},)"
        R"({"role":"user","content":"later"}])"}) {
    INFO(body);
    CHECK_FALSE(beginning(body));
  }
}

TEST_CASE("a text that can't be decoded tells conversations apart too", "[wire]") {
  // Clients cut texts within surrogate pairs.
  const auto one = beginning(R"("messages":[{"role":"user","content":"\ud83d one"}])");
  const auto two = beginning(R"("messages":[{"role":"user","content":"\ud83d two"}])");
  REQUIRE(one);
  CHECK(one != two);
  CHECK(beginning(R"("system":"\udc00","messages":[{"role":"user","content":"hi"}])"));
}

TEST_CASE("a first message is read to its end when it is long", "[wire]") {
  const std::string text(200'000, 'x');
  const auto of = [](const std::string& content) {
    return beginning(R"("messages":[{"role":"user","content":")" + content + "\"}]");
  };
  CHECK(of(text) == of(text));
  CHECK(of(text + "a") != of(text + "b"));
}

TEST_CASE("where the turns stand is known in each dialect, wherever the member is", "[wire]") {
  struct Row {
    ccrelay::Dialect dialect;
    std::string name, turns;
  };
  const Row rows[] = {
      {ccrelay::Dialect::anthropic, "messages", R"([{"role":"user","content":"hi"}])"},
      {ccrelay::Dialect::chat, "messages", R"([{"role":"user","content":"hi"}])"},
      {ccrelay::Dialect::responses, "input", R"("hi")"},
      {ccrelay::Dialect::responses, "input", R"([{"role":"user","content":"hi"}])"},
      {ccrelay::Dialect::gemini, "contents", R"([{"role":"user","parts":[{"text":"hi"}]}])"},
  };
  for (const Row& row : rows) {
    for (const bool conversation : {false, true}) {
      CAPTURE(row.name, conversation);
      const std::string other = row.name == "input" ? "messages" : "input";
      const Read r = read("{\"" + other + R"(":["no"],"model":"m",")" + row.name +
                              "\": " + row.turns + R"(,"metadata":[]})",
                          {conversation, true, false, row.dialect});
      CHECK(r.wrong.empty());
      REQUIRE(r.view.turns_at);
      CHECK(r.body.substr(*r.view.turns_at, row.turns.size()) == row.turns);
      CHECK_FALSE(read(R"({"model":"m"})", {conversation, true, false, row.dialect}).view.turns_at);
    }
  }
}
