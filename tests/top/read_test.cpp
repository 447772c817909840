#include "../../app/top/read.hpp"

#include <string>

#include "../../app/top/api.hpp"
#include "../../app/top/wants.hpp"
#include "catch.hpp"
#include "sample.hpp"

namespace ccrelay::app::top {

TEST_CASE("a status is read, with seconds that follow each other and the CPU between two",
          "[top]") {
  Model model;
  REQUIRE(read_status(
      R"({"status":{"time":"2026-11-25T12:04:31Z","state":"SERVER_STATE_SERVING","uptime_ms":10000,
      "in_flight":3,"rates":{"requests_per_second":1.5},"today":null,
      "process":{"cpu_ms":1000},
      "history":[{"time":"2026-11-25T12:04:29Z","requests":4},
                 {"time":"2026-11-25T12:04:30Z","requests":2}]}})",
      model));
  CHECK(model.status.state == "SERVING");
  CHECK(model.status.in_flight == 3);
  CHECK(!model.status.today);
  CHECK(!model.status.streaming);
  CHECK(model.cpu == Approx(0.1));
  REQUIRE(read_status(R"({"status":{"uptime_ms":"11000","process":{"cpu_ms":1500},
      "history":[{"time":"2026-11-25T12:04:30Z","requests":7},
                 {"time":"2026-11-25T12:04:31Z","requests":1}]}})",
                      model));
  CHECK(model.cpu == Approx(0.5));
  REQUIRE(model.history.size() == 3);
  CHECK(model.history[1].requests == 7);
  CHECK(!read_status("[]", model));
  CHECK(!read_status("{", model));
}

TEST_CASE("pages of a list follow each other", "[top]") {
  std::vector<Provider> all;
  std::string more;
  REQUIRE(read_providers(
      R"({"providers":[{"name":"a","health":"PROVIDER_HEALTH_OPEN","breaker":{"half_open_in_ms":5}}],
      "next_page_token":"t"})",
      all, more));
  CHECK(more == "t");
  REQUIRE(read_providers(R"({"providers":[{"name":"b","failure_ratio":0.5}],"next_page_token":""})",
                         all, more));
  CHECK(more.empty());
  REQUIRE(all.size() == 2);
  CHECK(all[0].health == "OPEN");
  CHECK(all[0].half_open_in_ms == 5);
  CHECK(all[1].failure_ratio == 0.5);
  CHECK(!all[1].first_byte_us);
}

TEST_CASE("a request is followed from its start to its end", "[top]") {
  Model model;
  const auto take = [&](const char* message) { REQUIRE(read_request_event(message, model)); };
  take(R"({"synced":{"existing":0}})");
  CHECK(model.has_requests);
  take(R"({"started":{"id":"a1","model":"m","state":"REQUEST_STATE_ROUTING"}})");
  REQUIRE(model.running.size() == 1);
  take(R"({"attempt_started":{"id":"a1","attempt":{"number":1,"provider":"zai"}}})");
  CHECK(model.running[0].provider == "zai");
  CHECK(model.running[0].state == "WAITING");
  take(R"({"time":"2026-11-25T12:04:31Z","attempt_ended":{"id":"a1","attempt":
      {"number":1,"provider":"zai","outcome":"OUTCOME_FAILED","status":502,"detail":"closed"}}})");
  REQUIRE(model.troubles.size() == 1);
  CHECK(model.troubles[0].text == "502, closed");
  CHECK(model.running[0].troubled);
  take(R"({"first_byte":{"id":"a1","provider":"b","status":200,"first_byte_us":900}})");
  CHECK(model.running[0].state == "STREAMING");
  take(R"({"progress":{"id":"a1","state":"REQUEST_STATE_STREAMING","response_bytes":12,
      "usage":{"output_tokens":5}}})");
  CHECK(model.running[0].usage.output_tokens == 5);
  take(R"({"lost":{"events":3}})");
  CHECK(model.requests_lost == 3);
  take(R"({"heartbeat":{}})");
  take(R"({"ended":{"id":"a1","ending":"ENDING_COMPLETE","status":200,
      "state":"REQUEST_STATE_ENDED"}})");
  CHECK(model.running.empty());
  REQUIRE(model.ended.size() == 1);
  CHECK(model.ended[0].troubled);
  CHECK(model.ended[0].ending == "COMPLETE");
}

TEST_CASE("what is remembered has an end", "[top]") {
  Model model;
  for (std::size_t i = 0; i < ended_requests_max + 5; ++i) {
    read_request_event(R"({"ended":{"id":"r)" + std::to_string(i) + R"("}})", model);
  }
  CHECK(model.ended.size() == ended_requests_max);
  CHECK(model.ended.front().id == "r5");
  for (std::size_t i = 0; i < log_lines_max + 5; ++i) {
    read_log_event(R"({"line":{"message":"m"}})", model);
  }
  CHECK(model.log.size() == log_lines_max);
}

TEST_CASE("a provider's last error is trouble once", "[top]") {
  Model model;
  Provider provider;
  provider.name = "zai";
  provider.last_error = LastError{sample::at(), "FAILED", 502, "closed", "a1"};
  model.providers = {provider};
  model.troubles = {{sample::at(), "zai", "FAILED", "502, closed", "a1"}};
  take_last_errors(model);
  CHECK(model.troubles.size() == 1);
  model.providers[0].last_error->id = "a2";
  take_last_errors(model);
  CHECK(model.troubles.size() == 2);
}

TEST_CASE("answers to orders, and errors as they came", "[top]") {
  CHECK(!read_action(R"({"changed":false})").changed);
  CHECK(read_action(R"({"changed":true,"warnings":["none is left"]})").warnings.size() == 1);
  CHECK(!read_action(R"({"generation":3,"changes":[]})").changed);
  CHECK(read_action(R"({"generation":4,"changes":[{"path":"a"}]})").changed);
  CHECK(read_error(R"({"error":{"code":"NOT_FOUND","message":"no such"}})") == "no such");
  CHECK(read_error("<html>").empty());
  CHECK(raw_member(R"({"a":{"b": [1, 2]}})", "a") == R"({"b":[1,2]})");
  CHECK(raw_member("{}", "a") == "null");
}

TEST_CASE("events come whole, however they are cut", "[top]") {
  const std::string stream = ": hello\n\ndata: {\"a\":1}\n\ndata:{\"b\":\r\ndata: 2}\r\n\r\n";
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    EventLines lines;
    std::string all;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      REQUIRE(lines.take(stream.substr(at, piece),
                         [&](std::string_view message) { all += std::string(message) + "|"; }));
    }
    REQUIRE(all == "{\"a\":1}|{\"b\":\n2}|");
  }
}

TEST_CASE("a screen asks for what it shows and no more", "[top]") {
  const Model model = sample::relay();
  const Wants overview = wants_of(sample::view(80, 24), model);
  CHECK((overview.requests && !overview.logs && !overview.keys && !overview.clients));
  const Wants wide = wants_of(sample::view(120, 40), model);
  CHECK((wide.requests && wide.logs && wide.keys));
  const Wants keys = wants_of(sample::view(80, 24, Screen::keys), model);
  CHECK((!keys.requests && !keys.logs && keys.keys));
  CHECK(wants_of(sample::view(120, 40, Screen::requests), model).detail == "1f03a");
  CHECK(wants_of(sample::view(80, 24, Screen::log), model).logs);
}

}  // namespace ccrelay::app::top
