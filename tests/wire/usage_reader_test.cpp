#include "wire/usage_reader.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay;
using wire::UsageReader;

namespace {

using Count = std::optional<std::uint64_t>;

// The one charge of an answer that told these usages one after the other.
Charge charge_of(std::initializer_list<std::string_view> usages) {
  UsageReader reader;
  for (const auto usage : usages) CHECK(reader.read(usage));
  const UsageReport report = reader.report();
  REQUIRE(report.charges.size() == 1);
  return report.charges.front();
}

Tokens tokens(Count input, Count output, Count write_5m, Count write_1h, Count read) {
  return Tokens{{input, output, write_5m, write_1h, read}};
}

constexpr Count none;

}  // namespace

TEST_CASE("figures of a stream replace, they are never added", "[wire][usage]") {
  const Charge charge = charge_of({
      R"({"input_tokens":100,"cache_read_input_tokens":40,"output_tokens":1})",
      R"({"input_tokens":90,"cache_read_input_tokens":0,"output_tokens":7})",
      R"({"output_tokens":350,"cache_read_input_tokens":null})",
  });
  CHECK(charge.tokens == tokens(90, 350, none, none, 0));
  CHECK(charge.kind == ChargeKind::message);
}

TEST_CASE("an input of 0 replaces nothing, but is told where nothing was", "[wire][usage]") {
  CHECK(charge_of({R"({"input_tokens":1234})", R"({"input_tokens":0,"output_tokens":5})"}).tokens ==
        tokens(1234, 5, none, none, none));
  CHECK(charge_of({R"({"input_tokens":0})"}).tokens == tokens(0, none, none, none, none));
  CHECK(charge_of({R"({"input_tokens":0})", R"({"input_tokens":77})"}).tokens ==
        tokens(77, none, none, none, none));
}

TEST_CASE("cache writes are split by their lifetime as far as it is told", "[wire][usage]") {
  const std::string_view split =
      R"({"cache_creation_input_tokens":30,"cache_creation":{"ephemeral_5m_input_tokens":10,)"
      R"("ephemeral_1h_input_tokens":20}})";
  const auto writes = [](std::initializer_list<std::string_view> usages, Count five, Count hour,
                         bool assumed) {
    const Charge charge = charge_of(usages);
    CHECK(charge.tokens[TokenClass::cache_write_5m] == five);
    CHECK(charge.tokens[TokenClass::cache_write_1h] == hour);
    CHECK(charge.assumed_ttl == assumed);
  };
  writes({split}, 10, 20, false);
  writes({split, R"({"cache_creation_input_tokens":30})"}, 10, 20, false);
  writes({split, R"({"cache_creation_input_tokens":45})"}, 25, 20, true);
  writes({split, R"({"cache_creation_input_tokens":25})"}, 5, 20, true);
  writes({split, R"({"cache_creation_input_tokens":15})"}, 0, 15, true);
  writes({R"({"cache_creation_input_tokens":30})"}, 30, 0, true);
  writes({R"({"cache_creation_input_tokens":0})"}, 0, 0, false);
  writes({R"({"cache_creation":{"ephemeral_5m_input_tokens":1,"ephemeral_1h_input_tokens":2}})"}, 1,
         2, false);
  writes({R"({"cache_creation":null,"input_tokens":1})"}, none, none, false);
}

TEST_CASE("what is no number is not told", "[wire][usage]") {
  CHECK(charge_of({R"({"input_tokens":"12","output_tokens":-1,"cache_read_input_tokens":3})"})
            .tokens == tokens(none, none, none, none, 3));
  UsageReader reader;
  for (const auto* text : {"", "[]", "1", "{", "null", R"("usage")"}) {
    CAPTURE(text);
    CHECK_FALSE(reader.read(text));
  }
  CHECK(reader.report().charges.empty());
}

TEST_CASE("searches are cumulative, and thinking is a part of the output", "[wire][usage]") {
  const Charge charge = charge_of({
      R"({"output_tokens":9,"server_tool_use":{"web_search_requests":1,"web_fetch_requests":7}})",
      R"({"output_tokens":90,"server_tool_use":{"web_search_requests":2},)"
      R"("output_tokens_details":{"thinking_tokens":60}})",
  });
  CHECK(charge.web_searches == 2u);
  CHECK(charge.thinking == 60u);
  CHECK(charge.tokens[TokenClass::output] == 90u);
}

TEST_CASE("what the top level of a usage does not hold is charged beside it", "[wire][usage]") {
  UsageReader reader;
  reader.set_model("claude-opus-5-5");
  reader.read(R"({"input_tokens":10,"output_tokens":5,"iterations":[
    {"type":"message","input_tokens":4,"output_tokens":2},
    {"type":"compaction","input_tokens":1000,"output_tokens":100},
    {"type":"message","input_tokens":6,"output_tokens":3},
    {"type":"advisor_message","model":"claude-fable-5-1","input_tokens":50,"output_tokens":20,
     "cache_creation_input_tokens":3}]})");
  const auto charges = reader.report().charges;
  REQUIRE(charges.size() == 3);
  CHECK(charges[0].tokens == tokens(10, 5, none, none, none));
  CHECK(charges[0].model == "claude-opus-5-5");
  CHECK(charges[1].kind == ChargeKind::compaction);
  CHECK(charges[1].model == "claude-opus-5-5");
  CHECK(charges[1].tokens == tokens(1000, 100, none, none, none));
  CHECK(charges[2].kind == ChargeKind::advisor);
  CHECK(charges[2].model == "claude-fable-5-1");
  CHECK(charges[2].tokens == tokens(50, 20, 3, 0, none));
  CHECK(charges[2].assumed_ttl);
}

TEST_CASE("parts by other models are charged where they add up to the whole", "[wire][usage]") {
  const std::string parts =
      R"("iterations":[{"type":"message","input_tokens":4,"output_tokens":2},)"
      R"({"type":"fallback_message","model":"claude-sonnet-5-5","input_tokens":6,)"
      R"("output_tokens":3},{"type":"compaction","input_tokens":8,"output_tokens":1}])";
  UsageReader fits;
  fits.set_model("claude-opus-5-5");
  fits.read(R"({"input_tokens":10,"output_tokens":5,)" + parts + "}");
  auto charges = fits.report().charges;
  REQUIRE(charges.size() == 3);
  CHECK(charges[0].model == "claude-opus-5-5");
  CHECK(charges[0].tokens == tokens(4, 2, none, none, none));
  CHECK(charges[1].kind == ChargeKind::fallback);
  CHECK(charges[1].model == "claude-sonnet-5-5");
  CHECK(charges[2].kind == ChargeKind::compaction);

  UsageReader does_not;
  does_not.read(R"({"input_tokens":11,"output_tokens":5,)" + parts + "}");
  charges = does_not.report().charges;
  REQUIRE(charges.size() == 2);
  CHECK(charges[0].kind == ChargeKind::message);
  CHECK(charges[0].tokens == tokens(11, 5, none, none, none));
  CHECK(charges[1].kind == ChargeKind::compaction);
}

TEST_CASE("an iteration of an unknown kind that tells nothing is no charge", "[wire][usage]") {
  const std::string odd = R"({"type":"pause"},{})";
  UsageReader whole;
  whole.read(R"({"input_tokens":10,"output_tokens":5,"iterations":[)" + odd +
             R"(,{"type":"message","input_tokens":10,"output_tokens":5}]})");
  REQUIRE(whole.report().charges.size() == 1);
  CHECK(whole.report().charges[0].tokens == tokens(10, 5, none, none, none));

  UsageReader parted;
  parted.read(R"({"input_tokens":10,"output_tokens":5,"iterations":[)" + odd +
              R"(,{"type":"message","input_tokens":4,"output_tokens":2},)"
              R"({"type":"fallback_message","model":"m","input_tokens":6,"output_tokens":3}]})");
  REQUIRE(parted.report().charges.size() == 2);
  CHECK(parted.report().charges[1].kind == ChargeKind::fallback);
}

TEST_CASE("later iterations replace all that were told before", "[wire][usage]") {
  UsageReader reader;
  reader.read(R"({"input_tokens":1,"iterations":[{"type":"compaction","input_tokens":5}]})");
  reader.read(R"({"output_tokens":1})");
  CHECK(reader.report().charges.size() == 2);
  reader.read(R"({"iterations":[{"type":"message","input_tokens":1}]})");
  CHECK(reader.report().charges.size() == 1);
}

TEST_CASE("Bedrock's metrics fill what usage did not tell", "[wire][usage]") {
  UsageReader reader;
  reader.read(R"({"input_tokens":10,"cache_read_input_tokens":0})");
  CHECK(reader.read_metrics(R"({"inputTokenCount":99,"outputTokenCount":7,)"
                            R"("cacheReadInputTokenCount":88,"cacheWriteInputTokenCount":6})"));
  CHECK(reader.report().charges.at(0).tokens == tokens(10, 7, 6, 0, 0));
  CHECK_FALSE(reader.read_metrics("[]"));
}

TEST_CASE("tier, speed and place of an answer are kept", "[wire][usage]") {
  UsageReader reader;
  reader.read(R"({"service_tier":"priority","speed":"fast","inference_geo":"us"})");
  reader.read(R"({"service_tier":null,"output_tokens":1})");
  const auto report = reader.report();
  CHECK(report.service_tier == "priority");
  CHECK(report.speed == "fast");
  CHECK(report.geo == "us");
}
