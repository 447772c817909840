#include "observe/log_text.hpp"

#include <string>

#include "catch.hpp"
#include "sample_request.hpp"

namespace ccrelay::observe {
namespace {

template <class Event>
std::string text(const Event& event, bool colour = false) {
  std::string out;
  append_text(out, event, colour);
  return out;
}

}  // namespace

TEST_CASE("a request is one readable line", "[observe]") {
  CHECK(text(sample_request()) ==
        "2026-01-01T00:00:00.123Z info  200 POST /v1/messages 1.2s began=2025-12-31T23:59:58.889Z "
        "model=claude-x "
        "provider=anthropic key=k2 key_name=team-a "
        "attempts=zai:rate_limited(429 \"too many requests\"),anthropic:success(200) "
        "connect=1.5ms first_byte=25ms in=12 out=345 pings=1 usage=\"1.2k in · 350 out · 7 "
        "written · 40.0k read · $0.0369\" client=127.0.0.1:4711 client_name=ana "
        "forwarded_for=203.0.113.9 user=user-7 id=req_1\n");
}

TEST_CASE("a smooth request does not list its one attempt", "[observe]") {
  RequestSummary request = sample_request();
  request.attempts.erase(request.attempts.begin());
  request.attempts[0].model = "claude-y";
  request.attempts[0].connect = Duration::zero();
  request.queue = std::chrono::milliseconds(3);
  request.pings = 0;
  request.attempts[0].usage = {};
  request.client_name.clear();
  request.total = std::chrono::microseconds(2500);
  CHECK(text(request) ==
        "2026-01-01T00:00:00.123Z info  200 POST /v1/messages 2.5ms began=2025-12-31T23:59:58.889Z "
        "model=claude-x "
        "provider=anthropic sent_model=claude-y key=k2 key_name=team-a queue=3.0ms "
        "first_byte=25ms in=12 out=345 client=127.0.0.1:4711 forwarded_for=203.0.113.9 user=user-7 "
        "id=req_1\n");
}

TEST_CASE("a broken stream is an error and says how it ended", "[observe]") {
  RequestSummary request;
  request.time = sample_time();
  request.status = 200;
  request.method = "POST";
  request.path = "/v1/messages";
  request.ending = Ending::broken;
  request.error = "the provider fell silent";
  CHECK(text(request) ==
        "2026-01-01T00:00:00.123Z error 200 POST /v1/messages 0.0ms ending=broken "
        "error=\"the provider fell silent\"\n");
}

TEST_CASE("colours surround the time and the level only", "[observe]") {
  Note note;
  note.time = sample_time();
  note.level = Level::warn;
  note.event = "draining";
  note.message = "2 requests are still running";
  CHECK(text(note, true) ==
        "\x1b[2m2026-01-01T00:00:00.123Z\x1b[0m \x1b[33mwarn \x1b[0m "
        "draining: 2 requests are still running\n");
}

TEST_CASE("nothing from outside adds a line, a field or an escape sequence", "[observe]") {
  RequestSummary request;
  request.time = sample_time();
  request.status = 404;
  request.method = "GET";
  request.path = "/\x1b[2J\n2026-01-01 error";
  request.model_asked = "x status=200";
  request.session = "\r\n";
  request.error =
      "\xC2\x9B"
      "31m";
  CHECK(text(request) ==
        "2026-01-01T00:00:00.123Z warn  404 GET \"/\\u001b[2J\\n2026-01-01 error\" 0.0ms "
        "model=\"x status=200\" error=\"\\u009b31m\"\n");

  Note note;
  note.time = sample_time();
  note.event = "x";
  note.message = "a\nb\x07";
  note.fields = {{"f", "c\nd"}};
  note.request_id = "r";
  CHECK(text(note) == "2026-01-01T00:00:00.123Z info  x: a\\nb\\u0007 f=\"c\\nd\" id=r\n");
}

}  // namespace ccrelay::observe
