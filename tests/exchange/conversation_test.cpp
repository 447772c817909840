#include "exchange/conversation.hpp"

#include <optional>
#include <string>

#include "base/stable_hash.hpp"
#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::exchange;

namespace {

/// A request as the front leaves it, read.
struct Read {
  Read(Dialect dialect, const Headers& headers, const std::string& body,
       const std::string& in_path = {}) {
    request.dialect = dialect;
    request.head.headers = headers;
    request.body = body;
    request.view.model = in_path;
    request.view.stream = !in_path.empty();
    wire::RequestReader reader;
    wrong = read_request(reader, routing, request);
  }
  RoutingConfig routing;
  ClientRequest request;
  std::string wrong;
};

const std::string chat_body =
    R"({"model":"m","prompt_cache_key":"cached","messages":[{"role":"user","content":"U"}]})";
const std::string plain_body = R"({"model":"m","messages":[{"role":"user","content":"U"}]})";

}  // namespace

TEST_CASE("a conversation is known by what its client calls it", "[exchange]") {
  struct Case {
    Dialect dialect;
    Headers headers;
    std::string body;
    const char* called;
  };
  const Case cases[] = {
      {Dialect::chat, {{"session-id", "codex"}}, chat_body, "codex"},
      {Dialect::responses, {{"X-Session-Id", "opencode"}}, chat_body, "opencode"},
      {Dialect::chat, {{"x-claude-code-session-id", "cc"}, {"session-id", "x"}}, chat_body, "cc"},
      {Dialect::chat, {}, chat_body, "cached"},
      {Dialect::anthropic, {}, R"({"model":"m","metadata":{"user_id":"u"},"messages":[]})", "u"},
  };
  for (const Case& one : cases) {
    INFO(one.called);
    const Read read(one.dialect, one.headers, one.body);
    CHECK(read.wrong.empty());
    CHECK(read.request.conversation == base::stable_hash(one.called));
    CHECK_FALSE(read.request.begins);
  }
  // In Anthropic's dialect those headers and that member mean nothing.
  const Read other(Dialect::anthropic, {{"session-id", "x"}, {"x-session-id", "y"}}, chat_body);
  const Read same(Dialect::anthropic, {}, plain_body);
  REQUIRE(same.request.conversation);
  CHECK(other.request.conversation == same.request.conversation);
  CHECK(other.request.begins);
}

TEST_CASE("else by how it began, in every dialect", "[exchange]") {
  CHECK(Read(Dialect::chat, {}, plain_body).request.begins);
  const Read later(Dialect::chat, {},
                   R"({"model":"m","messages":[{"role":"user","content":"U"},
                     {"role":"assistant","content":"A"}]})");
  CHECK(later.request.conversation == Read(Dialect::chat, {}, plain_body).request.conversation);
  CHECK_FALSE(later.request.begins);
  Read gemini(Dialect::gemini, {}, R"({"contents":[{"parts":[{"text":"U"}]}]})", "g");
  CHECK(gemini.wrong.empty());
  CHECK(gemini.request.conversation);
  CHECK(gemini.request.view.model == "g");
  CHECK(gemini.request.view.stream);
}

TEST_CASE("a Gemini client's path says what its body does not", "[exchange]") {
  const Read named(Dialect::gemini, {}, R"({"model":"other","stream":false,"contents":[]})", "g");
  CHECK(named.wrong.empty());
  CHECK(named.request.view.model == "g");
  CHECK(named.request.view.stream);
  CHECK(named.request.view.model_spans.empty());
  // What else is wrong with it others say, who know its words.
  CHECK(Read(Dialect::gemini, {}, "no JSON", "g").wrong.empty());
  CHECK_FALSE(Read(Dialect::chat, {}, "no JSON").wrong.empty());
  CHECK(Read(Dialect::responses, {}, R"({"input":"x"})").wrong == "the body names no \"model\"");
}
