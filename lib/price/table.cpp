#include "price/table.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

namespace ccrelay::price {
namespace {

// An alias of an alias may be meant; a ring is a mistake.
constexpr int aliases_max = 4;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string name_of(const PriceRow& row) {
  std::string name = row.provider.empty() ? "any" : row.provider;
  name += '/';
  if (!row.models.empty()) name += row.models.front();
  if (row.from) name += '@' + print_day(*row.from);
  return name;
}

}  // namespace

Table::Table(std::vector<PriceRow> shipped, std::vector<PriceRow> own) {
  std::set<std::pair<std::string, std::string>> hidden;
  for (const PriceRow& row : own) {
    for (const auto& model : row.models) hidden.emplace(lower(row.provider), lower(model));
  }
  const std::size_t owned = own.size();
  rows_ = std::move(own);
  rows_.insert(rows_.end(), std::make_move_iterator(shipped.begin()),
               std::make_move_iterator(shipped.end()));
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const PriceRow& row = rows_[i];
    for (const auto& written : row.models) {
      Entry entry{lower(row.provider), lower(written), false,
                  row.from.value_or(std::numeric_limits<Day>::min()), i};
      if (i >= owned && hidden.contains({entry.provider, entry.model})) continue;
      if (entry.model.ends_with('*')) {
        entry.pattern = true;
        entry.model.pop_back();
      }
      entries_.push_back(std::move(entry));
    }
  }
}

const Table::Entry* Table::entry_of(std::string_view provider, std::string_view model,
                                    Day day) const {
  const Entry* found = nullptr;
  const auto better = [&](const Entry& entry) {
    if (!found) return true;
    if (entry.pattern != found->pattern) return found->pattern;
    if (entry.model.size() != found->model.size()) {
      return entry.model.size() > found->model.size();
    }
    return entry.from > found->from;
  };
  for (const Entry& entry : entries_) {
    if (entry.provider != provider || entry.from > day) continue;
    const bool fits = entry.pattern ? model.starts_with(entry.model) : model == entry.model;
    if (fits && better(entry)) found = &entry;
  }
  return found;
}

const Table::Entry* Table::best(std::string_view name, std::string_view type,
                                std::string_view model, Day day) const {
  if (model.empty()) return nullptr;
  const std::string wanted = lower(model);
  for (const std::string_view provider : {name, type}) {
    if (provider.empty()) continue;
    if (const Entry* found = entry_of(lower(provider), wanted, day)) return found;
  }
  return entry_of({}, wanted, day);
}

std::optional<Price> Table::find(const Asked& asked, Day day) const {
  const Entry* entry = best(asked.provider, asked.type, asked.sent, day);
  if (!entry) entry = best(asked.provider, asked.type, asked.answered, day);
  if (!entry) return std::nullopt;
  Price price;
  price.row = &rows_[entry->row];
  price.name = name_of(*price.row);
  price.factor_millionths = std::uint64_t{price.row->factor} * 1000;
  for (int aliases = 0; !price.row->same_as.empty(); ++aliases) {
    entry = best(asked.provider, asked.type, price.row->same_as, day);
    if (!entry || aliases == aliases_max) return std::nullopt;
    price.row = &rows_[entry->row];
    price.factor_millionths = price.factor_millionths * price.row->factor / 1000;
  }
  return price;
}

std::string_view Table::known_name(std::string_view model) const {
  const std::string wanted = lower(model);
  const Entry* pattern = nullptr;
  for (const Entry& entry : entries_) {
    if (!entry.pattern && entry.model == wanted) return model;
    if (entry.pattern && wanted.starts_with(entry.model) &&
        (!pattern || entry.model.size() > pattern->model.size())) {
      pattern = &entry;
    }
  }
  return pattern ? std::string_view(rows_[pattern->row].models.front()) : std::string_view{};
}

std::optional<Day> Table::checked() const {
  std::optional<Day> newest;
  for (const PriceRow& row : rows_) newest = std::max(newest, row.checked);
  return newest;
}

}  // namespace ccrelay::price
