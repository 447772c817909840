#include "exchange/settlement.hpp"

#include <algorithm>
#include <utility>

#include "exchange/answer_stage.hpp"
#include "price/cost.hpp"
#include "price/table.hpp"

namespace ccrelay::exchange {
namespace {

// Whether it makes a charge at all.
bool has_charge(const AnswerUse& use, const UsageReport& report) {
  if (!use.stage) return use.was_asked && use.given_up && use.status == 0;
  if (use.status < 200 || use.status >= 300) return false;
  return !use.failed || !report.charges.empty();
}

void estimate(Charge& charge, const AnswerUse& use) {
  if (!charge.tokens[TokenClass::input]) {
    charge.est_input = tokens_of(use.request_bytes);
  }
  const std::uint64_t content = use.stage ? use.stage->content_estimate() : 0;
  const std::uint64_t told = charge.tokens[TokenClass::output].value_or(0);
  if (content > told) charge.est_output = content - told;
}

// Where another dialect's provider tells nothing of usage, Anthropic's words for it have zeros. No
// prompt is empty.
void forget_zeros(UsageReport& report) {
  for (Charge& charge : report.charges) {
    auto& counts = charge.tokens.counts;
    const auto is_zero = [](const auto& count) { return count.value_or(0) == 0; };
    const auto& output = charge.tokens[TokenClass::output];
    const bool asked_nothing = std::all_of(counts.begin(), counts.end(), [&](const auto& count) {
      return &count == &output || is_zero(count);
    });
    if (!asked_nothing) continue;
    const auto said = output;
    counts = {};
    if (!is_zero(said)) charge.tokens[TokenClass::output] = said;
  }
}

// To an Anthropic client a translated answer has the name that it asked for: nobody there says it,
// and it is no name to look a price up by.
void forget_asked_name(UsageReport& report, std::string_view asked) {
  for (Charge& charge : report.charges) {
    if (charge.model == asked) charge.model.clear();
  }
}

bool is_foreign(Dialect dialect) {
  return dialect == Dialect::chat || dialect == Dialect::responses || dialect == Dialect::gemini;
}

Tokens with_estimates(const Charge& charge) {
  Tokens all = charge.tokens;
  for (const auto& [which, estimate] : {std::pair{TokenClass::input, charge.est_input},
                                        std::pair{TokenClass::output, charge.est_output}}) {
    if (estimate) all[which] = all[which].value_or(0) + *estimate;
  }
  return all;
}

void price(UsageReport& report, const Target& target, Day day) {
  const worker::Entry& entry = *target.entry;
  if (!entry.prices) return;
  for (Charge& charge : report.charges) {
    const auto found = entry.prices->find(
        entry.priced(price::sent_for(charge.kind, target.model, charge.model), charge.model), day);
    if (!found) continue;
    charge.price = found->name;
    if (!charge.billed) continue;
    const auto cost = [&](const Tokens& tokens) {
      return price::cost(*found,
                         {tokens.counts, charge.web_searches.value_or(0), report.speed,
                          report.service_tier, report.geo},
                         entry.price_factor);
    };
    charge.cost_nano_usd = cost(charge.tokens);
    if (!charge.est_input && !charge.est_output) continue;
    // With the estimates the prompt may be a long one, whose every token has other rates.
    if (const auto all = cost(with_estimates(charge))) {
      charge.est_cost_nano_usd = *all - charge.cost_nano_usd.value_or(0);
    }
  }
}

// What the provider says that it took is no list price: no factor of the configuration is on it,
// and what searches cost is in it. It is of the answer as a whole, of which these tell one charge.
bool take_told_cost(UsageReport& report, const AnswerUse& use) {
  if (!use.told_cost || report.charges.size() != 1 || !report.charges.front().billed) return false;
  report.charges.front().price = told_price;
  report.charges.front().cost_nano_usd = use.told_cost;
  return true;
}

}  // namespace

UsageReport account(const AnswerUse& use, const Target& target, const ClientRequest& request) {
  UsageReport report;
  report.payer = target.authority == Authority::client ? Payer::the_client : Payer::the_operator;
  if (request.operation != Operation::messages) return report;
  if (use.stage) {
    const Payer payer = report.payer;
    report = use.stage->usage();
    report.payer = payer;
    if (is_foreign(target.dialect)) forget_zeros(report);
    if (is_foreign(target.dialect) && !is_foreign(request.dialect)) {
      forget_asked_name(report, request.view.model);
    }
  }
  if (!has_charge(use, report)) {
    report.charges.clear();
    return report;
  }
  if (report.charges.empty()) report.charges.emplace_back();
  const bool told = use.stage && use.stage->is_told();
  const bool is_error = use.failed && use.stage && use.stage->error();
  for (Charge& charge : report.charges) {
    charge.partial = !told;
    charge.billed = !is_error;
  }
  Charge& first = report.charges.front();
  if (first.billed && (first.partial || !first.tokens.told())) estimate(first, use);
  if (!take_told_cost(report, use)) price(report, target, price::day_of(use.wall));
  return report;
}

Tokens counted(const UsageReport& usage) {
  UsageTotal total;
  add(total, usage);
  auto& output = total.tokens[TokenClass::output];
  for (const Charge& charge : usage.charges) {
    if (charge.billed && charge.est_output) output = output.value_or(0) + *charge.est_output;
  }
  return total.tokens;
}

void add(Tokens& sum, const Tokens& more) {
  for (std::size_t i = 0; i < token_classes; ++i) {
    if (more.counts[i]) sum.counts[i] = sum.counts[i].value_or(0) + *more.counts[i];
  }
}

}  // namespace ccrelay::exchange
