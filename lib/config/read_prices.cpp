#include "config/read_prices.hpp"

#include "config/expand.hpp"
#include "config/fields.hpp"
#include "config/words.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/assert.hpp"
#include "base/file_digest.hpp"
#include "base/read_file.hpp"
#include "price/plain_prices.hpp"
#include "price/shipped.hpp"

namespace ccrelay {
namespace config {
namespace {

constexpr std::size_t prices_bytes_max = 1 << 20;

/// USD per million tokens with six decimals, in units of the last, are pico-USD a token.
TokenRates read_rates(TableReader& reader) {
  TokenRates rates;
  for (std::size_t i = 0; i < token_classes; ++i) {
    if (const auto price = reader.decimal(token_class_names[i], usd_places, price_max)) {
      rates.pico_usd[i] = static_cast<std::uint64_t>(*price);
    }
  }
  return rates;
}

std::optional<std::uint32_t> read_factor(TableReader& reader, std::string_view key) {
  const auto factor = reader.decimal(key, factor_places, factor_max);
  if (!factor) return std::nullopt;
  return static_cast<std::uint32_t>(*factor);
}

void read_special_rates(TableReader& reader, PriceRow& row, Findings& findings) {
  if (const auto* table = reader.table("fast")) {
    TableReader fast(*table, reader.path_of("fast"), findings);
    row.fast = read_rates(fast);
    fast.finish();
  }
  if (const auto* table = reader.table("long")) {
    TableReader inner(*table, reader.path_of("long"), findings);
    PriceRow::Long prices;
    if (const auto above = inner.integer("above", 1, limit_max)) {
      prices.above = static_cast<std::uint64_t>(*above);
    } else if (!inner.was_complained_of("above")) {
      inner.complain(inner.at(), "above",
                     " is missing; it says beyond how many tokens a prompt has these prices");
    }
    prices.rates = read_rates(inner);
    inner.finish();
    row.long_prompt = prices;
  }
  if (const auto* table = reader.table("geo")) {
    TableReader geo(*table, reader.path_of("geo"), findings);
    for (const Member& member : table->members) {
      if (const auto factor = read_factor(geo, member.key)) row.geo[member.key] = *factor;
    }
  }
}

PriceRow read_row(const Value& table, const std::string& path, Findings& findings) {
  TableReader reader(table, path, findings);
  PriceRow row;
  if (auto provider = reader.string("provider")) row.provider = *std::move(provider);
  row.models = reader.strings("models");
  row.from = reader.date("from");
  row.rates = read_rates(reader);
  // The same of USD per 1000 searches are nano-USD a search.
  if (const auto price = reader.decimal("web_search", usd_places, price_max)) {
    row.web_search = static_cast<std::uint64_t>(*price);
  }
  read_special_rates(reader, row, findings);
  if (auto model = reader.string("same_as")) row.same_as = *std::move(model);
  row.factor = read_factor(reader, "factor").value_or(row.factor);
  if (auto source = reader.string("source")) row.source = *std::move(source);
  row.checked = reader.date("checked");
  reader.finish();
  return row;
}

std::string_view why_unreadable(base::FileText::Problem problem) {
  using Problem = base::FileText::Problem;
  switch (problem) {
    case Problem::none:
      break;
    case Problem::directory:
      return "is a directory; name a file of [[prices]]";
    case Problem::not_regular:
      return "is a pipe or a device, which a reload could not read again; name a file";
    case Problem::unreadable:
      return "cannot be read; check that it exists and is readable";
    case Problem::too_large:
      return "is larger than 1 MiB; make it smaller";
  }
  return {};
}

}  // namespace

std::vector<PriceRow> read_prices(TableReader& reader, Findings& findings) {
  std::vector<PriceRow> rows;
  const auto* array = reader.array("prices", Kind::table, "an array of tables ([[prices]])");
  if (array == nullptr) return rows;
  for (std::size_t i = 0; i < array->items.size(); ++i) {
    rows.push_back(
        read_row(array->items[i], reader.path_of(fmt::format("prices[{}]", i)), findings));
  }
  return rows;
}

std::vector<PriceRow> parse_prices(std::string_view toml, const Environment& env,
                                   Findings& findings) {
  ParsedDocument document = parse_document(toml);
  if (!document.mistakes.empty()) {
    findings.mistakes = std::move(document.mistakes);
    return {};
  }
  expand_all(document.root, "", env, findings.mistakes, findings.warnings, &findings.files);
  TableReader reader(document.root, "", findings);
  auto rows = read_prices(reader, findings);
  reader.finish();
  return rows;
}

void read_prices_file(const std::string& path, const Environment& env, PricingConfig& pricing,
                      Findings& of_file, Findings& findings) {
  const std::string key = "pricing.prices_file";
  const base::FileText file = base::read_file(path, prices_bytes_max);
  findings.files.push_back({path, base::digest_of(file)});
  if (!file) {
    findings.complained.insert(key);
    findings.mistakes.push_back({findings.places[key], fmt::format("{} {} {}", key, in_quotes(path),
                                                                   why_unreadable(file.problem))});
    return;
  }
  of_file.source = path;
  pricing.file_prices = parse_prices(file.text, env, of_file);
  findings.files.insert(findings.files.end(), of_file.files.begin(), of_file.files.end());
  // Then that a price is missing is not said beside it.
  if (!of_file.mistakes.empty()) findings.complained.insert(key);
}

}  // namespace config

const std::vector<PriceRow>& shipped_prices() {
  static const std::vector<PriceRow> rows = [] {
    if (auto plain = price::read_plain(price::shipped_text())) return *std::move(plain);
    config::Findings findings;
    auto read = config::parse_prices(
        price::shipped_text(), [](auto) { return std::nullopt; }, findings);
    CCRELAY_ASSERT(findings.mistakes.empty(), "the prices that are compiled in can be read");
    return read;
  }();
  return rows;
}

}  // namespace ccrelay
