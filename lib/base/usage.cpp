#include <ccrelay/observer.hpp>
#include <ccrelay/usage.hpp>

#include <limits>

namespace ccrelay {
namespace {

template <class Number>
Number sum_of(Number left, Number right) {
  Number sum = 0;
  if (__builtin_add_overflow(left, right, &sum)) return std::numeric_limits<Number>::max();
  return sum;
}

template <class Number>
void add_to(std::optional<Number>& sum, const std::optional<Number>& more) {
  if (more) sum = sum_of(sum.value_or(0), *more);
}

}  // namespace

void add(UsageTotal& total, const UsageReport& usage) {
  for (const Charge& charge : usage.charges) {
    if (!charge.billed) continue;
    for (std::size_t i = 0; i < token_classes; ++i) {
      add_to(total.tokens.counts[i], charge.tokens.counts[i]);
    }
    add_to(total.web_searches, charge.web_searches);
    add_to(total.cost_nano_usd, charge.cost_nano_usd);
    ++total.charges;
    if (!charge.cost_nano_usd) ++total.unknown_cost;
    if (!charge.tokens.told()) ++total.without_usage;
    if (charge.partial) ++total.partial;
  }
}

std::int64_t taken_from_budget(const UsageReport& usage) {
  std::int64_t sum = 0;
  if (usage.payer != Payer::the_operator) return sum;
  for (const Charge& charge : usage.charges) {
    if (!charge.billed) continue;
    for (const auto& cost : {charge.cost_nano_usd, charge.est_cost_nano_usd}) {
      if (cost && *cost > 0) sum = sum_of(sum, *cost);
    }
  }
  return sum;
}

UsageTotal usage_of(const RequestSummary& request) {
  UsageTotal total;
  for (const AttemptSummary& attempt : request.attempts) add(total, attempt.usage);
  return total;
}

}  // namespace ccrelay
