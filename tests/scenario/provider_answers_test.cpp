#include <string>

#include "catch.hpp"
#include "scenario/front.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

// What a provider must not do, and what becomes of it on the client's side.

namespace {

Script raw(const std::string& bytes) {
  return Script().send(bytes);
}

const std::string json_body = R"({"type":"message","content":[]})";

}  // namespace

TEST_CASE("a CR that one reader takes for a line's end makes no header", "[scenario]") {
  const std::string head = GENERATE("HTTP/1.1 200 OK\rx-evil: 1\r\n", "HTTP/1.1 200\rx-evil: 1\r\n",
                                    "HTTP/1.1 200 OK\r\nx: a\rx-evil: 1\r\n",
                                    "HTTP/1.1 200 OK\r\nx: a\r\n\rx-evil: 1\r\n",
                                    "HTTP/1.1 200 OK\r\nrequest-id: a\r\rrequest-id: b\r\n");
  F f;
  FakeProvider& one = f.add_provider("one");
  one.respond_with([&](const RecordedRequest&) {
    return raw(head + "content-type: application/json\r\ncontent-length: " +
               std::to_string(json_body.size()) + "\r\n\r\n" + json_body);
  });
  f.start();
  const Answer answer = f.ask(F::post(F::body(false)));
  CHECK(answer.status == 502);
  CHECK(has(answer.body, "a CR stands without its LF in its head"));
  CHECK_FALSE(answer.headers.contains("x-evil"));
  CHECK(one.requests().size() >= 1);
}

TEST_CASE("a redirect of a provider's reaches nobody", "[scenario]") {
  const int status = GENERATE(300, 301, 302, 303, 305, 307, 308);
  const std::string path = GENERATE("/v1/messages", "/v1/messages/count_tokens", "/v1/files");
  F f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& elsewhere = f.add_provider("elsewhere");
  f.config.providers.pop_back();
  one.respond_with([&](const RecordedRequest&) {
    return Script::reply(status, "application/json", "{}",
                         {{"location", elsewhere.url() + "/v1/messages"}, {"refresh", "0"}});
  });
  f.config.server.auth.api_key = Secret("relay-key");
  f.start();
  const Answer answer = f.ask(F::post(F::body(false), with_key, path));
  CAPTURE(status, path);
  CHECK(answer.status == 502);
  CHECK(has(answer.body, "a redirect; check base_url"));
  CHECK_FALSE(answer.headers.contains("location"));
  CHECK_FALSE(answer.headers.contains("refresh"));
  CHECK_FALSE(has(answer.body, elsewhere.url()));
  CHECK(one.requests().size() >= 1);
  CHECK(elsewhere.requests().empty());
}

TEST_CASE("a provider that redirects is passed over", "[scenario]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  FakeProvider& two = f.add_provider("two");
  one.respond_with([](const RecordedRequest&) {
    return Script::reply(307, "text/plain", "", {{"location", "https://login.example/"}});
  });
  f.start();
  CHECK(f.ask(F::post(F::body(false))).status == 200);
  CHECK(one.requests().size() == 1);
  CHECK(two.requests().size() == 1);
}

TEST_CASE("not modified is no redirect, and nor is a place that is told of a good answer",
          "[scenario]") {
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(raw("HTTP/1.1 304 Not Modified\r\netag: \"a\"\r\ncontent-length: 5\r\n\r\n"));
  one.enqueue(Script::reply(201, "application/json", "{}", {{"location", "/v1/files/1"}}));
  f.start();
  const Answer same = f.ask(F::get("/v1/files/1", "if-none-match: \"a\"\r\n"));
  CHECK(same.status == 304);
  CHECK(same.headers.get("etag") == "\"a\"");
  const Answer made = f.ask(F::post("{}", "", "/v1/files"));
  CHECK(made.status == 201);
  CHECK_FALSE(made.headers.contains("location"));
  REQUIRE(one.requests().size() == 2);
  CHECK(one.requests()[0].head.headers.get("if-none-match") == "\"a\"");
}

TEST_CASE("a provider speaks to the client of its answer, not for the relay's host", "[scenario]") {
  const Headers of_the_host{{"set-cookie", "a=b"},
                            {"alt-svc", "h3=\":443\""},
                            {"strict-transport-security", "max-age=1"},
                            {"clear-site-data", "\"*\""},
                            {"access-control-allow-origin", "*"},
                            {"x-accel-redirect", "/secret"},
                            {"x-sendfile", "/secret"},
                            {"server", "nginx"},
                            {"nel", "{}"},
                            {"www-authenticate", "Basic"},
                            {"x-request-id", "theirs"}};
  const Headers of_the_answer{{"request-id", "req_theirs"},
                              {"anthropic-organization-id", "org"},
                              {"anthropic-ratelimit-requests-remaining", "4"},
                              {"x-should-retry", "false"},
                              {"cf-ray", "ray"}};
  const int kind = GENERATE(0, 1, 2, 3);
  F f;
  FakeProvider& one = f.add_provider("one");
  one.respond_with([&](const RecordedRequest&) {
    Headers all = of_the_host;
    for (const Header field : of_the_answer) all.add(field.name, field.value);
    switch (kind) {
      case 0:
        return Script::reply(200, "application/json", json_body, all);
      case 1:
        return Script::error(400, "invalid_request_error", "no", all);
      case 2:
        return Script::error(429, "rate_limit_error", "later", all);
      default: {
        Script script = Script::stream_head(all);
        for (const std::string& event : Script::events("hi")) script.chunk(event);
        return script.last_chunk();
      }
    }
  });
  f.start();
  const Answer answer = f.ask(F::post(F::body(kind == 3)));
  CAPTURE(kind);
  for (const Header field : of_the_host) {
    INFO(field.name);
    CHECK(answer.headers.get(field.name).value_or("") != field.value);
    if (field.name != "x-request-id") CHECK_FALSE(answer.headers.contains(field.name));
  }
  for (const Header field : of_the_answer) {
    INFO(field.name);
    CHECK(answer.headers.get(field.name) == field.value);
  }
  CHECK(answer.headers.contains("content-type"));
  CHECK(one.requests().size() >= 1);
}

TEST_CASE("a connection whose framing two could read differently serves no other request",
          "[scenario]") {
  struct Row {
    const char* bytes;
    bool pooled;
  };
  const Row row = GENERATE(
      Row{"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-type: application/json\r\n"
          "transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
          false},
      Row{"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n"
          "transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
          false},
      Row{"HTTP/1.1 204 No Content\r\ncontent-length: 9\r\n\r\n", false},
      Row{"HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n", false},
      Row{"HTTP/1.1 103 Early Hints\r\ncontent-length: 3\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
          false},
      Row{"HTTP/1.1 204 No Content\r\n\r\n", true},
      Row{"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
          "2 ;a;b=\"c\\\"\\\\\"\r\n{}\r\n0 ; x = y\r\n\r\n",
          true});
  F f;
  FakeProvider& one = f.add_provider("one");
  one.enqueue(raw(row.bytes));
  one.enqueue(Script::reply(200, "application/json", "{}"));
  f.start();
  CAPTURE(row.bytes);
  const Answer first = f.ask(F::post("{}", "", "/v1/files"));
  CHECK((first.status == 200 || first.status == 204));
  if (first.status == 200) CHECK(first.body == "{}");
  if (first.status == 204) {
    CHECK_FALSE(first.headers.contains("content-length"));
    CHECK_FALSE(first.headers.contains("transfer-encoding"));
  }
  CHECK(f.ask(F::post("{}", "", "/v1/files")).status == 200);
  REQUIRE(one.requests().size() == 2);
  CHECK((one.requests()[1].connection == one.requests()[0].connection) == row.pooled);
}
