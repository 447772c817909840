#include "otel/measures.hpp"

#include <bit>
#include <numeric>

#include "catch.hpp"
#include "otel/proto_reader.hpp"
#include "otel/sample.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using otel::Measures;

namespace {

const otel::Resource resource{"cc-relay", "0.1.0", "instance"};
const WallTime start(std::chrono::seconds(10));
const WallTime now(std::chrono::seconds(20));

struct Point {
  std::map<std::string, std::string> attributes;
  std::uint64_t count;
  double sum;
  std::vector<std::uint64_t> buckets;
  std::vector<std::uint64_t> bounds;  // doubles by their bits
  double min, max;
};

/// Metric -> its points.
std::map<std::string, std::vector<Point>> read(const Measures& measures) {
  const std::string wire = measures.export_of(resource, now);
  std::map<std::string, std::vector<Point>> out;
  const Proto scope = Proto(wire).inner(1).inner(2);
  for (std::size_t i = 0; i < scope.count(2); ++i) {
    const Proto metric = scope.inner(2, i);
    const Proto histogram = metric.inner(9);
    CHECK(histogram.number(2) == 2);  // cumulative
    for (std::size_t j = 0; j < histogram.count(1); ++j) {
      const Proto point = histogram.inner(1, j);
      CHECK(point.number(2) == 10'000'000'000u);
      CHECK(point.number(3) == 20'000'000'000u);
      out[metric.text(1) + ' ' + metric.text(3)].push_back(
          {point.attributes(9), point.number(4), point.real(5), point.packed(6), point.packed(7),
           point.real(11), point.real(12)});
    }
  }
  return out;
}

double sum_of(const std::vector<Point>& points, const std::string& token_type) {
  double sum = 0;
  for (const Point& point : points) {
    if (point.attributes.at("gen_ai.token.type") == token_type) sum += point.sum;
  }
  return sum;
}

}  // namespace

TEST_CASE("tokens, durations and speeds are counted for each attempt", "[otel]") {
  Measures measures(start);
  measures.add(otel::record_of(traced_request()));
  auto seen = read(measures);
  REQUIRE(seen.size() == 4);
  const auto& tokens = seen["gen_ai.client.token.usage {token}"];
  REQUIRE(tokens.size() == 2);
  CHECK(sum_of(tokens, "input") == 41'207);
  CHECK(sum_of(tokens, "output") == 350);
  CHECK(tokens[0].attributes ==
        std::map<std::string, std::string>{
            {"gen_ai.operation.name", "chat"},
            {"gen_ai.provider.name", "aws.bedrock"},
            {"gen_ai.request.model", "claude-x"},
            {"gen_ai.response.model", "claude-x-1"},
            {"gen_ai.token.type", tokens[0].attributes.at("gen_ai.token.type")},
            {"server.address", "::1"},
            {"server.port", "8443"}});
  const auto& durations = seen["gen_ai.client.operation.duration s"];
  REQUIRE(durations.size() == 2);
  double all = 0;
  std::string errors;
  for (const Point& point : durations) {
    all += point.sum;
    if (point.attributes.count("error.type")) errors += point.attributes.at("error.type");
  }
  CHECK(all == Approx(1.205));
  CHECK(errors == "rate_limited");
  const auto& first = seen["gen_ai.client.operation.time_to_first_chunk s"];
  REQUIRE(first.size() == 1);
  CHECK(first[0].sum == Approx(0.02));
  // 1.18 s for 349 further tokens.
  const auto& speed = seen["gen_ai.server.time_per_output_token s"];
  REQUIRE(speed.size() == 1);
  CHECK(speed[0].sum == Approx(1.18 / 349));
  CHECK(speed[0].bounds.size() == 13);
  CHECK(speed[0].buckets.size() == 14);
}

TEST_CASE("sums are exact and since the start", "[otel]") {
  Measures measures(start);
  RequestSummary request = traced_request();
  for (int i = 0; i < 1000; ++i) {
    request.attempts[1].usage.charges[0].tokens[TokenClass::input] = 1'000'000'007 + i;
    measures.add(otel::record_of(request));
  }
  for (int i = 0; i < 2; ++i) {
    const auto tokens = read(measures)["gen_ai.client.token.usage {token}"];
    CHECK(sum_of(tokens, "input") == 1000.0 * 1'000'000'007 + 999 * 500 + 1000.0 * 40'007);
    CHECK(sum_of(tokens, "output") == 350'000);
  }
}

TEST_CASE("a value counts in the bucket whose upper bound it reaches", "[otel]") {
  otel::Histogram histogram(otel::names::token_usage);
  for (const double value : {0.0, 1.0, 2.0, 4.0, 5.0, 67'108'864.0, 67'108'865.0}) {
    histogram.record("", value);
  }
  const otel::Message message = histogram.message(start, now);
  const Proto point = Proto(message.wire()).inner(9).inner(1);
  const std::vector<std::uint64_t> buckets = point.packed(6);
  REQUIRE(buckets.size() == 15);
  CHECK(buckets[0] == 2);
  CHECK(buckets[1] == 2);
  CHECK(buckets[2] == 1);
  CHECK(buckets[13] == 1);
  CHECK(buckets[14] == 1);
  CHECK(std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0}) == point.number(4));
  CHECK(point.real(11) == 0);
  CHECK(point.real(12) == 67'108'865);
}

TEST_CASE("models that clients invent make no more series than there may be", "[otel]") {
  Measures measures(start);
  RequestSummary request = traced_request();
  request.attempts.erase(request.attempts.begin());
  constexpr int asked = 2500;
  for (int i = 0; i < asked; ++i) {
    request.attempts[0].model = "invented-" + std::to_string(i);
    measures.add(otel::record_of(request));
  }
  auto seen = read(measures);
  for (const auto& [name, points] : seen) {
    INFO(name);
    CHECK(points.size() == otel::Histogram::series_max + 1);
    std::uint64_t count = 0;
    bool overflows = false;
    for (const Point& point : points) {
      count += point.count;
      overflows = overflows || point.attributes == std::map<std::string, std::string>{
                                                       {"otel.metric.overflow", "true"}};
    }
    CHECK(overflows);
    CHECK(count == (name.find("token.usage") == std::string::npos ? asked : 2 * asked));
  }
}

TEST_CASE("what was not billed, told or asked of a model is not counted", "[otel]") {
  Measures measures(start);
  RequestSummary request = traced_request();
  request.endpoint = "passthrough";
  measures.add(otel::record_of(request));
  CHECK(measures.empty());
  request = traced_request();
  request.attempts[1].usage.charges[0].billed = false;
  request.attempts[1].usage.charges.emplace_back();
  measures.add(otel::record_of(request));
  CHECK(read(measures).count("gen_ai.client.token.usage {token}") == 0);
}

TEST_CASE("an answer that comes whole has no time to its first chunk", "[otel]") {
  Measures measures(start);
  RequestSummary request = traced_request();
  request.stream = false;
  measures.add(otel::record_of(request));
  const auto seen = read(measures);
  CHECK(seen.size() == 2);
  CHECK(seen.count("gen_ai.client.operation.duration s") == 1);
}
