#include "api/json.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

#include "api/call.hpp"
#include "api/errors.hpp"
#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::management;
using std::chrono::seconds;

namespace {

template <class... T>
std::string json(const T&... value) {
  std::string out;
  api::append_json(out, value...);
  return out;
}

constexpr WallTime start{seconds(1'769'850'000)};  // 2026-01-31T09:00:00Z

}  // namespace

TEST_CASE("whole numbers are numbers, however large") {
  CHECK(json(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(json(std::numeric_limits<std::int64_t>::max()) == "9223372036854775807");
  CHECK(json(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
  CHECK(json(std::int32_t{0}) == "0");
  CHECK(json(true) == "true");
}

TEST_CASE("numbers that JSON has no word for are the strings of proto3 JSON") {
  CHECK(json(std::numeric_limits<double>::quiet_NaN()) == R"("NaN")");
  CHECK(json(std::numeric_limits<double>::infinity()) == R"("Infinity")");
  CHECK(json(-std::numeric_limits<double>::infinity()) == R"("-Infinity")");
  CHECK(json(0.1) == "0.1");
  CHECK(json(41.0) == "41");
  CHECK(json(1e300) == "1e+300");
  CHECK(json(-0.0) == "-0");
}

TEST_CASE("text is escaped, and bytes that are no UTF-8 are replaced") {
  CHECK(json(std::string("a\"b\\c\n\x01é")) == "\"a\\\"b\\\\c\\n\\u0001é\"");
  CHECK(json(std::string("\xff")) == "\"\xEF\xBF\xBD\"");
  CHECK(json(std::string()) == R"("")");
}

TEST_CASE("times are RFC 3339 in UTC with as many digits as they need") {
  CHECK(json(start) == R"("2026-01-31T09:00:00Z")");
  CHECK(json(start + std::chrono::milliseconds(7)) == R"("2026-01-31T09:00:00.007Z")");
  CHECK(json(start + std::chrono::microseconds(7)) == R"("2026-01-31T09:00:00.000007Z")");
  CHECK(json(start + std::chrono::nanoseconds(7)) == R"("2026-01-31T09:00:00.000000007Z")");
  CHECK(json(WallTime(seconds(-1))) == R"("1969-12-31T23:59:59Z")");
  CHECK(json(WallTime(std::chrono::milliseconds(-1))) == R"("1969-12-31T23:59:59.999Z")");
}

TEST_CASE("what is absent is null, a time that nobody knows too; an enum has a word for it") {
  CHECK(json(std::optional<std::int64_t>()) == "null");
  CHECK(json(std::optional<std::int64_t>(0)) == "0");
  CHECK(json(std::optional<WallTime>()) == "null");
  CHECK(json(WallTime{}) == "null");
  CHECK(json(std::optional<Outcome>()) == R"("OUTCOME_UNSPECIFIED")");
  CHECK(json(std::optional<Ending>()) == R"("ENDING_UNSPECIFIED")");
}

TEST_CASE("enums go by their names in the proto") {
  CHECK(json(ServerState::not_ready) == R"("SERVER_STATE_NOT_READY")");
  CHECK(json(ProviderHealth::no_identity) == R"("PROVIDER_HEALTH_NO_IDENTITY")");
  CHECK(json(BudgetKind::nano_usd_per_month) == R"("BUDGET_KIND_NANO_USD_PER_MONTH")");
  CHECK(json(Role::operator_) == R"("ROLE_OPERATOR")");
  CHECK(json(Outcome::cancelled) == R"("OUTCOME_CANCELLED")");
  CHECK(json(Outcome::exhausted) == R"("OUTCOME_EXHAUSTED")");
  CHECK(json(Ending::by_operator) == R"("ENDING_OPERATOR")");
  CHECK(json(static_cast<RequestState>(99)) == R"("REQUEST_STATE_UNSPECIFIED")");
}

TEST_CASE("a list is an array, an empty one too") {
  CHECK(json(std::vector<std::string>{}) == "[]");
  CHECK(json(std::vector<std::string>{"a", "b"}) == R"(["a","b"])");
}

TEST_CASE("who asks is told with what the relay is") {
  ServerInfo info;
  info.version = "0.3.0";
  info.start_time = start;
  info.pid = 42;
  info.listen_addresses = {"127.0.0.1:8787"};
  const std::string out = json(info, Caller{"token:grafana", Role::viewer});
  CHECK(out.substr(0, 65) ==
        R"({"name":"cc-relay","version":"0.3.0","api_revision":1,"start_time)");
  CHECK(out.find(R"("start_time":"2026-01-31T09:00:00Z","pid":42,)") != std::string::npos);
  CHECK(out.find(R"("listen_addresses":["127.0.0.1:8787"])") != std::string::npos);
  CHECK(out.find(R"("caller":{"name":"token:grafana","role":"ROLE_VIEWER"},)") !=
        std::string::npos);
}

TEST_CASE("an error has the status of its code") {
  const auto answer = api::error_answer("NOT_FOUND", "there is no \"x\"");
  CHECK(answer.status == 404);
  CHECK(answer.body == R"({"error":{"code":"NOT_FOUND","message":"there is no \"x\""}})");
  CHECK(api::error_answer("FAILED_PRECONDITION", "").status == 409);
  CHECK(api::error_answer("RESOURCE_EXHAUSTED", "").status == 429);
  CHECK(api::error_answer("DEADLINE_EXCEEDED", "").status == 504);
  CHECK(api::error_answer("SOMETHING", "").status == 500);
}

TEST_CASE("an error about a configuration has every mistake") {
  Refusal refusal{Code::failed_precondition, "two mistakes", {}};
  refusal.diagnostics = {{Severity::error, "/etc/relay.toml", 3, 7, "server.port", "is no port"}};
  CHECK(api::error_answer(refusal).body ==
        R"({"error":{"code":"FAILED_PRECONDITION","message":"two mistakes","diagnostics":[)"
        R"({"severity":"SEVERITY_ERROR","file":"/etc/relay.toml","line":3,"column":7,)"
        R"("path":"server.port","message":"is no port"}]}})");
}

TEST_CASE("an event says what has happened under its name") {
  Event event{7, start, FirstByte{"1f", "zai", 200, 1'200'000}};
  CHECK(json(event) == R"({"sequence":7,"time":"2026-01-31T09:00:00Z","first_byte":)"
                       R"({"id":"1f","provider":"zai","status":200,"first_byte_us":1200000}})");
  event = {0, start, Lost{5, 2, 1}};
  CHECK(json(event) == R"({"sequence":0,"time":"2026-01-31T09:00:00Z","lost":)"
                       R"({"events":5,"ended":2,"started":1}})");
}

TEST_CASE("a provider is whole, whatever is not known of it") {
  management::Provider provider;
  provider.name = "zai";
  const std::string out = json(provider);
  CHECK(
      out.substr(0, 98) ==
      R"({"name":"zai","type":"","base_url":"","models":[],"priority":0,"weight":0,"admin_state":"ADMIN_STA)");
  CHECK(out.find(R"("admin_override":null,"health":"PROVIDER_HEALTH_UNSPECIFIED")") !=
        std::string::npos);
  CHECK(out.find(
            R"("failure_ratio":null,"last_error":null,"keys":[],"identity":null,"dialects":[]})") !=
        std::string::npos);
}
