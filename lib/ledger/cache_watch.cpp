#include "ledger/cache_watch.hpp"

#include <chrono>
#include <limits>

namespace ccrelay::ledger {
namespace {

using namespace std::chrono_literals;

// Shorter beginnings are not cached by most models, and hardly worth a word.
constexpr std::uint64_t tokens_min = 4096;

// `sum` + count × (from - to), as far as both are known and 64 bits hold it.
void add_difference(std::int64_t& sum, std::uint64_t count,
                    const std::optional<std::uint64_t>& from,
                    const std::optional<std::uint64_t>& to) {
  if (!from || !to) return;
  std::int64_t product = 0;
  const auto difference = static_cast<std::int64_t>(*from) - static_cast<std::int64_t>(*to);
  if (__builtin_mul_overflow(static_cast<std::int64_t>(count), difference, &product)) return;
  std::int64_t added = 0;
  if (!__builtin_add_overflow(sum, product, &added)) sum = added;
}

}  // namespace

void CacheWatch::add(const UsageLine& line) {
  if (!line.has_charge || !line.billed || line.client_pays || !line.charge.tokens.told()) return;
  const TokenRates rates = prices_ == nullptr ? TokenRates{} : prices_->rates(line.charge);
  add_saved(rates, line.charge.tokens);
  if (line.charge.kind == ChargeKind::message && !line.session.empty()) look_for_break(rates, line);
}

void CacheWatch::add_saved(const TokenRates& rates, const Tokens& tokens) {
  const auto of = [&](TokenClass which) { return tokens[which].value_or(0); };
  const auto& input = rates[TokenClass::input];
  add_difference(saved_pico_, of(TokenClass::cache_read), input, rates[TokenClass::cache_read]);
  for (const TokenClass write : {TokenClass::cache_write_5m, TokenClass::cache_write_1h}) {
    add_difference(saved_pico_, of(write), input, rates[write]);
  }
}

void CacheWatch::look_for_break(const TokenRates& rates, const UsageLine& line) {
  const Tokens& tokens = line.charge.tokens;
  const auto of = [&](TokenClass which) { return tokens[which].value_or(0); };
  const std::uint64_t read = of(TokenClass::cache_read);
  Last& last = last_[{std::string(line.session), std::string(line.agent),
                      std::string(line.charge.sent), std::string(line.charge.provider)}];
  // What runs at the same time can't read what the other has not written yet.
  const bool inside = line.began >= last.ended && line.began - last.began <= last.lifetime;
  if (inside && last.expected >= tokens_min && read < last.expected / 2) {
    ++broken_;
    add_difference(broken_pico_, last.expected - read, rates[TokenClass::cache_write_5m],
                   rates[TokenClass::cache_read]);
  }
  last.began = line.began;
  last.ended = line.began + std::chrono::duration_cast<WallTime::duration>(line.total);
  last.lifetime = of(TokenClass::cache_write_1h) > 0 ? Duration(1h) : Duration(5min);
  last.expected = read + of(TokenClass::cache_write_5m) + of(TokenClass::cache_write_1h);
}

void CacheWatch::put_into(UsageTable& table) const {
  table.broken_caches = broken_;
  if (prices_ == nullptr) return;
  table.saved_nano_usd = saved_pico_ / 1000;
  table.broken_nano_usd = broken_pico_ / 1000;
}

}  // namespace ccrelay::ledger
