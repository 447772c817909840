#include "sample.hpp"

#include <cstdlib>
#include <ctime>

namespace ccrelay::app::top::sample {
namespace {

Totals totals(std::int64_t requests, std::int64_t in, std::int64_t out, std::int64_t cents) {
  Totals sums;
  sums.requests = requests;
  sums.failed = 0;
  sums.retried = 0;
  sums.attempts = requests;
  sums.usage = {in, out, 0, 0};
  sums.nano_usd = cents * 10'000'000;
  sums.unpriced_requests = 0;
  return sums;
}

Provider provider(const char* name, const char* health, std::int64_t in_flight, Number first_byte,
                  Real failed, Totals sums) {
  Provider out;
  out.name = name;
  out.type = "anthropic";
  out.base_url = "https://api.example";
  out.admin_state = "ENABLED";
  out.health = health;
  out.in_flight = in_flight;
  out.in_flight_limit = 0;
  out.first_byte_us = first_byte;
  out.failure_ratio = failed;
  out.totals = std::move(sums);
  out.conversations = 0;
  out.priority = 0;
  out.opened = 0;
  out.failures = 0;
  return out;
}

Status status() {
  Status out;
  out.time = at();
  out.state = "SERVING";
  out.uptime_ms = ((3 * 24 + 4) * 60 + 12) * 60'000LL;
  out.in_flight = 37;
  out.streaming = 31;
  out.requests_per_second = 41.2;
  out.failures_per_second = 0.2;
  out.input_tokens_per_second = 12'000;
  out.output_tokens_per_second = 1840;
  Totals today = totals(18'204, 41'200'000, 3'100'000, 4218);
  today.failed = 31;
  today.retried = 112;
  today.usage.cache_read_tokens = 146'000'000;
  out.today = today;
  out.totals = today;
  out.first_byte = {1200, 640'000, 2'100'000};
  out.rss_bytes = 21 << 20;
  out.cpu_ms = 1000;
  out.client_connections = 52;
  out.buffered_body_bytes = 3'250'000;
  out.loop_lag_max_us = 400;
  out.subscribers = 1;
  out.events_dropped = 0;
  return out;
}

void add_providers(Model& model) {
  Provider anthropic =
      provider("anthropic", "OK", 28, 612'000, 0.001, totals(16'882, 39'800'000, 3'000'000, 4102));
  anthropic.conversations = 19;
  anthropic.priority = 10;
  anthropic.keys = {"5f1c0a9e", "a90b77d1", "77ab0c21"};
  Provider bedrock =
      provider("bedrock-eu", "OK", 9, 803'000, 0.0, totals(1204, 1'400'000, 100'000, 116));
  Provider zai = provider("zai", "OPEN", 0, 1'200'000, 1.0, totals(118, 0, 0, 0));
  zai.half_open_in_ms = 20'400;
  zai.failures = 5;
  zai.priority = 1;
  zai.keys = {"01c4ff3e"};
  Provider ollama = provider("ollama", "OK", 0, {}, {}, totals(0, 0, 0, 0));
  ollama.admin_state = "DISABLED";
  ollama.admin_override = AdminOverride{"uid:1000", "maintenance", at(-1471), at(18 * 60)};
  model.providers = {anthropic, bedrock, zai, ollama};
  model.has_providers = true;
}

Key key(const char* fingerprint, const char* provider, const char* state, std::int64_t in_flight) {
  Key out;
  out.fingerprint = fingerprint;
  out.providers = {provider};
  out.state = state;
  out.admin_state = "ENABLED";
  out.in_flight = in_flight;
  out.in_flight_limit = 0;
  out.totals = totals(10, 1000, 100, 5);
  return out;
}

Budget budget(const char* kind, std::int64_t used, std::int64_t limit) {
  Budget out;
  out.kind = kind;
  out.used = used;
  out.limit = limit;
  return out;
}

void add_keys(Model& model) {
  Key first = key("5f1c0a9e", "anthropic", "OK", 21);
  first.budgets = {budget("REQUESTS_PER_MINUTE", 31, 50),
                   budget("INPUT_TOKENS_PER_MINUTE", 18'000, 40'000)};
  first.plan_windows = {{"5h", "allowed", 0.62, at(6929)}, {"7d", "allowed", 0.31, at(161'729)}};
  Key second = key("a90b77d1", "anthropic", "COOLING", 7);
  second.budgets = {budget("REQUESTS_PER_MINUTE", 50, 50),
                    budget("INPUT_TOKENS_PER_MINUTE", 34'000, 40'000)};
  second.cool_downs = {{"", at(38)}};
  Key third = key("01c4ff3e", "zai", "REFUSED", 0);
  third.refused_until = at(240);
  model.keys = {first, second, third};
  model.has_keys = true;
}

void add_clients(Model& model) {
  Client alice;
  alice.name = "alice";
  alice.kind = "CONFIGURED";
  alice.in_flight = 4;
  alice.limited = 0;
  alice.today = totals(1204, 0, 0, 410);
  alice.totals = totals(1204, 0, 0, 410);
  alice.budgets = {budget("NANO_USD_PER_DAY", 4'100'000'000, 10'000'000'000)};
  alice.last_seen_time = at(-1);
  Client subscription;
  subscription.name = "subscription";
  subscription.kind = "SUBSCRIPTION";
  subscription.in_flight = 1;
  subscription.limited = 0;
  subscription.today = totals(22, 0, 0, 0);
  subscription.totals = totals(22, 0, 0, 0);
  subscription.last_seen_time = at(-2);
  model.clients = {alice, subscription};
  model.has_clients = true;
}

Request request(const char* id, const char* state, const char* model, std::int64_t tries,
                std::int64_t tenths) {
  Request out;
  out.id = id;
  out.request_id = "req_01HZX";
  out.session = "7e1f03aabbcc";
  out.client = "alice";
  out.method = "POST";
  out.path = "/v1/messages";
  out.model = model;
  out.state = state;
  out.provider = "anthropic";
  out.key = "5f1c0a9e";
  out.attempt_count = tries;
  out.start_time = at() - tenths * 100;
  out.duration_us = tenths * 100'000;
  out.request_bytes = 41'000;
  return out;
}

void add_requests(Model& model) {
  Request first = request("1f03a", "STREAMING", "claude-sonnet-5-5", 1, 124);
  first.response_bytes = 18'200;
  first.usage.output_tokens = 812;
  Request second = request("1f03c", "WAITING", "claude-opus-5-5", 2, 8);
  second.response_bytes = 0;
  second.troubled = true;
  model.running = {first, second};
  Request ended = request("1f031", "ENDED", "claude-haiku-5-5", 1, 20);
  ended.ending = "COMPLETE";
  ended.status = 200;
  ended.first_byte_us = 700'000;
  model.ended = {ended};
  model.has_requests = true;

  second.attempts = {
      {1, "zai", "01c4ff3e", "glm", "FAILED", "", 502, 100, 41'000, "anthropic>chat"},
      {2, "anthropic", "5f1c0a9e", "claude-opus-5-5", "", "", 0, 41'300, 759'000}};
  second.trace = {{0, "candidates", "zai, anthropic, bedrock-eu (failover)"},
                  {100, "passed_over", "bedrock-eu: no key has room (77ab0c21 disabled)"},
                  {100, "picked", "zai, key 01c4ff3e: first by priority"},
                  {41'000, "outcome", "zai: failed, 502"},
                  {41'100, "picked", "anthropic, key 5f1c0a9e: home of this conversation"},
                  {41'300, "attempt", "anthropic, connection reused"}};
  second.traced = true;
  model.detail = second;
}

}  // namespace

void use_utc() {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
}

std::int64_t at(int seconds) {
  return 1'795'608'271'000 + seconds * 1000LL;
}

Model relay() {
  use_utc();
  Model model;
  model.address = "unix:/run/user/1000/cc-relay/8787.sock";
  model.link = Link::live;
  model.last_seen = at();
  model.info.version = "0.3.0";
  model.info.api_revision = 1;
  model.info.listen_addresses = {"127.0.0.1:8787"};
  model.info.role = "OPERATOR";
  model.info.config_source = "/etc/cc-relay/config.toml";
  model.status = status();
  model.cpu = 0.04;
  for (int i = 0; i < 300; ++i) {
    const double level = 1 + i % 8;
    model.history.push_back({at(i - 300), level, i % 50 == 0 ? 1.0 : 0.0, level * 300, level * 40});
  }
  add_providers(model);
  add_keys(model);
  add_clients(model);
  add_requests(model);
  model.troubles = {
      {at(-29), "zai", "FAILED", "502, connection closed before the answer", "1f02b"},
      {at(-351), "anthropic", "RATE_LIMITED", "429, key 5f1c0a9e set aside for 38 s", "1f001"}};
  model.log = {{at(), "INFO", "request", "200 anthropic claude-sonnet-5-5 1.2 s", 0},
               {at(), "WARN", "breaker", "zai is left out for 30 s: 5 failures in a row", 0},
               {{}, "", "", "", 12},
               {at(1), "INFO", "managed", "uid:1000 disabled provider ollama: maintenance", 0}};
  model.log_level = model.configured_log_level = "INFO";
  return model;
}

View view(int columns, int rows, Screen screen) {
  View out;
  out.columns = columns;
  out.rows = rows;
  out.screen = screen;
  return out;
}

}  // namespace ccrelay::app::top::sample
