#include <ccrelay/testing/fake_provider.hpp>

#include <memory>
#include <string>
#include <vector>

#include "catch.hpp"
#include "upstream/client_scene.hpp"

using namespace ccrelay;
using namespace ccrelay::upstream;

TEST_CASE("a sized answer arrives whole", "[upstream]") {
  Scene scene;
  scene.provider.enqueue(Script::reply(201, "text/plain", "hello", {{"x-more", "  spaced  "}}));
  Listener listener;
  scene.run(listener);
  CHECK(listener.result().end == End::complete);
  CHECK(listener.result().detail == "");
  CHECK(listener.result().request_sent);
  CHECK(listener.connected == std::vector<bool>{false});
  REQUIRE(listener.heads.size() == 1);
  CHECK(listener.status() == 201);
  CHECK(listener.header("content-type") == "text/plain");
  CHECK(listener.header("x-more") == "spaced");
  CHECK(listener.body == "hello");
  CHECK(scene.client.running() == 0);
}

TEST_CASE("a chunked answer arrives whole, without its trailers", "[upstream]") {
  Scene scene;
  scene.provider.enqueue(Script()
                             .head(200, {{"transfer-encoding", "chunked"}})
                             .chunk("one ")
                             .chunk("two ")
                             .send("5\r\nthree\r\n0\r\nx-trailer: late\r\n\r\n"));
  Listener listener;
  scene.run(listener);
  CHECK(listener.result().end == End::complete);
  CHECK(listener.heads.size() == 1);
  CHECK(listener.header("x-trailer") == "(none)");
  CHECK(listener.body == "one two three");
}

TEST_CASE("a body that ends with the connection arrives whole", "[upstream]") {
  Scene scene;
  scene.provider.enqueue(Script().send("HTTP/1.1 200 OK\r\n\r\nto the end").close());
  Listener listener;
  scene.run(listener);
  CHECK(listener.result().end == End::complete);
  CHECK(listener.body == "to the end");
}

TEST_CASE("a compressed answer is handed on as it is", "[upstream]") {
  Scene scene;
  scene.provider.enqueue(
      Script::reply(200, "text/plain", "\x1f\x8b no gzip at all", {{"content-encoding", "gzip"}}));
  Listener listener;
  scene.run(listener);
  CHECK(listener.result().end == End::complete);
  CHECK(listener.body == "\x1f\x8b no gzip at all");
}

TEST_CASE("interim answers are not told", "[upstream]") {
  Scene scene;
  scene.provider.enqueue(
      Script()
          .send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n")
          .send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
  Listener listener;
  scene.run(listener, "POST", {"{}"});
  CHECK(listener.result().end == End::complete);
  REQUIRE(listener.heads.size() == 1);
  CHECK(listener.status() == 200);
  CHECK(listener.header("link") == "(none)");
  CHECK(listener.body == "ok");
}

TEST_CASE("a redirect is an answer like any other", "[upstream]") {
  Scene scene;
  scene.provider.enqueue(Script::reply(307, "text/plain", "", {{"location", "/elsewhere"}}));
  Listener listener;
  scene.run(listener, "POST", {"{}"});
  CHECK(listener.status() == 307);
  CHECK(scene.provider.requests().size() == 1);
}

TEST_CASE("only the caller's headers are sent, with Host and the length", "[upstream]") {
  Scene scene;
  Listener listener;
  scene.run(listener, "POST", {"{\"a\"", ":1}"},
            {{"x-Key", "secret; with: marks"},
             {"x-empty", ""},
             {"content-length", "999"},
             {"transfer-encoding", "chunked"},
             {"expect", "100-continue"},
             {"x-split", "one\r\nx-injected: yes"},
             {"bad name", "x"}});
  REQUIRE(scene.provider.requests().size() == 1);
  const auto& request = scene.provider.requests()[0];
  std::string seen;
  for (const Header field : request.head.headers)
    seen.append(field.name).append("=").append(field.value).append("\n");
  const std::string host = "127.0.0.1:" + std::to_string(scene.provider.port());
  CHECK(seen == "Host=" + host +
                    "\nx-Key=secret; with: marks\nx-empty=\nx-split=one  x-injected: yes\n"
                    "Content-Length=7\n");
  CHECK(request.head.method == "POST");
  CHECK(request.head.target == "/v1/messages");
  CHECK(request.body == "{\"a\":1}");
}

TEST_CASE("Accept and Content-Type of the caller are sent as they are", "[upstream]") {
  Scene scene;
  Listener listener;
  scene.run(listener, "POST", {"{}"}, {{"Accept", "text/event-stream"}, {"content-type", "a/b"}});
  const Headers& sent = scene.provider.requests().at(0).head.headers;
  CHECK(sent.get("accept") == "text/event-stream");
  CHECK(sent.get("content-type") == "a/b");
}

TEST_CASE("the path is sent as it is", "[upstream]") {
  Scene scene;
  Listener listener;
  listener.transfer = scene.client.start(
      {scene.endpoint, "GET", scene.endpoint.origin + "/a/../b/./c?d=%2e%2E", {}, {}}, listener);
  REQUIRE(scene.harness.run_until([&] { return listener.done(); }));
  CHECK(scene.provider.requests().at(0).head.target == "/a/../b/./c?d=%2e%2E");
}

TEST_CASE("each request goes to the URL it names, whatever was asked for before", "[upstream]") {
  // The handle that serves them is one and the same.
  Scene scene;
  const auto get = [&scene](const std::string& url) {
    Listener listener;
    listener.transfer = scene.client.start({scene.endpoint, "GET", url, {}, {}}, listener);
    REQUIRE(scene.harness.run_until([&] { return listener.done(); }));
    return listener.result().end;
  };
  for (const char* target : {"/one?a=b", "/one?a=b", "/two", "/one"})
    CHECK(get(scene.endpoint.origin + target) == End::complete);
  // Not one relative to the last.
  CHECK(get("/three") == End::connect);
  CHECK(get(scene.endpoint.origin + "/four") == End::complete);
  std::vector<std::string> targets;
  for (const auto& request : scene.provider.requests()) targets.push_back(request.head.target);
  CHECK(targets == std::vector<std::string>{"/one?a=b", "/one?a=b", "/two", "/one", "/four"});
}

TEST_CASE("methods are sent with a length where they need one", "[upstream]") {
  struct Row {
    const char* method;
    const char* body;
    const char* length;
  };
  const Row row = GENERATE(Row{"GET", "", "(none)"}, Row{"DELETE", "", "(none)"},
                           Row{"OPTIONS", "", "(none)"}, Row{"POST", "", "0"}, Row{"PUT", "", "0"},
                           Row{"PATCH", "", "0"}, Row{"POST", "abc", "3"}, Row{"PUT", "abc", "3"},
                           Row{"DELETE", "abc", "3"}, Row{"GET", "abc", "3"});
  CAPTURE(row.method, row.body);
  Scene scene;
  // Twice, after another one on the same handle: nothing of it may be left.
  for (int round = 0; round < 2; ++round) {
    Listener other;
    scene.run(
        other, round == 0 ? "HEAD" : "POST",
        round == 0 ? std::vector<std::string_view>{} : std::vector<std::string_view>{"other"});
    Listener listener;
    scene.run(
        listener, row.method,
        *row.body ? std::vector<std::string_view>{row.body} : std::vector<std::string_view>{});
    CHECK(listener.result().end == End::complete);
    CHECK(listener.status() == 200);
    const auto& request = scene.provider.requests().back();
    CHECK(request.head.method == row.method);
    CHECK(request.body == row.body);
    CHECK(request.head.headers.get("content-length").value_or("(none)") == row.length);
    CHECK_FALSE(request.head.headers.contains("content-type"));
    CHECK_FALSE(request.head.headers.contains("accept"));
  }
}

TEST_CASE("the answer to HEAD has no body, whatever it announces", "[upstream]") {
  Scene scene;
  scene.provider.enqueue(Script().head(200, {{"content-length", "5000"}}));
  Listener listener;
  scene.run(listener, "HEAD");
  CHECK(listener.result().end == End::complete);
  CHECK(listener.header("content-length") == "5000");
  CHECK(listener.body == "");
  CHECK(scene.provider.requests().at(0).head.method == "HEAD");
}
