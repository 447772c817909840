#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/front.hpp"
#include "scenario/h2_stage.hpp"
#include "support/deflated.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

// Bodies with a Content-Encoding.

namespace {

const std::string body = F::body(false);

std::string coding(const std::string& name) {
  return "Content-Encoding: " + name + "\r\n";
}

}  // namespace

TEST_CASE("an encoded body reaches the provider decoded", "[scenario][encoded]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  struct Row {
    std::string name;
    std::string bytes;
  };
  for (const Row& row :
       std::vector<Row>{{"gzip", deflated(body, Form::gzip)},
                        {"x-gzip", deflated(body, Form::gzip)},
                        {"deflate", deflated(body, Form::zlib)},
                        {"deflate", deflated(body, Form::raw)},
                        {"deflate, gzip", deflated(deflated(body, Form::zlib), Form::gzip)},
                        {"identity", body}}) {
    INFO(row.name);
    for (const char* path : {"/v1/messages", "/v1/messages/count_tokens"}) {
      f.ask(F::post(row.bytes, coding(row.name), path));
      const RecordedRequest& got = provider.requests().back();
      CHECK(got.head.target == path);
      CHECK(got.body == body);
      CHECK_FALSE(got.head.headers.contains("content-encoding"));
      CHECK(got.head.headers.get("content-length") == std::to_string(body.size()));
    }
  }
  const auto client = h2_connect(f);
  const auto id = client->post(deflated(body, Form::gzip), {{"content-encoding", "gzip"}});
  CHECK(ended(f, *client, id).answer.status == 200);
  CHECK(provider.requests().back().body == body);
}

TEST_CASE("a coding that is not understood is named", "[scenario][encoded]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  for (const std::string name : {"br", "zstd", "compress"}) {
    const Answer answer = f.ask(F::post("x", coding(name)));
    CHECK(answer.status == 415);
    CHECK(answer.headers.get("accept-encoding") == "gzip, deflate, identity");
    CHECK(has(answer.body, "Content-Encoding: " + name + " is not understood"));
    CHECK(has(answer.body, "invalid_request_error"));
  }
  CHECK(provider.requests().empty());
}

TEST_CASE("an encoded body may be broken, or too much", "[scenario][encoded]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.config.server.max_body_bytes = 1 << 20;
  f.start();
  const std::string good = deflated(body, Form::gzip);
  CHECK(f.ask(F::post(good.substr(0, good.size() - 3), coding("gzip"))).status == 400);
  CHECK(f.ask(F::post(good + "x", coding("gzip"))).status == 400);
  CHECK(f.ask(F::post("", coding("gzip"))).status == 400);
  CHECK(f.ask(F::post(body, coding("gzip"))).status == 400);
  const std::string bomb = deflated(std::string(30 << 20, ' ') + body, Form::gzip);
  REQUIRE(bomb.size() < 1 << 20);
  CHECK(f.ask(F::post(bomb, coding("gzip"))).status == 413);
  CHECK(f.ask(F::post(deflated(bomb, Form::gzip), coding("gzip, gzip"))).status == 413);
  CHECK(provider.requests().empty());
}

TEST_CASE("another endpoint's body goes on as it came", "[scenario][encoded]") {
  F f;
  FakeProvider& provider = f.add_provider("one");
  f.start();
  f.ask(F::post("what is this", coding("br"), "/v1/files"));
  REQUIRE(provider.requests().size() == 1);
  CHECK(provider.requests()[0].body == "what is this");
  CHECK(provider.requests()[0].head.headers.get("content-encoding") == "br");
}
