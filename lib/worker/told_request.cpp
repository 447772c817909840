#include "worker/told_request.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "base/utf8.hpp"

namespace ccrelay::worker {
namespace {

std::int64_t us(Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

}  // namespace

std::string request_id_text(std::uint64_t number) {
  constexpr std::size_t digits_least = 5;
  std::array<char, 2 * sizeof number> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  const auto count = static_cast<std::size_t>(end - digits.data());
  std::string out(count < digits_least ? digits_least - count : 0, '0');
  return out.append(digits.data(), end);
}

std::uint64_t number_of(std::string_view id) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(id.data(), id.data() + id.size(), number, 16);
  return read.ec == std::errc() && read.ptr == id.data() + id.size() ? number : 0;
}

bool has_failed(Outcome outcome) {
  return outcome != Outcome::success && outcome != Outcome::rejected &&
         outcome != Outcome::cancelled;
}

bool has_failed(const RequestSummary& summary) {
  if (summary.ending == Ending::broken) return true;
  if (summary.ending == Ending::by_operator || summary.status == 499) return false;
  if (summary.status >= 500) return true;
  return summary.status >= 400 && !summary.attempts.empty() &&
         has_failed(summary.attempts.back().outcome);
}

void add(management::TokenUsage& sum, management::Cost& cost, const UsageReport& usage) {
  UsageTotal total;
  ccrelay::add(total, usage);
  const auto of = [&](TokenClass which) { return total.tokens[which].value_or(0); };
  sum.input_tokens += of(TokenClass::input);
  sum.output_tokens += of(TokenClass::output);
  sum.cache_write_tokens += of(TokenClass::cache_write_5m) + of(TokenClass::cache_write_1h);
  sum.cache_write_1h_tokens += of(TokenClass::cache_write_1h);
  sum.cache_read_tokens += of(TokenClass::cache_read);
  sum.web_searches += total.web_searches.value_or(0);
  const std::int64_t nano_usd = total.cost_nano_usd.value_or(0);
  (usage.payer == Payer::the_operator ? cost.nano_usd : cost.client_paid_nano_usd) += nano_usd;
}

void add(management::Totals& totals, const AttemptSummary& attempt) {
  ++totals.attempts;
  add(totals.usage, totals.cost, attempt.usage);
}

void add(management::Totals& totals, const RequestSummary& summary) {
  ++totals.requests;
  totals.failed += has_failed(summary);
  totals.client_gone += summary.ending == Ending::client_gone;
  totals.retried += summary.attempts.size() > 1;
  const UsageTotal used = usage_of(summary);
  totals.cost.unpriced_requests += used.unknown_cost > 0;
  totals.partial += used.partial > 0;
  totals.without_usage += used.charges > 0 && used.without_usage == used.charges;
}

void add(management::Totals& sum, const management::Totals& more) {
  sum.requests += more.requests;
  sum.failed += more.failed;
  sum.client_gone += more.client_gone;
  sum.retried += more.retried;
  sum.attempts += more.attempts;
  sum.usage.input_tokens += more.usage.input_tokens;
  sum.usage.output_tokens += more.usage.output_tokens;
  sum.usage.cache_write_tokens += more.usage.cache_write_tokens;
  sum.usage.cache_write_1h_tokens += more.usage.cache_write_1h_tokens;
  sum.usage.cache_read_tokens += more.usage.cache_read_tokens;
  sum.usage.web_searches += more.usage.web_searches;
  sum.cost.nano_usd += more.cost.nano_usd;
  sum.cost.unpriced_requests += more.cost.unpriced_requests;
  sum.cost.client_paid_nano_usd += more.cost.client_paid_nano_usd;
  sum.partial += more.partial;
  sum.without_usage += more.without_usage;
}

management::Attempt told(const AttemptSummary& attempt, int number, WallTime begun) {
  management::Attempt out;
  out.number = number;
  out.provider = attempt.provider;
  out.key = attempt.key;
  out.model = base::as_utf8(attempt.model);
  out.outcome = attempt.outcome;
  out.status = attempt.status;
  out.detail = base::as_utf8(attempt.detail);
  out.start_us = std::max<std::int64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(attempt.began - begun).count(), 0);
  out.connect_us = us(attempt.connect);
  if (attempt.status != 0) out.first_byte_us = us(attempt.first_byte);
  out.duration_us = us(attempt.total);
  out.dialect = attempt.dialect;
  if (!attempt.translated_from.empty()) {
    out.translated = std::string(attempt.translated_from) + '>' + out.dialect;
  }
  return out;
}

management::Request told(const RequestSummary& summary, std::string id) {
  management::Request out;
  out.id = std::move(id);
  out.request_id = base::as_utf8(summary.request_id);
  out.session = base::as_utf8(summary.session);
  out.client = summary.client_name;
  out.client_address = summary.client;
  out.method = base::as_utf8(summary.method);
  out.path = base::as_utf8(summary.path);
  out.model = base::as_utf8(summary.model_asked);
  out.dialect = summary.dialect;
  out.stream = summary.stream;
  out.state = management::RequestState::ended;
  out.start_time = summary.began;
  out.duration_us = us(summary.total);
  if (summary.status != 0 && summary.status != 499) out.first_byte_us = us(summary.first_byte);
  out.request_bytes = summary.bytes_in;
  out.response_bytes = summary.bytes_out;
  out.status = summary.status;
  out.ending = summary.ending;
  out.error = base::as_utf8(summary.error);
  out.pings = summary.pings;
  out.attempt_count = static_cast<std::int32_t>(summary.attempts.size());
  for (const AttemptSummary& attempt : summary.attempts) {
    add(out.usage, out.cost, attempt.usage);
    out.attempts.push_back(
        told(attempt, static_cast<int>(out.attempts.size()) + 1, out.start_time));
  }
  // In a race they do not end in the order in which they began.
  for (management::Attempt& one : out.attempts) {
    one.number = 1 + static_cast<std::int32_t>(std::count_if(
                         out.attempts.begin(), out.attempts.end(), [&](const auto& other) {
                           return other.start_us < one.start_us ||
                                  (other.start_us == one.start_us && &other < &one);
                         }));
  }
  if (!summary.attempts.empty()) {
    out.provider = summary.attempts.back().provider;
    out.key = summary.attempts.back().key;
    out.model_sent = out.attempts.back().model;
  }
  out.cost.unpriced_requests = usage_of(summary).unknown_cost > 0;
  return out;
}

}  // namespace ccrelay::worker
