#include "otel/spans.hpp"

#include <vector>

#include "catch.hpp"
#include "otel/proto_reader.hpp"
#include "otel/sample.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using Attributes = std::map<std::string, std::string>;
using otel::record_of;

namespace {

const otel::Resource resource{"cc-relay", "0.1.0", "instance"};

std::string exported(const RequestSummary& request) {
  return otel::export_of(std::vector{record_of(request)}, resource);
}

Proto scope_spans(const std::string& wire) {
  return Proto(wire).inner(1).inner(2);
}

std::string bytes_of(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return out;
}

std::uint64_t at(Duration after) {
  const auto time = observe::sample_time() - std::chrono::milliseconds(1234) + after;
  return static_cast<std::uint64_t>(std::chrono::nanoseconds(time.time_since_epoch()).count());
}

}  // namespace

TEST_CASE("a request is a server's span in the client's trace", "[otel]") {
  const std::string wire = exported(traced_request());
  const Proto spans = scope_spans(wire);
  REQUIRE(spans.count(2) == 3);
  const Proto server = spans.inner(2, 0);
  CHECK(server.text(1) == bytes_of(sample_trace));
  CHECK(server.text(2) == bytes_of("00000000000000aa"));
  CHECK(server.text(3) == "v=1");
  CHECK(server.text(4) == bytes_of("b7ad6b7169203331"));
  CHECK(server.text(5) == "POST /v1/messages");
  CHECK(server.number(6) == 2);
  CHECK(server.number(7) == at({}));
  CHECK(server.number(8) == at(std::chrono::milliseconds(1234)));
  CHECK(server.number(16) == 0x301);
  CHECK(server.count(15) == 0);
  CHECK(server.attributes(9) == Attributes{{"http.request.method", "POST"},
                                           {"http.route", "/v1/messages"},
                                           {"http.response.status_code", "200"},
                                           {"gen_ai.conversation.id", "s-1"},
                                           {"ccrelay.client", "ana"},
                                           {"ccrelay.request_id", "req_1"}});
}

TEST_CASE("each attempt is a client's span below it", "[otel]") {
  const std::string wire = exported(traced_request());
  const Proto spans = scope_spans(wire);
  const Proto refused = spans.inner(2, 1);
  CHECK(refused.text(1) == bytes_of(sample_trace));
  CHECK(refused.text(2) == bytes_of("00000000000000bb"));
  CHECK(refused.text(4) == bytes_of("00000000000000aa"));
  CHECK(refused.text(5) == "chat glm-x");
  CHECK(refused.number(6) == 3);
  CHECK(refused.number(7) == at(std::chrono::milliseconds(10)));
  CHECK(refused.number(8) == at(std::chrono::milliseconds(15)));
  CHECK(refused.number(16) == 0x101);
  CHECK(refused.inner(15).number(3) == 2);
  CHECK(refused.inner(15).count(2) == 0);  // no words: they may quote a prompt
  CHECK(refused.attributes(9) == Attributes{{"gen_ai.operation.name", "chat"},
                                            {"gen_ai.provider.name", "zai"},
                                            {"gen_ai.request.model", "glm-x"},
                                            {"gen_ai.conversation.id", "s-1"},
                                            {"server.address", "api.z.ai"},
                                            {"server.port", "443"},
                                            {"http.response.status_code", "429"},
                                            {"error.type", "rate_limited"},
                                            {"ccrelay.client", "ana"},
                                            {"ccrelay.provider", "zai"},
                                            {"ccrelay.key", "k1"},
                                            {"ccrelay.attempt", "1"}});
  const Proto answered = spans.inner(2, 2);
  CHECK(answered.text(2) == bytes_of("00000000000000cc"));
  CHECK(answered.count(15) == 0);
  CHECK(answered.attributes(9) ==
        Attributes{{"gen_ai.operation.name", "chat"},
                   {"gen_ai.provider.name", "aws.bedrock"},
                   {"gen_ai.request.model", "claude-x"},
                   {"gen_ai.response.model", "claude-x-1"},
                   {"gen_ai.response.id", "msg_1"},
                   {"gen_ai.response.finish_reasons", "[end_turn]"},
                   {"gen_ai.conversation.id", "s-1"},
                   // 1200 + 7 + 40 000: all of the input, what caches had included.
                   {"gen_ai.usage.input_tokens", "41207"},
                   {"gen_ai.usage.output_tokens", "350"},
                   {"gen_ai.usage.cache_read.input_tokens", "40000"},
                   {"gen_ai.usage.cache_creation.input_tokens", "7"},
                   {"server.address", "::1"},
                   {"server.port", "8443"},
                   {"http.response.status_code", "200"},
                   {"ccrelay.client", "ana"},
                   {"ccrelay.provider", "anthropic"},
                   {"ccrelay.key", "k2"},
                   {"ccrelay.attempt", "2"},
                   {"ccrelay.cost_usd", "0.036900"}});
}

TEST_CASE("who exports is told once, with the version of the conventions", "[otel]") {
  const std::string wire = exported(traced_request());
  const Proto of_resource = Proto(wire).inner(1);
  CHECK(of_resource.inner(1).attributes(1) == Attributes{{"service.name", "cc-relay"},
                                                         {"service.version", "0.1.0"},
                                                         {"service.instance.id", "instance"}});
  CHECK(of_resource.text(3) == "https://opentelemetry.io/schemas/1.41.0");
  CHECK(of_resource.inner(2).inner(1).text(1) == "cc-relay");
}

TEST_CASE("a trace that begins here has no parent", "[otel]") {
  RequestSummary request = traced_request();
  request.traceparent.clear();
  request.tracestate.clear();
  const std::string wire = exported(request);
  const Proto server = scope_spans(wire).inner(2, 0);
  CHECK(server.count(3) == 0);
  CHECK(server.count(4) == 0);
  CHECK(server.number(16) == 0x101);
}

TEST_CASE("what is not known is not told, and no cost is a part of one", "[otel]") {
  RequestSummary request = traced_request();
  request.attempts.erase(request.attempts.begin());
  request.attempts[0].usage.charges.emplace_back();
  request.attempts[0].usage.charges[0].tokens = {};
  const std::string wire = exported(request);
  const Attributes seen = scope_spans(wire).inner(2, 1).attributes(9);
  for (const char* absent : {"gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens",
                             "gen_ai.usage.cache_read.input_tokens", "ccrelay.cost_usd"}) {
    INFO(absent);
    CHECK(seen.count(absent) == 0);
  }
}

TEST_CASE("errors of the server's own are told by their status or how it ended", "[otel]") {
  RequestSummary request = traced_request();
  request.status = GENERATE(200, 503);
  request.ending = request.status == 200 ? Ending::broken : Ending::complete;
  const std::string wire = exported(request);
  const Proto server = scope_spans(wire).inner(2, 0);
  CHECK(server.inner(15).number(3) == 2);
  CHECK(server.attributes(9).at("error.type") == (request.status == 200 ? "broken" : "503"));
}

TEST_CASE("that a client did wrong or left is no error of the server's", "[otel]") {
  RequestSummary request = traced_request();
  request.status = GENERATE(400, 401, 429, 499);
  request.attempts.resize(1);
  request.attempts[0].outcome = Outcome::cancelled;
  const std::string wire = exported(request);
  CHECK(scope_spans(wire).inner(2, 0).count(15) == 0);
  CHECK(scope_spans(wire).inner(2, 0).attributes(9).count("error.type") == 0);
  CHECK(scope_spans(wire).inner(2, 1).count(15) == 0);
  CHECK(scope_spans(wire).inner(2, 1).attributes(9).at("error.type") == "cancelled");
}

TEST_CASE("other endpoints have names without what a client made up", "[otel]") {
  RequestSummary request = traced_request();
  request.path = "/v1/files/secret-name";
  request.method = "BREW";
  request.endpoint = GENERATE("passthrough", "other");
  const bool known = request.endpoint == "passthrough";
  const std::string wire = exported(request);
  const Proto server = scope_spans(wire).inner(2, 0);
  CHECK(server.text(5) == (known ? "HTTP /v1/{path}" : "HTTP"));
  CHECK(server.attributes(9).at("http.request.method") == "_OTHER");
  CHECK(wire.find("secret-name") == std::string::npos);
  CHECK(wire.find("BREW") == std::string::npos);
  CHECK(scope_spans(wire).inner(2, 1).attributes(9).count("gen_ai.operation.name") == 0);
}

TEST_CASE("requests and providers of other dialects are called as the conventions have them",
          "[otel]") {
  struct Row {
    const char* endpoint;
    const char* span;
    const char* type;
    const char* provider;
  };
  const Row rows[] = {
      {"chat", "POST /v1/chat/completions", "openai", "openai"},
      {"responses", "POST /v1/responses", "azure_openai", "azure.ai.openai"},
      {"gemini", "POST /v1beta/models/{model}:generateContent", "gemini", "gcp.gemini"},
      {"gemini", "POST /v1beta/models/{model}:generateContent", "gemini_vertex", "gcp.vertex_ai"},
  };
  for (const Row& row : rows) {
    INFO(row.endpoint << " at " << row.type);
    RequestSummary request = traced_request();
    request.endpoint = row.endpoint;
    request.attempts[1].provider_type = row.type;
    const std::string told = exported(request);
    const Proto spans = scope_spans(told);
    CHECK(spans.inner(2, 0).text(5) == row.span);
    const Attributes attempt = spans.inner(2, 2).attributes(9);
    CHECK(attempt.at("gen_ai.operation.name") == "chat");
    CHECK(attempt.at("gen_ai.provider.name") == row.provider);
  }
}
