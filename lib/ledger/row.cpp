#include "ledger/row.hpp"

#include <limits>

#include "base/clipped.hpp"
#include "wire/error_type.hpp"

namespace ccrelay::ledger {
namespace {

// Of names that providers and clients make up.
constexpr std::size_t word_bytes_max = 64;

Row::Attempt attempt_of(const AttemptSummary& attempt) {
  Row::Attempt out{attempt.provider,   attempt.key,    attempt.model,
                   attempt.outcome,    attempt.status, attempt.connect,
                   attempt.first_byte, attempt.total,  attempt.usage};
  base::clip(out.model);
  for (Charge& charge : out.usage.charges) base::clip(charge.model);
  for (std::string* word : {&out.usage.service_tier, &out.usage.speed, &out.usage.geo}) {
    base::clip(*word, word_bytes_max);
  }
  return out;
}

}  // namespace

bool is_kept(const RequestSummary& request) {
  const bool looked_at =
      request.endpoint == "health" || request.endpoint == "ready" || request.endpoint == "metrics";
  return !looked_at && (request.client_name != "unknown" || !request.attempts.empty());
}

Row row_of(const RequestSummary& request) {
  Row row;
  row.began = request.began;
  row.ended = request.time;
  row.request_id = request.request_id;
  row.client = request.client_name;
  row.session = request.session;
  row.agent = request.agent;
  row.parent_agent = request.parent_agent;
  row.model = request.model_asked;
  for (std::string* text :
       {&row.request_id, &row.session, &row.agent, &row.parent_agent, &row.model}) {
    base::clip(*text);
  }
  row.endpoint = request.endpoint;
  row.stream = request.stream;
  row.status = request.status;
  row.ending = request.ending;
  row.bytes_in = request.bytes_in;
  row.bytes_out = request.bytes_out;
  row.pings = request.pings;
  row.queue = request.queue;
  row.first_byte = request.first_byte;
  row.total = request.total;
  row.attempts.reserve(request.attempts.size());
  for (const AttemptSummary& attempt : request.attempts) {
    row.attempts.push_back(attempt_of(attempt));
  }
  return row;
}

std::int64_t spent_by(const RequestSummary& request) {
  std::int64_t sum = 0;
  for (const AttemptSummary& attempt : request.attempts) {
    if (__builtin_add_overflow(sum, taken_from_budget(attempt.usage), &sum)) {
      return std::numeric_limits<std::int64_t>::max();
    }
  }
  return sum;
}

std::string_view error_word(const Row& row) {
  if (row.status >= 400) return row.status == 499 ? "client_gone" : wire::error_type(row.status);
  if (row.ending == Ending::complete) return {};
  if (row.ending != Ending::broken) return to_string(row.ending);
  return row.attempts.empty() ? "broken" : to_string(row.attempts.back().outcome);
}

}  // namespace ccrelay::ledger
