#include "ledger/row.hpp"

#include <algorithm>
#include <limits>

#include "wire/error_type.hpp"

namespace ccrelay::ledger {

PeriodName::PeriodName(std::string_view name)
    : length_(static_cast<std::uint8_t>(std::min(name.size(), text_.size()))) {
  std::copy_n(name.begin(), length_, text_.begin());
}

bool is_kept(const RequestSummary& request) {
  const bool looked_at =
      request.endpoint == "health" || request.endpoint == "ready" || request.endpoint == "metrics";
  return !looked_at && (request.client_name != "unknown" || !request.attempts.empty());
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
