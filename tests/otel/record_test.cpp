#include "otel/record.hpp"

#include <vector>

#include "catch.hpp"
#include "otel/measures.hpp"
#include "otel/sample.hpp"
#include "otel/server_place.hpp"
#include "otel/spans.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

TEST_CASE("nothing of a person, a prompt or the words of an error is exported", "[otel]") {
  RequestSummary request = traced_request();
  request.client = "CANARY-address";
  request.forwarded_for = "CANARY-forwarded";
  request.user = "CANARY-user";
  request.user_agent = "CANARY-agent";
  request.method = "CANARY-method";
  request.path = "/CANARY-path";
  request.error = "CANARY-error";
  request.agent = "CANARY-agent-id";
  request.parent_agent = "CANARY-parent";
  request.model_asked = "CANARY-asked";
  for (AttemptSummary& attempt : request.attempts) {
    attempt.detail = "CANARY-detail";
    attempt.key_name = "CANARY-name";
  }
  const otel::Resource resource{"cc-relay", "0", "i"};
  const otel::Record record = otel::record_of(request);
  otel::Measures measures({});
  measures.add(record);
  const std::string all = otel::export_of(std::vector{record}, resource) +
                          measures.export_of(resource, WallTime(std::chrono::seconds(1)));
  CHECK(all.find("CANARY") == std::string::npos);
  CHECK(all.find("claude-x") != std::string::npos);
}

TEST_CASE("what a client made up is cut", "[otel]") {
  RequestSummary request = traced_request();
  request.session = std::string(10'000, 's');
  request.attempts[1].usage.charges[0].model = std::string(10'000, 'm');
  request.attempts[1].response_id = std::string(10'000, 'i');
  const otel::Resource resource{"cc-relay", "0", "i"};
  CHECK(otel::export_of(std::vector{otel::record_of(request)}, resource).size() < 5'000);
}

TEST_CASE("looks at health, and those who open nothing, are not exported", "[otel]") {
  RequestSummary request = traced_request();
  CHECK(otel::is_exported(request));
  for (const char* looked_at : {"health", "ready", "metrics"}) {
    request.endpoint = looked_at;
    CHECK_FALSE(otel::is_exported(request));
  }
  request.endpoint = "messages";
  request.client_name = "unknown";
  CHECK(otel::is_exported(request));
  request.attempts.clear();
  CHECK_FALSE(otel::is_exported(request));
}

TEST_CASE("only the spans of a sampled trace are wanted", "[otel]") {
  RequestSummary request = traced_request();
  CHECK(otel::record_of(request).is_sampled());
  request.own_traceparent.back() = '0';
  CHECK_FALSE(otel::record_of(request).is_sampled());
  request.own_traceparent.clear();
  CHECK_FALSE(otel::record_of(request).is_sampled());
}

TEST_CASE("where a provider is, its URL says", "[otel]") {
  const auto said = [](const char* url) {
    const otel::ServerPlace place = otel::place_of(url);
    return place.host + ' ' + std::to_string(place.port) + (place.is_tls ? " tls" : "") +
           (place.is_loopback() ? " here" : "");
  };
  CHECK(said("https://api.anthropic.com") == "api.anthropic.com 443 tls");
  CHECK(said("http://127.0.0.1:8080/v1?a#b") == "127.0.0.1 8080 here");
  CHECK(said("http://[::1]") == "::1 80 here");
  CHECK(said("https://[2001:db8::1]:8443/x") == "2001:db8::1 8443 tls");
  CHECK(said("HTTP://LocalHost/") == "LocalHost 80 here");
  CHECK(said("ftp://x") == " 0");
  CHECK(said("") == " 0");
}
