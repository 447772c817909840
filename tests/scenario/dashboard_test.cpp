#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "catch.hpp"
#include "scenario/still_ledger.hpp"
#include "scenario/still_telemetry.hpp"
#include "scenario/tries.hpp"
#include "support/exposition.hpp"
#include "support/paths.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;

// What the dashboard and the alerts ask for is what a relay tells.

namespace {

using Names = std::set<std::string>;

std::string content_of(const std::string& name) {
  std::ifstream file(std::string(source_root()) + "/docs/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> matches(const std::string& text, const std::regex& pattern) {
  std::vector<std::string> found;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), pattern);
       at != std::sregex_iterator(); ++at) {
    found.push_back((*at)[1]);
  }
  return found;
}

std::vector<std::string> dashboard_expressions() {
  static const std::regex in_json(R"~("expr": "((?:[^"\\]|\\.)*)")~");
  auto found = matches(content_of("grafana-dashboard.json"), in_json);
  for (std::string& expression : found) {
    expression = std::regex_replace(expression, std::regex(R"(\\(.))"), "$1");
  }
  return found;
}

std::vector<std::string> alert_expressions() {
  static const std::regex in_yaml(R"(\n *expr: (.+))");
  return matches(content_of("alerts.yml"), in_yaml);
}

// Labels that Prometheus adds to all that it reads.
Names known_labels(const Metrics& metrics, const std::string& name) {
  Names labels{"instance", "job"};
  if (name == "up") return labels;
  const auto found = metrics.labels().find(name);
  REQUIRE(found != metrics.labels().end());
  labels.insert(found->second.begin(), found->second.end());
  return labels;
}

std::vector<std::string> split(const std::string& list) {
  return matches(list, std::regex(R"(([A-Za-z_]\w*))"));
}

// How many metrics it names.
std::size_t check_expression(const Metrics& metrics, const std::string& expression) {
  INFO(expression);
  std::size_t count = 0;
  Names common;  // what all of its metrics have
  static const std::regex metric(R"~(\b((?:ccrelay_|process_|up\b)\w*)(?:\{([^}]*)\})?)~");
  for (auto at = std::sregex_iterator(expression.begin(), expression.end(), metric);
       at != std::sregex_iterator(); ++at) {
    const Names labels = known_labels(metrics, (*at)[1]);
    for (const std::string& label :
         matches((*at)[2], std::regex(R"~(([A-Za-z_]\w*)(?:=~|!~|!=|=)")~"))) {
      INFO(label);
      CHECK(labels.count(label) == 1);
    }
    Names both;
    for (const std::string& label : labels) {
      if (count == 0 || common.count(label) == 1) both.insert(label);
    }
    common = both;
    ++count;
  }
  for (const std::string& list : matches(expression, std::regex(R"(\b(?:by|on) \(([^)]*)\))"))) {
    for (const std::string& label : split(list)) {
      INFO(label);
      CHECK(common.count(label) == 1);
    }
  }
  return count;
}

/// A relay of which every family has a series.
struct Busy {
  Busy() {
    f.add_provider("one");
    f.config.providers[0].models = {"claude-test"};
    f.config.providers[0].keys[0].rpm_limit = 100;
    f.config.server.auth.api_key = Secret("relay-key");
    ClientConfig client;
    client.name = "ana";
    client.keys = {Secret("key-of-ana-0123456789")};
    client.budget_day_nano_usd = 1'000'000'000;
    f.config.server.auth.clients = {client};
    f.options.ledger = &ledger;
    f.options.telemetry = &telemetry;
    f.start();
  }
  Metrics scrape() { return Metrics(f.ask(F::get("/metrics", "x-api-key: relay-key\r\n")).body); }
  StillLedger ledger;
  StillTelemetry telemetry;
  F f;
};

}  // namespace

TEST_CASE("every metric and label of the dashboard and the alerts is told", "[scenario][metrics]") {
  Busy busy;
  const Metrics metrics = busy.scrape();
  const auto of_dashboard = dashboard_expressions();
  const auto of_alerts = alert_expressions();
  CHECK(of_dashboard.size() > 30);
  CHECK(of_alerts.size() > 5);
  for (const auto& expressions : {of_dashboard, of_alerts}) {
    for (const std::string& expression : expressions) {
      INFO(expression);
      CHECK(check_expression(metrics, expression) > 0);
    }
  }
}

TEST_CASE("every family is told of in the manual, and the manual of no other",
          "[scenario][metrics]") {
  Busy busy;
  Names told;
  const Metrics metrics = busy.scrape();
  for (const auto& [name, type] : metrics.families()) told.insert(name);
  told.insert("ccrelay_tls_handshakes_total");           // with TLS
  told.insert("ccrelay_price_table_timestamp_seconds");  // with prices
  Names documented;
  const std::string page = content_of("operating.md");
  for (const std::string& name :
       matches(page, std::regex(R"~(\| `((?:ccrelay|process)_\w+)` \|)~"))) {
    documented.insert(name);
  }
  CHECK(documented == told);
}
