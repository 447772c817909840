#include "exchange/trouble.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/clipped.hpp"
#include "exchange/classify.hpp"
#include "exchange/dialect.hpp"
#include "exchange/secrets_sent.hpp"
#include "provider/client_choice.hpp"
#include "wire/page_words.hpp"
#include "wire/retry_after.hpp"

namespace ccrelay::exchange {
namespace {

// Of a provider's words in an error of the relay's.
constexpr std::size_t quoted_bytes_max = 300;

// The provider's own words, without what may not be shown and in one line.
std::string quoted(std::string_view message, const ClientRequest& request, const Target& target) {
  std::string line(message.substr(0, message.find('\n')));
  line = wire::page_words(line, "text/plain", quoted_bytes_max);
  return wire::quotable(std::move(line), secrets_sent(*target.entry->config, request.access));
}

// Who was turned away by whom, why in the provider's words, and who can mend it.
std::string refusal_words(const Failure& failure, const provider::ErrorMeaning& meaning,
                          const ClientRequest& request, const Target& target) {
  const bool is_identity = target.authority == Authority::identity;
  const std::string who =
      is_identity ? "the relay's identity" : fmt::format("the relay's key {}", target.key_label());
  const std::string what = failure.outcome == Outcome::no_access
                               ? fmt::format("does not let {} use model \"{}\"", who, target.model)
                               : fmt::format("refused {}", who);
  const std::string mend = !failure.chosen.empty()
                               ? fmt::format(
                                     "the request itself brought {}, which may be why: "
                                     "leave that out, or correct providers.keys",
                                     failure.chosen)
                           : failure.outcome == Outcome::no_access
                               ? "give it access there, or leave the model out of providers.models"
                           : is_identity ? "check what it may do at its cloud, then reload (SIGHUP)"
                                         : "correct providers.keys and reload (SIGHUP)";
  const std::string words = quoted(meaning.message, request, target);
  return fmt::format("provider \"{}\" {} ({}){}{}; {}", target.entry->config->name, what,
                     meaning.status, words.empty() ? "" : ": ", words, mend);
}

// What a client has picked may be what the provider does not allow; then the credential that all
// share is as good as before.
void mind_choices(Failure& failure, const std::string& message, const ClientRequest& request,
                  const Target& target, const ProviderRequest& sent) {
  // In another vendor's words none of them is left; a cloud's form has Anthropic's.
  if (vendor_dialect(target.dialect) != vendor_dialect(request.dialect)) return;
  const auto choices =
      provider::client_choices(sent.forwardable, sent.body, target.entry->provider->cloud());
  if (choices.empty()) return;
  if (provider::named_choice(message, choices)) {
    failure.outcome = Outcome::rejected;
    return;
  }
  failure.chosen = wire::quotable(base::clipped(choices.front().name), {});
}

bool blames_credential(Outcome outcome) {
  return outcome == Outcome::key_refused || outcome == Outcome::no_access ||
         outcome == Outcome::exhausted;
}

}  // namespace

provider::ErrorMeaning read_trouble(const Target& target, int status, const Headers& headers,
                                    std::string_view body, WallTime wall) {
  const ProviderConfig& config = *target.entry->config;
  auto meaning = provider::error_meaning(
      {config.type, target.model, config.errors, wire::time_there(headers, wall)}, status, headers,
      body);
  if (meaning.by_rule || meaning.about == ErrorAbout::none) return meaning;
  const auto own =
      target.entry->provider->error_about(meaning.status, meaning.code, meaning.message);
  if (own) meaning.about = *own;
  return meaning;
}

void take_trouble(Failure& failure, const provider::ErrorMeaning& meaning,
                  const ClientRequest& request, const Target& target, const ProviderRequest& sent,
                  const Headers& headers, WallTime wall) {
  failure.outcome = outcome_of(meaning.about, request.operation, target.authority, meaning.status);
  const WallTime now = wire::time_there(headers, wall);
  if (failure.outcome == Outcome::rate_limited) {
    const auto asked = wire::retry_after(headers, now);
    failure.retry_after = meaning.by_rule && meaning.wait ? meaning.wait
                          : asked && meaning.wait         ? std::max(asked, meaning.wait)
                          : asked                         ? asked
                          : meaning.wait                  ? meaning.wait
                                                          : wire::reset_wait(headers, now);
  } else {
    failure.rest = meaning.wait;
  }
  if (blames_credential(failure.outcome) && !meaning.by_rule) {
    mind_choices(failure, meaning.message, request, target, sent);
  }
  const bool turned_away =
      failure.outcome == Outcome::key_refused || failure.outcome == Outcome::no_access;
  if (turned_away) failure.for_person = refusal_words(failure, meaning, request, target);
}

}  // namespace ccrelay::exchange
