#include "worker/figures.hpp"

#include <ccrelay/http.hpp>

#include <optional>

#include "base/ascii.hpp"
#include "price/table.hpp"

namespace ccrelay::worker {
namespace {

constexpr std::size_t priced_max = 1000;

// A status that the relay knows, else its class.
std::uint64_t code_of(int status) {
  if (status == 499 || !reason_phrase(status).empty()) return static_cast<std::uint64_t>(status);
  return static_cast<std::uint64_t>(status >= 100 && status < 600 ? status / 100 : 5);
}

// Its class, as the code of series that have no place of their own.
std::uint64_t class_of(std::uint64_t code) {
  return code < 100 ? code : code / 100;
}

// Another model than the one that was sent is told apart.
bool is_of_the_model_sent(const Charge& charge) {
  return charge.kind == ChargeKind::message || charge.kind == ChargeKind::compaction;
}

// The output of the answer itself, when all of it was told.
std::optional<std::uint64_t> output_of(const UsageReport& usage) {
  std::uint64_t sum = 0;
  for (const Charge& charge : usage.charges) {
    if (charge.partial) return {};
    if (charge.kind != ChargeKind::message && charge.kind != ChargeKind::fallback) continue;
    const auto& output = charge.tokens[TokenClass::output];
    if (!output) return {};
    sum += *output;
  }
  return sum;
}

static_assert(static_cast<int>(ClientBar::budget_reserved) ==
                  static_cast<int>(state::ClientLimit::budget_reserved) &&
              static_cast<int>(ClientBar::rpm) == static_cast<int>(state::ClientLimit::requests) &&
              static_cast<int>(ClientBar::tpm) == static_cast<int>(state::ClientLimit::tokens));

}  // namespace

template <class Cell>
Cell& Figures::at(Cells<Cell>& cells, SeriesFamily family, std::uint64_t key,
                  std::uint64_t overflow) {
  if (const auto found = cells.find(key); found != cells.end()) return found->second;
  bool& closed = closed_[static_cast<std::size_t>(family)];
  if (!closed) {
    if (labels_.admit(family, key)) return cells[key];
    // No other will ever be let in: from now on what is not here has no place.
    for (const std::uint64_t one : labels_.series(family)) cells.try_emplace(one);
    closed = true;
  }
  return cells[overflow];
}

void Figures::request_finished(const RequestSummary& request) {
  const EndpointWord endpoint = endpoint_word(request.endpoint);
  const LabelId client = client_label(request.client_name);
  const std::uint64_t code = code_of(request.status);
  ++at(counts_.requests, SeriesFamily::requests,
       series_key(static_cast<std::uint64_t>(endpoint), client, code),
       series_key(static_cast<std::uint64_t>(EndpointWord::other), other_label, class_of(code)));
  counts_.duration[static_cast<std::size_t>(endpoint)].observe(request.total);
  if (request.status != 499) {
    counts_.first_byte[static_cast<std::size_t>(endpoint)].observe(request.first_byte);
  }
  counts_.bytes_in += request.bytes_in;
  counts_.bytes_out += request.bytes_out;
  if (request.attempts.empty()) return;
  counts_.queue.observe(request.queue);
  ClientCounts& used =
      at(counts_.clients, SeriesFamily::clients, series_key(client), series_key(other_label));
  for (const AttemptSummary& attempt : request.attempts) {
    attempt_finished(request, attempt, used);
  }
}

void Figures::attempt_finished(const RequestSummary& request, const AttemptSummary& attempt,
                               ClientCounts& client) {
  const bool answered = attempt.status >= 200 && attempt.status < 300;
  const LabelId provider = provider_label(attempt.provider);
  const LabelId model = model_label(attempt.model, answered);
  const auto outcome = static_cast<std::uint64_t>(attempt.outcome);
  ++at(counts_.attempts, SeriesFamily::attempts, series_key(provider, model, outcome),
       series_key(other_label, other_label, outcome));
  if (attempt.status != 0) {
    ModelCounts& counts = model_at(provider, model);
    counts.first_byte.observe(attempt.first_byte);
    const bool is_complete =
        request.stream && attempt.outcome == Outcome::success && request.ending == Ending::complete;
    const auto output = is_complete ? output_of(attempt.usage) : std::nullopt;
    if (output.value_or(0) >= 2) {
      counts.per_token.observe((attempt.total - attempt.first_byte) /
                               static_cast<Duration::rep>(*output - 1));
    }
  }
  for (const Charge& one : attempt.usage.charges) {
    if (one.billed) charge(attempt, one, provider, model, client);
  }
}

void Figures::charge(const AttemptSummary& attempt, const Charge& charge, LabelId provider,
                     LabelId model_sent, ClientCounts& client) {
  const LabelId model = is_of_the_model_sent(charge) ? model_sent : model_label(charge.model, true);
  ModelCounts& counts = model_at(provider, model);
  if (!charge.cost_nano_usd) {
    ++counts.without_price;
  } else if (attempt.usage.payer == Payer::the_operator && *charge.cost_nano_usd > 0) {
    counts.cost_nano_usd += static_cast<std::uint64_t>(*charge.cost_nano_usd);
    client.cost_nano_usd += static_cast<std::uint64_t>(*charge.cost_nano_usd);
  }
  if (!charge.tokens.told()) {
    ++counts.without_usage;
    return;
  }
  TokenCounts& tokens = at(counts_.tokens, SeriesFamily::tokens, series_key(provider, model),
                           series_key(other_label, other_label));
  for (std::size_t i = 0; i < token_classes; ++i) {
    const std::uint64_t count = charge.tokens.counts[i].value_or(0);
    tokens[i] += count;
    client.tokens[i] += count;
  }
}

void Figures::refused(std::string_view client, ClientBar why) {
  const auto bar = static_cast<std::uint64_t>(why);
  ++at(counts_.refusals, SeriesFamily::refusals, series_key(client_label(client), bar),
       series_key(other_label, bar));
}

ModelCounts& Figures::model_at(LabelId provider, LabelId model) {
  return at(counts_.models, SeriesFamily::models, series_key(provider, model),
            series_key(other_label, other_label));
}

ProviderCounts& Figures::provider_at(std::string_view name) {
  return at(counts_.providers, SeriesFamily::providers, series_key(provider_label(name)),
            series_key(other_label));
}

void Figures::connected(std::string_view provider, Duration took) {
  provider_at(provider).connect.observe(took);
}
void Figures::failed_over(std::string_view provider) {
  ++provider_at(provider).failovers;
}
void Figures::stalled(std::string_view provider) {
  ++provider_at(provider).stalls;
}
void Figures::breaker_opened(std::string_view provider) {
  ++provider_at(provider).breaker_opened;
}

const LabelId* Figures::find(LabelKind kind, std::string_view name) {
  const NameNumbers& numbers = known_.numbers[static_cast<std::size_t>(kind)];
  if (const auto found = numbers.find(name); found != numbers.end()) return &found->second;
  if (known_.version == labels_.version()) return nullptr;
  labels_.read(known_);
  priced_.clear();  // the prices may be others
  const auto found = numbers.find(name);
  return found != numbers.end() ? &found->second : nullptr;
}

// All that there are stand in a configuration.
LabelId Figures::provider_label(std::string_view name) {
  const LabelId* known = find(LabelKind::provider, name);
  return known ? *known : other_label;
}

// No client chooses its own; `unknown` is whoever was let in by nothing.
LabelId Figures::client_label(std::string_view name) {
  if (name.empty()) name = "unknown";
  if (const LabelId* known = find(LabelKind::client, name)) return *known;
  const bool is_full = known_.full[static_cast<std::size_t>(LabelKind::client)];
  return is_full ? other_label : labels_.add(LabelKind::client, name);
}

// What configuration or prices name exactly; else what a pattern of the prices stands for; else one
// of the first others that got an answer.
LabelId Figures::model_label(std::string_view name, bool answered) {
  if (const LabelId* known = find(LabelKind::model, name)) return *known;
  if (!may_be_label(name)) return other_label;
  if (const auto found = priced_.find(name); found != priced_.end()) return found->second;
  if (const LabelId priced = priced_model(name); priced != other_label) return priced;
  if (!answered || known_.models_full) return other_label;
  return labels_.add_asked_model(name);
}

LabelId Figures::priced_model(std::string_view name) {
  if (!known_.prices) return other_label;
  const std::string_view row = known_.prices->known_name(name);
  if (row.empty()) return other_label;
  // Clients may write a name in any case: one of them is enough.
  const std::string label = base::lower(row);
  const LabelId* known = find(LabelKind::model, label);
  const LabelId id = known ? *known : labels_.add(LabelKind::model, label);
  if (priced_.size() < priced_max) priced_.emplace(name, id);
  return id;
}

}  // namespace ccrelay::worker
