#include "front/endpoint.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay;
using front::Endpoint;
using Kind = Endpoint::Kind;

namespace {

Endpoint asked(const std::string& method, const std::string& target, bool passthrough = true) {
  RequestHead head;
  head.method = method;
  head.target = target;
  return front::endpoint_of(head, passthrough);
}

/// The kind as a word, the dialect as a number's name, and what else there is to say.
std::string told(const Endpoint& endpoint) {
  static constexpr const char* dialects[] = {"anthropic", "bedrock",   "vertex",
                                             "chat",      "responses", "gemini"};
  std::string out;
  switch (endpoint.kind) {
    case Kind::relayed:
      out = endpoint.operation == Operation::messages       ? "message"
            : endpoint.operation == Operation::count_tokens ? "count"
                                                            : "other";
      break;
    case Kind::models:
      out = "models";
      break;
    case Kind::one_model:
      out = "model";
      break;
    case Kind::websocket:
      out = "websocket";
      break;
    case Kind::wrong_method:
      out = "only " + std::string(endpoint.allow);
      break;
    case Kind::dotted:
      out = "dotted";
      break;
    case Kind::unknown:
      out = "unknown";
      break;
    default:
      out = "local";
  }
  out += std::string(" ") + dialects[static_cast<std::size_t>(endpoint.dialect)];
  if (!endpoint.model.empty()) out += " " + endpoint.model;
  if (endpoint.stream) out += " stream";
  if (!endpoint.sse) out += " array";
  return out;
}

}  // namespace

TEST_CASE("each dialect's requests are known by method and path", "[front]") {
  struct Case {
    const char* method;
    const char* target;
    const char* expected;
    const char* word;
  };
  const Case cases[] = {
      {"POST", "/v1/messages", "message anthropic", "messages"},
      {"POST", "/v1/chat/completions", "message chat", "chat"},
      {"POST", "/v1/chat/completions?api-version=1", "message chat", "chat"},
      {"POST", "//v1/chat/%63ompletions/", "message chat", "chat"},
      {"GET", "/v1/chat/completions", "only POST chat", "other"},
      {"POST", "/v1/chat", "unknown chat", "other"},
      {"GET", "/v1/chat/completions/chatcmpl-1", "unknown chat", "other"},
      {"POST", "/v1/responses", "message responses", "responses"},
      {"POST", "/v1/responses/input_tokens", "count responses", "count_tokens"},
      {"GET", "/v1/responses", "websocket responses", "other"},
      {"PUT", "/v1/responses", "only POST responses", "other"},
      {"GET", "/v1/responses/resp_1", "other responses", "passthrough"},
      {"DELETE", "/v1/responses/resp_1", "other responses", "passthrough"},
      {"POST", "/v1/responses/resp_1/cancel", "other responses", "passthrough"},
      {"POST", "/v1/conversations", "other responses", "passthrough"},
      {"GET", "/v1/conversations/conv_1/items?limit=2", "other responses", "passthrough"},
      {"POST", "/v1beta/models/gemini-x:generateContent", "message gemini gemini-x", "gemini"},
      {"POST", "/v1/models/gemini-x:generateContent", "message gemini gemini-x", "gemini"},
      {"POST", "/v1beta/models/m:streamGenerateContent?alt=sse", "message gemini m stream",
       "gemini"},
      {"POST", "/v1beta/models/m:streamGenerateContent", "message gemini m stream array", "gemini"},
      {"POST", "/v1beta/models/a/b%2Fc:d%3A7:generateContent", "message gemini a/b/c:d:7",
       "gemini"},
      {"POST", "/v1beta/models/m:countTokens", "count gemini m", "count_tokens"},
      {"GET", "/v1beta/models/m:countTokens", "only POST gemini", "other"},
      {"POST", "/v1beta/models/m:embedContent", "only GET, HEAD gemini", "other"},
      {"GET", "/v1beta/models", "models gemini", "models"},
      {"HEAD", "/v1beta/models", "models gemini", "models"},
      {"POST", "/v1beta/models", "only GET, HEAD gemini", "other"},
      {"GET", "/v1beta/models/x%2Fy", "model gemini x/y", "models"},
      {"GET", "/v1beta/files", "unknown gemini", "other"},
      {"POST", "/v1beta1/publishers/google/models/m:generateContent", "message gemini m", "gemini"},
      {"POST",
       "/v1beta1/projects/p/locations/l/publishers/google/models/m:streamGenerateContent?alt=sse",
       "message gemini m stream", "gemini"},
      {"POST", "/v1/projects/p/locations/l/publishers/google/models/m:countTokens",
       "count gemini m", "count_tokens"},
      {"POST", "/v1/projects/p/locations/l/publishers/anthropic/models/m:rawPredict",
       "message vertex m", "vertex"},
      {"GET", "/v1beta1/publishers/google/models", "models gemini", "models"},
      {"GET", "/v1beta1/publishers/google/models/m", "model gemini m", "models"},
      {"POST", "/v1beta1/publishers/google/models/m:predict", "only GET, HEAD gemini", "other"},
      {"POST", "/v1//publishers/google/models/m:predict", "unknown anthropic", "other"},
      {"GET", "/v1/models", "models anthropic", "models"},
      {"GET", "/v1/models/a%2Fb", "model anthropic a/b", "models"},
      {"GET", "/v1/models/m:generateContent", "model gemini m:generateContent", "models"},
      {"POST", "/v1/models/m", "only GET, HEAD anthropic", "other"},
      {"TRACE", "/v1/chat/nothing", "only GET, HEAD, POST, PUT, PATCH, DELETE chat", "other"},
      {"POST", "/v1/files", "other anthropic", "passthrough"},
  };
  for (const Case& one : cases) {
    INFO(one.method << ' ' << one.target);
    const Endpoint endpoint = asked(one.method, one.target);
    CHECK(told(endpoint) == one.expected);
    CHECK(front::word_of(endpoint) == one.word);
  }
}

TEST_CASE("what some server might take for a dialect's path is none", "[front]") {
  for (const char* path :
       {"/v1/chat/completions;x", "/V1/chat/completions", "/v1/chat%2Fcompletions",
        "/v1/Chat/Completions", "/v1/responses;x", "/v1/responses%2Finput_tokens",
        "/v1/responses/input_tokens;x", "/v1/responses/%2Finput_tokens", "/v1/responses%20",
        "/v1/RESPONSES/resp_1", "/V1beta/models/m", "/v1beta%2Fmodels/m:generateContent"}) {
    INFO(path);
    CHECK(asked("POST", path).kind != Kind::relayed);
  }
  // Nor does anything get out of where it seems to be.
  for (const char* path : {"/v1/responses/../files", "/v1/responses/..%2Fchat%2Fcompletions",
                           "/v1beta/models/../m:generateContent", "/v1/conversations/%2e%2e/x"}) {
    INFO(path);
    const Kind kind = asked("POST", path).kind;
    CHECK((kind == Kind::dotted || kind == Kind::unknown));
  }
}

TEST_CASE("what OpenAI keeps is asked for only where other paths are passed on", "[front]") {
  CHECK(told(asked("GET", "/v1/responses/resp_1", false)) == "unknown responses");
  CHECK(told(asked("GET", "/v1/conversations", false)) == "unknown responses");
  CHECK(told(asked("POST", "/v1/responses", false)) == "message responses");
}
