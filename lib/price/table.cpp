#include "price/table.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

namespace ccrelay::price {
namespace {

// An alias of an alias may be meant.
constexpr std::size_t aliases_max = 4;

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

// In lower case, as nearly all names are that anybody asks for: those are not copied.
class Lower {
 public:
  explicit Lower(std::string_view text) : text_(text) {
    if (std::any_of(text.begin(), text.end(), is_upper)) text_ = kept_ = lower(text);
  }
  Lower(const Lower&) = delete;
  Lower& operator=(const Lower&) = delete;
  std::string_view text() const { return text_; }

 private:
  std::string kept_;
  std::string_view text_;
};

std::string name_of(const PriceRow& row) {
  std::string name = row.provider.empty() ? "any" : row.provider;
  name += '/';
  if (!row.models.empty()) name += row.models.front();
  if (row.from) name += '@' + print_day(*row.from);
  return name;
}

}  // namespace

Table::Table(std::vector<std::vector<PriceRow>> layers) {
  using Name = std::pair<std::string, std::string>;  // of a provider and a model
  std::set<Name> hidden;
  for (auto& layer : layers) {
    std::set<Name> of_layer;
    for (PriceRow& row : layer) {
      const std::string provider = lower(row.provider);
      Scope& scope = scopes_[provider];
      for (const auto& written : row.models) {
        Entry entry{lower(written), row.from.value_or(std::numeric_limits<Day>::min()),
                    rows_.size(), &layer == &layers.back()};
        of_layer.emplace(provider, entry.model);
        if (hidden.contains({provider, entry.model})) continue;
        if (entry.model.ends_with('*')) {
          entry.model.pop_back();
          scope.patterns.push_back(std::move(entry));
        } else {
          scope.exact[entry.model].push_back(std::move(entry));
        }
      }
      names_.push_back(name_of(row));
      rows_.push_back(std::move(row));
    }
    hidden.merge(of_layer);
  }
  const auto goes_first = [](const Entry& one, const Entry& other) {
    if (one.model.size() != other.model.size()) return one.model.size() > other.model.size();
    return one.from > other.from;
  };
  for (auto& [provider, scope] : scopes_) {
    std::stable_sort(scope.patterns.begin(), scope.patterns.end(), goes_first);
    for (auto& [model, entries] : scope.exact) {
      std::stable_sort(entries.begin(), entries.end(), goes_first);
    }
  }
}

Table::Table(std::vector<PriceRow> shipped, std::vector<PriceRow> own)
    : Table(std::vector<std::vector<PriceRow>>{std::move(own), std::move(shipped)}) {}

bool Table::Hit::is_nearer_than(const Hit& other) const {
  if (!entry || !other.entry) return entry != nullptr;
  if (exact != other.exact) return exact;
  return entry->model.size() > other.entry->model.size();
}

Table::Hit Table::in_scope(const Scope& scope, std::string_view model, Day day,
                           const Passed& passed, Rows rows) {
  const auto may_be = [&](const Entry& entry) {
    return entry.from <= day && (rows == Rows::all || !entry.shipped) &&
           std::find(passed.begin(), passed.end(), entry.row) == passed.end();
  };
  if (const auto found = scope.exact.find(model); found != scope.exact.end()) {
    for (const Entry& entry : found->second) {
      if (may_be(entry)) return {&entry, true};
    }
  }
  for (const Entry& entry : scope.patterns) {
    if (model.starts_with(entry.model) && may_be(entry)) return {&entry, false};
  }
  return {};
}

Table::Hit Table::best(const Asked& asked, std::string_view model, Day day,
                       const Passed& passed) const {
  if (model.empty()) return {};
  const Lower wanted(model);
  const Lower profile(asked.profile);
  for (const std::string_view name : {asked.provider, asked.profile, asked.type}) {
    if (name.empty()) continue;
    const Lower provider(name);
    const auto scope = scopes_.find(provider.text());
    if (scope == scopes_.end()) continue;
    const bool is_it = asked.profile.empty() || provider.text() == profile.text();
    const Rows rows = is_it ? Rows::all : Rows::own;
    if (const Hit hit = in_scope(scope->second, wanted.text(), day, passed, rows)) return hit;
  }
  const auto any = scopes_.find(std::string_view());
  return any == scopes_.end() ? Hit{}
                              : in_scope(any->second, wanted.text(), day, passed, Rows::all);
}

Table::Hit Table::of_any_provider(std::string_view model, Day day, const Passed& passed) const {
  Hit nearest;
  const std::string wanted = lower(model);
  for (const auto& [provider, scope] : scopes_) {
    const Hit hit = in_scope(scope, wanted, day, passed, Rows::all);
    if (hit.is_nearer_than(nearest)) nearest = hit;
  }
  return nearest;
}

Alias Table::follow(const Asked& asked, Day day, Price& price) const {
  Passed passed;
  while (!price.row->same_as.empty()) {
    passed.push_back(static_cast<std::size_t>(price.row - rows_.data()));
    const std::string& model = price.row->same_as;
    Hit hit = best(asked, model, day, passed);
    if (!hit) hit = of_any_provider(model, day, passed);
    if (!hit) return of_any_provider(model, day, {}) ? Alias::circle : Alias::nowhere;
    if (passed.size() > aliases_max) return Alias::circle;
    price.row = &rows_[hit.entry->row];
    price.factor_millionths = price.factor_millionths * price.row->factor / 1000;
  }
  return Alias::figures;
}

std::optional<Price> Table::find(const Asked& asked, Day day) const {
  Hit hit = best(asked, asked.sent, day, {});
  if (!hit && asked.answered != asked.sent) hit = best(asked, asked.answered, day, {});
  if (!hit) return std::nullopt;
  Price price;
  price.row = &rows_[hit.entry->row];
  price.name = names_[hit.entry->row];
  price.factor_millionths = std::uint64_t{price.row->factor} * 1000;
  if (follow(asked, day, price) != Alias::figures) return std::nullopt;
  return price;
}

Alias Table::alias_of(std::size_t row, std::string_view type) const {
  Price price;
  price.row = &rows_.at(row);
  const Asked asked{price.row->provider, type, {}, {}};
  return follow(asked, std::numeric_limits<Day>::max(), price);
}

std::string_view Table::known_name(std::string_view model) const {
  const std::string wanted = lower(model);
  const Entry* pattern = nullptr;
  for (const auto& [provider, scope] : scopes_) {
    if (scope.exact.contains(wanted)) return model;
    for (const Entry& entry : scope.patterns) {
      if (!wanted.starts_with(entry.model)) continue;
      if (!pattern || entry.model.size() > pattern->model.size()) pattern = &entry;
      break;
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
