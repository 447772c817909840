#pragma once

#include <string>

#include "catch.hpp"
#include "scenario/relay_fixture.hpp"
#include "support/exposition.hpp"

// What GET /metrics answers, and the names of its series.

namespace ccrelay::testing::scraped {

inline Metrics scrape(RelayFixture& f, const std::string& headers = {}) {
  const Answer answer = f.ask(RelayFixture::get("/metrics", headers));
  REQUIRE(answer.status == 200);
  CHECK(answer.headers.get("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  return Metrics(answer.body);
}

inline std::string of(const std::string& name, const std::string& labels) {
  return "ccrelay_" + name + '{' + labels + '}';
}

inline std::string requests(const std::string& endpoint, const std::string& code,
                            const std::string& client = "anonymous") {
  return of("requests_total",
            "endpoint=\"" + endpoint + "\",client=\"" + client + "\",code=\"" + code + '"');
}

inline std::string attempts(const std::string& provider, const std::string& outcome,
                            const std::string& model = "claude-test") {
  return of("attempts_total",
            "provider=\"" + provider + "\",model=\"" + model + "\",outcome=\"" + outcome + '"');
}

inline std::string tokens(const std::string& provider, const std::string& type) {
  return of("tokens_total",
            "provider=\"" + provider + "\",model=\"claude-test\",type=\"" + type + '"');
}

inline int status_of(RelayFixture& f, const std::string& headers,
                     const std::string& method = "GET") {
  return f.ask(method + " /metrics HTTP/1.1\r\nHost: relay\r\n" + headers + "\r\n").status;
}

}  // namespace ccrelay::testing::scraped
