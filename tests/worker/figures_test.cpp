#include "worker/figures.hpp"

#include <set>
#include <string>

#include "catch.hpp"
#include "price/table.hpp"
#include "worker/snapshot.hpp"

using namespace ccrelay;
using namespace ccrelay::worker;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

identity::Vaults vaults{[](std::string_view) { return std::nullopt; }};

Config config_with(const std::vector<std::string>& models, int models_max = 2) {
  Config config;
  config.metrics.models_max = models_max;
  ProviderConfig provider;
  provider.name = "one";
  provider.type = "anthropic";
  provider.models = models;
  provider.keys.push_back({Secret("sk-one"), 1, 1});
  config.providers.push_back(provider);
  return config;
}

std::shared_ptr<const Snapshot> build(const Config& config) {
  auto snapshot = Snapshot::build(config, {}, vaults);
  if (!snapshot) FAIL(snapshot.error().message);
  return *snapshot;
}

/// A request to /v1/messages that one attempt has answered.
RequestSummary answered(const std::string& model, int status = 200,
                        const std::string& client = "anonymous") {
  RequestSummary request;
  request.endpoint = "messages";
  request.client_name = client;
  request.status = status;
  AttemptSummary attempt;
  attempt.provider = "one";
  attempt.model = model;
  attempt.status = status;
  attempt.outcome = status == 200 ? Outcome::success : Outcome::rejected;
  request.attempts.push_back(attempt);
  return request;
}

/// Those that stand in attempts, by their names.
std::set<std::string> models_in(const Figures& figures, const Labels& labels) {
  const auto names = labels.names(LabelKind::model);
  std::set<std::string> found;
  for (const auto& [key, count] : figures.counts().attempts) {
    if (count > 0) found.insert(names[series_part(key, 1)]);
  }
  return found;
}

std::uint64_t sum(const Cells<std::uint64_t>& cells) {
  std::uint64_t all = 0;
  for (const auto& [key, count] : cells) all += count;
  return all;
}

using Set = std::set<std::string>;

}  // namespace

TEST_CASE("a model of the configuration has its name, others only while there is room",
          "[figures]") {
  Labels labels;
  labels.configure(*build(config_with({"known", "pattern-*"})));
  Figures figures(labels);
  for (const char* model : {"known", "a", "b", "c", "a", "pattern-1"}) {
    figures.request_finished(answered(model));
  }
  CHECK(models_in(figures, labels) == Set{"known", "a", "b", "other"});
  CHECK(sum(figures.counts().attempts) == 6);
}

TEST_CASE("a name gets its place by an answer alone, and when it is fit to be one", "[figures]") {
  Labels labels;
  labels.configure(*build(config_with({}, 50)));
  Figures figures(labels);
  for (const int status : {400, 404, 429, 500, 529, 0}) {
    figures.request_finished(answered("refused", status));
  }
  for (const std::string& model :
       {std::string("line\nbreak"), std::string("bell\x07"), std::string("\xFF\xFE"),
        std::string("c1\xC2\x9B"), std::string(129, 'x'), std::string()}) {
    figures.request_finished(answered(model));
  }
  CHECK(models_in(figures, labels) == Set{"other"});
  figures.request_finished(answered(std::string(128, 'x')));
  figures.request_finished(answered("caf\xC3\xA9"));
  figures.request_finished(answered("other"));
  CHECK(models_in(figures, labels) == Set{"other", std::string(128, 'x'), "caf\xC3\xA9"});
}

TEST_CASE("two workers together have no more names and series than one", "[figures]") {
  Labels labels;
  labels.configure(*build(config_with({}, 3)));
  Figures one(labels), two(labels);
  for (int i = 0; i < 10; ++i) {
    one.request_finished(answered("a" + std::to_string(i)));
    two.request_finished(answered("b" + std::to_string(i)));
  }
  Counts both = one.counts();
  both.add(two.counts());
  CHECK(labels.names(LabelKind::model).size() == 1 + 3);
  CHECK(both.models.size() == 1 + 3);
  CHECK(sum(both.attempts) == 20);
}

TEST_CASE("a family has a thousand series at most, and loses none of what it counts", "[figures]") {
  Labels labels;
  labels.configure(*build(config_with({}, 1000)));
  Figures one(labels), two(labels);
  const int requests = 3000;
  for (int i = 0; i < requests; ++i) {
    Figures& figures = i % 2 == 0 ? one : two;
    RequestSummary request = answered("m" + std::to_string(i), 200, "c" + std::to_string(i));
    request.attempts[0].usage.charges.emplace_back().tokens[TokenClass::output] = 7;
    figures.request_finished(request);
    request.attempts[0].outcome = Outcome::cancelled;
    figures.request_finished(request);
  }
  Counts both = one.counts();
  both.add(two.counts());
  CHECK(both.requests.size() <= 1000);
  CHECK(both.attempts.size() <= 1000);
  CHECK(both.models.size() <= 1000);
  CHECK(both.tokens.size() * token_classes <= 1000);
  CHECK(both.clients.size() * token_classes <= 1000);
  for (std::size_t i = 0; i < label_kinds; ++i) {
    CHECK(labels.names(static_cast<LabelKind>(i)).size() <= 1000);
  }
  CHECK(sum(both.requests) == 2 * requests);
  CHECK(sum(both.attempts) == 2 * requests);
  std::uint64_t tokens = 0, of_clients = 0, first_bytes = 0;
  for (const auto& [key, counts] : both.tokens) tokens += counts[1];
  for (const auto& [key, counts] : both.clients) of_clients += counts.tokens[1];
  for (const auto& [key, counts] : both.models) {
    for (const std::uint64_t count : counts.first_byte.counts()) first_bytes += count;
  }
  CHECK(tokens == 2 * 7 * requests);
  CHECK(of_clients == 2 * 7 * requests);
  CHECK(first_bytes == 2 * requests);
}

TEST_CASE("a name that a reload removes keeps its place, and a new one finds one", "[figures]") {
  Labels labels;
  labels.configure(*build(config_with({"before"}, 0)));
  Figures figures(labels);
  figures.request_finished(answered("before"));
  labels.configure(*build(config_with({"after"}, 0)));
  for (const char* model : {"before", "after", "neither"}) {
    figures.request_finished(answered(model));
  }
  CHECK(models_in(figures, labels) == Set{"before", "after", "other"});
}

TEST_CASE("what the prices name has its name, and what fits a pattern has the row's", "[figures]") {
  Config config = config_with({}, 0);
  auto snapshot = Snapshot::build(config, {}, vaults);
  REQUIRE(snapshot);
  PriceRow row;
  row.models = {"Claude-X", "claude-x-*"};
  const auto priced = std::const_pointer_cast<Snapshot>(*snapshot);
  priced->entries[0].prices =
      std::make_shared<const price::Table>(std::vector<PriceRow>{row}, std::vector<PriceRow>{});
  Labels labels;
  labels.configure(*priced);
  Figures figures(labels);
  for (const char* model : {"claude-x", "CLAUDE-X", "cLaUdE-x", "claude-x-1", "claude-x-2", "y"}) {
    figures.request_finished(answered(model));
  }
  CHECK(models_in(figures, labels) == Set{"claude-x", "other"});
}

TEST_CASE("the series of a configuration are there before anything is counted", "[figures]") {
  Config config = config_with({"exact", "pattern-*"});
  config.providers[0].model_mapping = {{"asked", "sent"}};
  config.server.auth.api_key = Secret("key");
  Labels labels;
  labels.configure(*build(config));
  CHECK(labels.series(SeriesFamily::models).size() == 2);
  CHECK(labels.series(SeriesFamily::attempts).size() == 2 * outcomes);
  CHECK(labels.series(SeriesFamily::providers).size() == 1);
  CHECK(labels.names(LabelKind::client) == std::vector<std::string>{"other", "default"});
}

TEST_CASE("a model that an adviser is has its tokens for itself", "[figures]") {
  Labels labels;
  labels.configure(*build(config_with({}, 50)));
  Figures figures(labels);
  RequestSummary request = answered("asked");
  auto& charges = request.attempts[0].usage.charges;
  charges.resize(3);
  charges[0].tokens[TokenClass::input] = 1;
  charges[1].kind = ChargeKind::advisor;
  charges[1].model = "adviser";
  charges[1].tokens[TokenClass::input] = 10;
  charges[2].billed = false;
  charges[2].tokens[TokenClass::input] = 100;
  charges[0].cost_nano_usd = 5;
  figures.request_finished(request);
  std::multiset<std::uint64_t> inputs;
  for (const auto& [key, tokens] : figures.counts().tokens) inputs.insert(tokens[0]);
  CHECK(inputs == std::multiset<std::uint64_t>{1, 10});
  std::uint64_t cost = 0, without_price = 0;
  for (const auto& [key, counts] : figures.counts().models) {
    cost += counts.cost_nano_usd;
    without_price += counts.without_price;
  }
  CHECK(cost == 5);
  CHECK(without_price == 1);
}

TEST_CASE("only streams that came whole tell how long a token takes", "[figures]") {
  Labels labels;
  labels.configure(*build(config_with({}, 50)));
  Figures figures(labels);
  RequestSummary request = answered("m");
  request.stream = true;
  AttemptSummary& attempt = request.attempts[0];
  attempt.first_byte = seconds(1);
  attempt.total = seconds(3);
  attempt.usage.charges.emplace_back().tokens[TokenClass::output] = 101;
  figures.request_finished(request);  // 20 ms
  const auto spoil = [&](auto change) {
    RequestSummary other = request;
    change(other);
    figures.request_finished(other);
  };
  spoil([](RequestSummary& r) { r.stream = false; });
  spoil([](RequestSummary& r) { r.ending = Ending::client_gone; });
  spoil([](RequestSummary& r) { r.attempts[0].outcome = Outcome::stream_broken; });
  spoil([](RequestSummary& r) { r.attempts[0].usage.charges[0].partial = true; });
  spoil([](RequestSummary& r) { r.attempts[0].usage.charges[0].tokens[TokenClass::output] = 1; });
  spoil([](RequestSummary& r) { r.attempts[0].usage.charges[0].tokens = {}; });
  REQUIRE(figures.counts().models.size() == 1);
  const auto& per_token = figures.counts().models.begin()->second.per_token;
  CHECK(per_token.counts() == std::array<std::uint64_t, 13>{0, 0, 0, 0, 1});
  CHECK(per_token.sum() == 20'000'000);
}

TEST_CASE("a histogram has a duration in the bucket whose bound it does not exceed", "[figures]") {
  Histogram<quick_bounds> histogram;
  histogram.observe(std::chrono::microseconds(100));
  histogram.observe(std::chrono::nanoseconds(100'001));
  histogram.observe(seconds(10));
  histogram.observe(seconds(10) + std::chrono::nanoseconds(1));
  histogram.observe(milliseconds(-1));
  CHECK(histogram.counts() == std::array<std::uint64_t, 12>{2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1});
  CHECK(histogram.sum() == 20'000'200'002);
}
