#include "observe/log_json.hpp"

#include <string>

#include "catch.hpp"
#include "observe/escape.hpp"
#include "observe/figures.hpp"
#include "observe/pen.hpp"
#include "sample_request.hpp"

namespace ccrelay::observe {
namespace {

template <class Event>
std::string json(const Event& event) {
  std::string out;
  append_json(out, event);
  return out;
}

std::string note_saying(std::string message) {
  Note note;
  note.time = sample_time();
  note.event = "e";
  note.message = std::move(message);
  return json(note);
}

std::string line_around(const std::string& message) {
  return R"({"time":"2026-01-01T00:00:00.123Z","level":"info","event":"e","message":")" + message +
         "\"}\n";
}

}  // namespace

TEST_CASE("a request is one line of JSON with all its fields", "[observe]") {
  CHECK(
      json(sample_request()) ==
      R"({"time":"2026-01-01T00:00:00.123Z","began":"2025-12-31T23:59:58.889Z","level":"info",)"
      R"("event":"request","request_id":"req_1","client":"127.0.0.1:4711",)"
      R"("client_name":"ana","forwarded_for":"203.0.113.9","user":"user-7","user_agent":"claude-cli/2",)"
      R"("method":"POST","path":"/v1/messages","session":"s-1","agent":"a-1","model":"claude-x",)"
      R"("provider":"anthropic","key":"k2","key_name":"team-a",)"
      R"("status":200,"ending":"complete","error":"",)"
      R"("stream":true,"bytes_in":12,"bytes_out":345,"pings":1,)"
      R"("usage":{"input":1200,"output":350,"cache_write_5m":7,"cache_read":40000},)"
      R"("cost_usd":0.036900000,)"
      R"("attempts":[{"provider":"zai","key":"k1","model":"glm-x","outcome":"rate_limited",)"
      R"("status":429,"detail":"too many requests","connect_ms":0.000,"first_byte_ms":0.000,)"
      R"("total_ms":5.000},{"provider":"anthropic","key":"k2","key_name":"team-a",)"
      R"("model":"claude-x","outcome":"success","status":200,"detail":"","connect_ms":1.500,)"
      R"("first_byte_ms":20.000,"total_ms":1200.000,"usage":{"input":1200,"output":350,)"
      R"("cache_write_5m":7,"cache_read":40000},"cost_usd":0.036900000}],"queue_ms":0.010,)"
      R"("first_byte_ms":25.000,"total_ms":1234.000})"
      "\n");
}

TEST_CASE("a request without attempts has an empty list", "[observe]") {
  RequestSummary request;
  request.time = request.began = sample_time();
  request.status = 401;
  request.error = "no key";
  CHECK(
      json(request) ==
      R"({"time":"2026-01-01T00:00:00.123Z","began":"2026-01-01T00:00:00.123Z","level":"warn",)"
      R"("event":"request","request_id":"","client":"","client_name":"","user":"","user_agent":"","method":"",)"
      R"("path":"","session":"","model":"","provider":"","key":"","status":401,)"
      R"("ending":"complete","error":"no key","stream":false,"bytes_in":0,"bytes_out":0,)"
      R"("pings":0,"usage":{},)"
      R"("attempts":[],"queue_ms":0.000,"first_byte_ms":0.000,"total_ms":0.000})"
      "\n");
}

TEST_CASE("a cost that is not known as a whole is not told, nor what nobody counted", "[observe]") {
  RequestSummary request = sample_request();
  Charge advisor = request.attempts[1].usage.charges[0];
  advisor.kind = ChargeKind::advisor;
  advisor.tokens = {};
  advisor.cost_nano_usd = {};
  advisor.partial = true;
  request.attempts[1].usage.charges.push_back(advisor);
  std::string line = json(request);
  CHECK(line.find("cost_usd") == std::string::npos);
  CHECK(line.find(R"("cache_read":40000,"partial":true})") != std::string::npos);
  // What a provider answered with an error is counted nowhere.
  request.attempts[1].usage.charges[1].billed = false;
  line = json(request);
  CHECK(line.find(R"("cost_usd":0.036900000)") != std::string::npos);
  CHECK(line.find("partial") == std::string::npos);
}

TEST_CASE("provider and key of a request are those whose words the client got", "[observe]") {
  RequestSummary request = sample_request();
  request.attempts[1].outcome = Outcome::failed;
  request.attempts[1].status = 500;
  request.status = 429;
  CHECK(json(request).find(R"("model":"claude-x","provider":"zai","key":"k1","status":429)") !=
        std::string::npos);
  request.status = 502;
  CHECK(
      json(request).find(R"("provider":"anthropic","key":"k2","key_name":"team-a","status":502)") !=
      std::string::npos);
}

TEST_CASE("what the relay answers well by itself is of interest at debug alone", "[observe]") {
  RequestSummary request;
  request.status = 200;
  CHECK(level_of(request) == Level::info);
  request.local = true;
  CHECK(level_of(request) == Level::debug);
  request.status = 503;  // draining, or not ready
  CHECK(level_of(request) == Level::debug);
  request.local = false;
  CHECK(level_of(request) == Level::error);
}

TEST_CASE("a note carries its id and fields when it has them", "[observe]") {
  Note note;
  note.time = sample_time();
  note.level = Level::warn;
  note.event = "key_set_aside";
  note.message = "key k1 rests";
  note.request_id = "req_1";
  note.fields = {{"key", "k1"}, {"seconds", "30"}};
  CHECK(json(note) ==
        R"({"time":"2026-01-01T00:00:00.123Z","level":"warn","event":"key_set_aside",)"
        R"("message":"key k1 rests","request_id":"req_1",)"
        R"("fields":{"key":"k1","seconds":"30"}})"
        "\n");
}

TEST_CASE("control characters, quotes and backslashes are escaped in JSON", "[observe]") {
  CHECK(note_saying(std::string("a\"b\\c\n\r\t\x01\x1b\x7f\0z", 13)) ==
        line_around(R"(a\"b\\c\n\r\t\u0001\u001b\u007f\u0000z)"));
}

TEST_CASE("code points that could fool a terminal are escaped in JSON", "[observe]") {
  // CSI (a C1 control), line separator, right-to-left override.
  CHECK(note_saying("\xC2\x9B|\xE2\x80\xA8|\xE2\x80\xAE") ==
        line_around(R"(\u009b|\u2028|\u202e)"));
}

TEST_CASE("valid UTF-8 stays as it is in JSON", "[observe]") {
  const std::string text = "\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80 \xF4\x8F\xBF\xBF";
  CHECK(note_saying(text) == line_around(text));
}

TEST_CASE("invalid UTF-8 becomes replacement characters in JSON", "[observe]") {
  const std::string replaced = "\xEF\xBF\xBD";
  SECTION("a stray continuation byte") {
    CHECK(note_saying("a\x80z") == line_around("a" + replaced + "z"));
  }
  SECTION("an overlong slash") {
    CHECK(note_saying("\xC0\xAF") == line_around(replaced + replaced));
  }
  SECTION("a surrogate") {
    CHECK(note_saying("\xED\xA0\x80") == line_around(replaced + replaced + replaced));
  }
  SECTION("a sequence cut by the end") {
    CHECK(note_saying("\xE2\x82") == line_around(replaced + replaced));
  }
  SECTION("a sequence cut by a quote") {
    CHECK(note_saying("\xE2\"") == line_around(replaced + "\\\""));
  }
  SECTION("beyond U+10FFFF") {
    CHECK(note_saying("\xF4\x90\x80\x80") ==
          line_around(replaced + replaced + replaced + replaced));
  }
}

TEST_CASE("wherever it stands in a text, a character is written as it is elsewhere", "[observe]") {
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t size = 1; size < 20; ++size) {
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, 'a');
        text[at] = static_cast<char>(byte);
        std::string expected;
        append_json_string(expected, text);
        std::string shown;
        {
          Pen pen(shown);
          append_json_string(pen, text);
        }
        if (shown == expected) continue;
        CAPTURE(byte, size, at);
        CHECK(shown == expected);
      }
    }
  }
}

TEST_CASE("a pen writes behind what there is, and beyond what it has room for", "[observe]") {
  std::string text = "begin:";
  {
    Pen pen(text);
    for (int i = 0; i < 1000; ++i) pen.put("0123456789");
    pen.put(std::string_view());
  }
  CHECK(text.size() == 6 + 10'000);
  CHECK(text.substr(0, 16) == "begin:0123456789");
  CHECK(text.substr(text.size() - 3) == "789");
}

}  // namespace ccrelay::observe
