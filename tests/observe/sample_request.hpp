#pragma once

#include <ccrelay/observer.hpp>

#include <chrono>

namespace ccrelay::observe {

/// 2026-01-01 00:00:00.123 UTC.
inline WallTime sample_time() {
  return WallTime(std::chrono::milliseconds(1'767'225'600'123));
}

/// A request that one provider refused and another answered.
inline RequestSummary sample_request() {
  using namespace std::chrono_literals;
  RequestSummary request;
  request.time = sample_time();
  request.began = sample_time() - 1234ms;
  request.request_id = "req_1";
  request.client = "127.0.0.1:4711";
  request.forwarded_for = "203.0.113.9";
  request.user = "user-7";
  request.user_agent = "claude-cli/2";
  request.method = "POST";
  request.path = "/v1/messages";
  request.session = "s-1";
  request.agent = "a-1";
  request.client_name = "ana";
  request.model_asked = "claude-x";
  request.status = 200;
  request.stream = true;
  request.bytes_in = 12;
  request.bytes_out = 345;
  request.pings = 1;
  AttemptSummary refused;
  refused.provider = "zai";
  refused.key = "k1";
  refused.model = "glm-x";
  refused.outcome = Outcome::rate_limited;
  refused.status = 429;
  refused.detail = "too many requests";
  refused.total = 5ms;
  AttemptSummary answered;
  answered.provider = "anthropic";
  answered.key = "k2";
  answered.key_name = "team-a";
  answered.model = "claude-x";
  answered.status = 200;
  answered.connect = 1500us;
  answered.first_byte = 20ms;
  answered.total = 1200ms;
  Charge charge;
  charge.tokens = {{1200, 350, 7, std::nullopt, 40'000}};
  charge.cost_nano_usd = 36'900'000;
  answered.usage.charges.push_back(charge);
  request.attempts = {refused, answered};
  request.queue = 10us;
  request.first_byte = 25ms;
  request.total = 1234ms;
  return request;
}

}  // namespace ccrelay::observe
