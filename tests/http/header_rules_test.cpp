#include "http/header_rules.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay;

namespace {

std::string text(const Headers& headers) {
  std::string out;
  for (const Header field : headers) {
    out.append(field.name).append("=").append(field.value).append(";");
  }
  return out;
}

}  // namespace

TEST_CASE("what a client says about itself to the API goes on as it came", "[http]") {
  for (const char* name :
       {"anthropic-version", "Anthropic-Beta", "anthropic-dangerous-direct-browser-access",
        "x-stainless-lang", "x-claude-code-session-id", "X-App", "User-Agent", "content-type",
        "accept", "accept-language", "x-custom", "traceparent", "x-request-id"}) {
    INFO(name);
    CHECK(text(http::forwardable_request_headers({{name, "v"}})) == std::string(name) + "=v;");
  }
}

TEST_CASE("credentials, cookies, trails and hop-by-hop fields stay here", "[http]") {
  for (const char* name : {"Authorization",
                           "x-api-key",
                           "Cookie",
                           "Host",
                           "Content-Length",
                           "Transfer-Encoding",
                           "Connection",
                           "Keep-Alive",
                           "TE",
                           "Trailer",
                           "Upgrade",
                           "Proxy-Authorization",
                           "Proxy-Authenticate",
                           "Proxy-Connection",
                           "Expect",
                           "Forwarded",
                           "X-Forwarded-For",
                           "x-forwarded-proto",
                           "Via",
                           "X-Real-IP",
                           "Origin",
                           "Referer",
                           "Accept-Encoding",
                           "Sec-Fetch-Mode",
                           "sec-ch-ua",
                           "X-CC-Relay-Debug"}) {
    INFO(name);
    CHECK(text(http::forwardable_request_headers({{name, "v"}})).empty());
  }
}

TEST_CASE("what Connection names belongs to the client's connection", "[http]") {
  const Headers from_client{{"x-hop", "1"},
                            {"Connection", "close, X-Hop"},
                            {"x-stays", "2"},
                            {"X-Other", "3"},
                            {"connection", "x-other"}};
  CHECK(text(http::forwardable_request_headers(from_client)) == "x-stays=2;");
}

TEST_CASE("repeated request fields go on in their order", "[http]") {
  CHECK(text(http::forwardable_request_headers({{"a", "1"}, {"b", "2"}, {"a", "3"}})) ==
        "a=1;b=2;a=3;");
}

TEST_CASE("a provider's end-to-end fields reach the client", "[http]") {
  const Headers from_provider{{"Content-Type", "application/json"},
                              {"anthropic-ratelimit-requests-remaining", "4"},
                              {"request-id", "req_1"},
                              {"retry-after", "3"},
                              {"content-encoding", "gzip"}};
  CHECK(text(http::forwardable_response_headers(from_provider, true)) ==
        "Content-Type=application/json;anthropic-ratelimit-requests-remaining=4;"
        "request-id=req_1;retry-after=3;content-encoding=gzip;");
}

TEST_CASE("what says something of the answer, of limits or of the request goes on", "[http]") {
  for (const char* name : {"Content-Type",
                           "content-encoding",
                           "Content-Disposition",
                           "ETag",
                           "Cache-Control",
                           "Date",
                           "Retry-After",
                           "retry-after-ms",
                           "X-Should-Retry",
                           "Request-Id",
                           "anthropic-organization-id",
                           "Anthropic-RateLimit-Unified-Reset",
                           "x-ratelimit-remaining-tokens",
                           "openai-processing-ms",
                           "x-amzn-RequestId",
                           "x-amzn-ErrorType",
                           "x-amzn-bedrock-input-token-count",
                           "apim-request-id",
                           "x-ms-region",
                           "x-goog-request-id",
                           "trace-id",
                           "X-Log-Id",
                           "x-generation-id",
                           "CF-Ray"}) {
    INFO(name);
    CHECK(text(http::forwardable_response_headers({{name, "v"}}, true)) ==
          std::string(name) + "=v;");
  }
}

TEST_CASE("what speaks of the provider's own host does not reach the client", "[http]") {
  for (const char* name : {"Set-Cookie",
                           "set-cookie2",
                           "Alt-Svc",
                           "Strict-Transport-Security",
                           "Clear-Site-Data",
                           "Public-Key-Pins",
                           "Expect-CT",
                           "NEL",
                           "Report-To",
                           "Reporting-Endpoints",
                           "Location",
                           "Content-Location",
                           "Refresh",
                           "Link",
                           "Server",
                           "Via",
                           "X-Powered-By",
                           "WWW-Authenticate",
                           "Authentication-Info",
                           "Proxy-Authenticate",
                           "Access-Control-Allow-Origin",
                           "Access-Control-Allow-Credentials",
                           "Content-Security-Policy",
                           "Permissions-Policy",
                           "Cross-Origin-Opener-Policy",
                           "Origin-Agent-Cluster",
                           "Service-Worker-Allowed",
                           "Accept-CH",
                           "Critical-CH",
                           "SourceMap",
                           "X-Accel-Redirect",
                           "X-Accel-Buffering",
                           "X-Accel-Limit-Rate",
                           "X-Sendfile",
                           "X-LiteSpeed-Location",
                           "X-Reproxy-URL",
                           "X-CC-Relay-Provider",
                           "X-Request-ID",
                           "Authorization",
                           "x-api-key",
                           "x-custom",
                           ""}) {
    INFO(name);
    CHECK(text(http::forwardable_response_headers({{name, "v"}}, true)).empty());
  }
}

TEST_CASE("a provider's connection is not the client's", "[http]") {
  const Headers from_provider{{"Transfer-Encoding", "chunked"},
                              {"Connection", "close, x-hop"},
                              {"Keep-Alive", "timeout=5"},
                              {"X-Hop", "1"},
                              {"Trailer", "x"},
                              {"Upgrade", "h2"},
                              {"X-Request-ID", "theirs"},
                              {"date", "now"}};
  CHECK(text(http::forwardable_response_headers(from_provider, true)) == "date=now;");
}

TEST_CASE("an announced length stays only with an unchanged body", "[http]") {
  const Headers from_provider{{"content-length", "5"}};
  CHECK(text(http::forwardable_response_headers(from_provider, true)) == "content-length=5;");
  CHECK(text(http::forwardable_response_headers(from_provider, false)).empty());
}

TEST_CASE("a length that the framing contradicts does not go on", "[http]") {
  // RFC 9112 section 6.3
  const Headers both{{"content-length", "5"}, {"transfer-encoding", "chunked"}};
  CHECK(http::forwardable_response_headers(both, true).empty());
  const Headers two{{"content-length", "5"}, {"content-length", "6"}};
  CHECK(http::forwardable_response_headers(two, true).empty());
  const Headers twice{{"content-length", "5"}, {"content-length", "5"}};
  CHECK(http::forwardable_response_headers(twice, true).size() == 1);
}

// Neither takes longer for more fields than in proportion: else these would take minutes.
TEST_CASE("tens of thousands of fields are filtered field by field", "[http]") {
  Headers from_provider;
  const std::string prefix = "x-ratelimit-";
  for (int i = 0; i < 30'000; ++i) from_provider.add(prefix + std::to_string(i), "v");
  for (int i = 0; i < 30'000; ++i) from_provider.add("connection", prefix + std::to_string(2 * i));
  for (int i = 0; i < 30'000; ++i) from_provider.add("content-length", "5");
  CHECK(http::forwardable_response_headers(from_provider, true).size() == 15'001);
  CHECK(http::forwardable_request_headers(from_provider).size() == 15'000);
}

TEST_CASE("only the names that a prefix rule means are dropped for it", "[http]") {
  for (const char* name :
       {"X-Forwarded", "secret", "x-cc-relay", "proxy", "x-forward-ed", "s", "p"}) {
    INFO(name);
    CHECK(text(http::forwardable_request_headers({{name, "v"}})) == std::string(name) + "=v;");
  }
  for (const char* name : {"X-Forwarded-", "SEC-", "x-CC-relay-Anything", "PROXY-STATUS"}) {
    INFO(name);
    CHECK(http::forwardable_request_headers({{name, "v"}}).empty());
  }
}
