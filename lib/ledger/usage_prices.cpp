#include <ccrelay/usage_table.hpp>

#include <utility>

#include "price/cost.hpp"
#include "price/table.hpp"

namespace ccrelay {
namespace {

price::Used used_of(const PricedCharge& charge) {
  price::Used used;
  used.tokens = charge.tokens.counts;
  used.web_searches = charge.web_searches;
  used.speed = charge.speed;
  used.service_tier = charge.service_tier;
  used.geo = charge.geo;
  return used;
}

class TablePrices final : public UsagePrices {
 public:
  TablePrices(std::shared_ptr<const price::Table> table,
              std::map<std::string, PricedProvider, std::less<>> providers)
      : table_(std::move(table)), providers_(std::move(providers)) {}

  std::optional<std::int64_t> cost(const PricedCharge& charge) const override {
    const auto price = find(charge);
    if (!price) return std::nullopt;
    return price::cost(*price, used_of(charge), factor_of(charge));
  }

  TokenRates rates(const PricedCharge& charge) const override {
    const auto price = find(charge);
    if (!price) return {};
    return price::rates(*price, used_of(charge), factor_of(charge)).value_or(TokenRates{});
  }

 private:
  std::optional<price::Price> find(const PricedCharge& charge) const {
    const auto provider = providers_.find(charge.provider);
    price::Asked asked;
    asked.provider = charge.provider;
    if (provider != providers_.end()) {
      asked.type = provider->second.type;
      asked.profile = provider->second.profile;
    }
    asked.sent = price::sent_for(charge.kind, charge.sent, charge.answered);
    asked.answered = charge.answered;
    return table_->find(asked, price::day_of(charge.time));
  }

  std::uint32_t factor_of(const PricedCharge& charge) const {
    const auto provider = providers_.find(charge.provider);
    return provider == providers_.end() ? 1000 : provider->second.price_factor;
  }

  std::shared_ptr<const price::Table> table_;
  std::map<std::string, PricedProvider, std::less<>> providers_;
};

}  // namespace

std::unique_ptr<UsagePrices> make_usage_prices(
    std::vector<std::vector<PriceRow>> layers,
    std::map<std::string, PricedProvider, std::less<>> providers) {
  return std::make_unique<TablePrices>(std::make_shared<const price::Table>(std::move(layers)),
                                       std::move(providers));
}

}  // namespace ccrelay
