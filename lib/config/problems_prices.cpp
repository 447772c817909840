#include "base/ascii.hpp"
#include "config/decimal.hpp"
#include "config/fields.hpp"
#include "config/nearest_name.hpp"
#include "config/problems.hpp"
#include "config/words.hpp"
#include "price/table_of.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>

namespace ccrelay::config {
namespace {

// Each alias is followed through all of them.
constexpr std::size_t price_rows_max = 1'000;
constexpr std::size_t priced_models_max = 10'000;  // of all rows together

/// Which row has a provider's model from a day on.
using Priced = std::map<std::tuple<std::string, std::string, std::optional<Day>>, std::size_t>;

/// What is wrong with one row. Lives for the length of one check() call.
class PriceRowCheck {
 public:
  PriceRowCheck(std::size_t index, const PriceRow& row, bool in_file,
                std::vector<Problem>& problems)
      : path_(path_of(index)), index_(index), row_(row), in_file_(in_file), problems_(problems) {}

  static std::string path_of(std::size_t index) { return fmt::format("prices[{}]", index); }

  void check(Priced& priced) {
    if (has_control(row_.provider)) add(".provider", " contains a control character; remove it");
    check_models(priced);
    check_figures();
    check_rates("", row_.rates);
    if (row_.fast) check_rates(".fast", *row_.fast);
    if (row_.long_prompt) check_rates(".long", row_.long_prompt->rates);
    check_factor(".factor", row_.factor);
    for (const auto& [geo, factor] : row_.geo) check_factor(".geo." + plain(geo), factor);
  }

  void check_alias(price::Alias alias, const price::Table& table) {
    if (alias == price::Alias::circle) {
      add(".same_as", fmt::format(" {} leads back to this row; name a model that has prices of its "
                                  "own",
                                  in_quotes(row_.same_as)));
    } else if (alias == price::Alias::nowhere) {
      std::vector<std::string_view> models;
      for (const auto& row : table.rows())
        models.insert(models.end(), row.models.begin(), row.models.end());
      const auto near = nearest_name(row_.same_as, models);
      add_because(".same_as", "pricing",
                  fmt::format(" {} has no price; {}", in_quotes(row_.same_as),
                              near.empty() ? std::string("name a model that has one")
                                           : fmt::format("did you mean {}?", in_quotes(near))));
    }
  }

 private:
  void add(const std::string& key, std::string_view message) {
    const auto path = path_ + key;
    problems_.push_back({path, path + std::string(message), {}, in_file_});
  }
  /// Only if nothing is wrong in the table `because_of`.
  void add_because(const std::string& key, const std::string& because_of,
                   std::string_view message) {
    const auto path = path_ + key;
    problems_.push_back({path, path + std::string(message), because_of, in_file_});
  }
  /// Of something that has no price, or only one that could not be read.
  void add_empty(const std::string& key, std::string_view message) {
    add_because(key, path_ + key, message);
  }

  void check_models(Priced& priced) {
    if (row_.models.empty()) {
      add(".models", " is missing; write the models that have this price, such as [\"qwen3-*\"]");
    }
    for (std::size_t i = 0; i < row_.models.size(); ++i) {
      const auto key = fmt::format(".models[{}]", i);
      if (const auto wrong = problem_of_pattern(row_.models[i]); !wrong.empty()) {
        add(key, wrong);
        continue;
      }
      const auto [found, is_new] = priced.try_emplace(
          {base::lower(row_.provider), base::lower(row_.models[i]), row_.from}, index_);
      if (is_new || found->second == index_) continue;
      add(key, fmt::format(" {} has a price from the same day on in {}; remove one of them, or "
                           "write another from",
                           in_quotes(row_.models[i]), path_of(found->second)));
    }
  }

  void check_figures() {
    const bool has_more = row_.web_search || row_.fast || row_.long_prompt || !row_.geo.empty();
    const bool has_figures = row_.rates.any() || has_more;
    if (!row_.same_as.empty() && has_figures) {
      add(".same_as",
          " stands beside prices, which it would have from that model; remove one of "
          "them");
    }
    if (row_.same_as.empty() && !has_figures && !row_.models.empty()) {
      add_empty("",
                " has no price; write input = 2.5 and what else it has, in USD per million tokens, "
                "or same_as = \"a model\"");
    }
  }

  void check_rates(const std::string& key, const TokenRates& rates) {
    if (!key.empty() && !rates.any())
      add_empty(key, " has no price; write input = 2.5, or remove it");
    for (std::size_t i = 0; i < token_classes; ++i) {
      constexpr std::uint64_t most = std::uint64_t{price_max} * 1'000'000;
      if (!rates.pico_usd[i] || *rates.pico_usd[i] <= most) continue;
      add(fmt::format("{}.{}", key, token_class_names[i]),
          fmt::format(" is out of range; allowed: 0 to {}", price_max));
    }
  }

  void check_factor(const std::string& key, std::uint32_t factor) {
    if (factor <= factor_max * 1000) return;
    add(key, fmt::format(" {} is out of range; allowed: 0 to {}",
                         decimal_text(factor, factor_places), factor_max));
  }

  const std::string path_;
  const std::size_t index_;
  const PriceRow& row_;
  const bool in_file_;
  std::vector<Problem>& problems_;
};

std::string_view type_of_provider(const Config& config, std::string_view name) {
  for (const auto& provider : config.providers) {
    if (provider.name == name) return provider.type;
  }
  return {};
}

}  // namespace

void find_price_problems(const Config& config, std::vector<Problem>& problems) {
  std::shared_ptr<const price::Table> table;  // made when it is needed
  std::size_t in_table = 0;
  for (const bool in_file : {false, true}) {
    const auto& rows = in_file ? config.pricing.file_prices : config.prices;
    std::size_t models = 0;
    for (const auto& row : rows) models += row.models.size();
    if (rows.size() > price_rows_max || models > priced_models_max) {
      problems.push_back({"prices",
                          fmt::format("prices are {} for {} models; at most {} for {} are allowed",
                                      rows.size(), models, price_rows_max, priced_models_max),
                          {},
                          in_file});
      return;
    }
    Priced priced;
    for (std::size_t i = 0; i < rows.size(); ++i, ++in_table) {
      PriceRowCheck check(i, rows[i], in_file, problems);
      check.check(priced);
      if (rows[i].same_as.empty()) continue;
      if (!table) table = price::table_of(config);
      check.check_alias(table->alias_of(in_table, type_of_provider(config, rows[i].provider)),
                        *table);
    }
  }
}

}  // namespace ccrelay::config
