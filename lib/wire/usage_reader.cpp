#include "wire/usage_reader.hpp"

#include <algorithm>
#include <array>

#include "wire/usage_json.hpp"

namespace ccrelay::wire {
namespace {

namespace dom = simdjson::dom;

// An answer has a handful of iterations; this is against nonsense.
constexpr std::size_t iterations_max = 256;
// Words and names are short; what is longer is cut before anybody keeps it.
constexpr std::size_t word_bytes_max = 64;
constexpr std::size_t model_bytes_max = 256;

// What is read of a usage, and of an iteration of it.
enum class Member : std::size_t {
  input_tokens,
  output_tokens,
  cache_read_input_tokens,
  cache_creation_input_tokens,
  cache_creation,
  server_tool_use,
  output_tokens_details,
  iterations,
  service_tier,
  speed,
  inference_geo,
  type,
  model,
};
constexpr std::array<std::string_view, 13> member_names{
    "input_tokens",   "output_tokens",   "cache_read_input_tokens", "cache_creation_input_tokens",
    "cache_creation", "server_tool_use", "output_tokens_details",   "iterations",
    "service_tier",   "speed",           "inference_geo",           "type",
    "model"};

// They are found in one walk: to look for each would be as many. Of two with one name the first is
// meant.
class Members {
 public:
  explicit Members(dom::object object) {
    for (const dom::key_value_pair member : object) {
      for (std::size_t i = 0; i < member_names.size(); ++i) {
        if (found_[i] || member.key != member_names[i]) continue;
        found_[i] = member.value;
        break;
      }
    }
  }

  const std::optional<dom::element>& operator[](Member which) const {
    return found_[static_cast<std::size_t>(which)];
  }

 private:
  std::array<std::optional<dom::element>, member_names.size()> found_;
};

void take_number(const std::optional<dom::element>& from, std::optional<std::uint64_t>& into) {
  std::uint64_t value = 0;
  if (from && !from->get_uint64().get(value)) into = value;
}

void take_number(dom::element from, const char* name, std::optional<std::uint64_t>& into) {
  std::uint64_t value = 0;
  if (!from[name].get_uint64().get(value)) into = value;
}

void take_word(const std::optional<dom::element>& from, std::string& into, std::size_t bytes_max) {
  std::string_view text;
  if (from && !from->get_string().get(text)) into = text.substr(0, bytes_max);
}

// What went in. Some end a stream with zeros for it, for want of figures: a prompt of nothing is
// none that was told.
template <typename Writes>
void take_prompt(const Members& usage, Tokens& tokens, Writes& writes) {
  std::optional<std::uint64_t> input;
  std::optional<std::uint64_t> read;
  Writes wrote;
  take_number(usage[Member::input_tokens], input);
  take_number(usage[Member::cache_read_input_tokens], read);
  take_number(usage[Member::cache_creation_input_tokens], wrote.total);
  if (const auto& part = usage[Member::cache_creation]) {
    take_number(*part, "ephemeral_5m_input_tokens", wrote.five_minutes);
    take_number(*part, "ephemeral_1h_input_tokens", wrote.one_hour);
  }
  auto& known = tokens[TokenClass::input];
  const bool is_nothing = input == 0u && read.value_or(0) == 0 && wrote.total.value_or(0) == 0;
  if (is_nothing && known) return;
  if (input && (*input > 0 || !known)) known = input;
  if (read) tokens[TokenClass::cache_read] = read;
  if (wrote.total) writes.total = wrote.total;
  if (wrote.five_minutes) writes.five_minutes = wrote.five_minutes;
  if (wrote.one_hour) writes.one_hour = wrote.one_hour;
}

template <typename Writes>
void take(const Members& usage, Charge& charge, Writes& writes) {
  take_prompt(usage, charge.tokens, writes);
  take_number(usage[Member::output_tokens], charge.tokens[TokenClass::output]);
  if (const auto& part = usage[Member::server_tool_use]) {
    take_number(*part, "web_search_requests", charge.web_searches);
  }
  if (const auto& part = usage[Member::output_tokens_details]) {
    take_number(*part, "thinking_tokens", charge.thinking);
  }
}

ChargeKind kind_of(std::string_view type) {
  if (type == "compaction") return ChargeKind::compaction;
  if (type == "advisor_message") return ChargeKind::advisor;
  if (type == "fallback_message") return ChargeKind::fallback;
  return type == "message" ? ChargeKind::message : ChargeKind::other;
}

bool is_beside(ChargeKind kind) {
  return kind == ChargeKind::compaction || kind == ChargeKind::advisor;
}

}  // namespace

UsageReader::UsageReader() = default;
UsageReader::~UsageReader() = default;
UsageReader::UsageReader(UsageReader&&) noexcept = default;
UsageReader& UsageReader::operator=(UsageReader&&) noexcept = default;

void UsageReader::Writes::apply(Charge& charge) const {
  if (!total && !five_minutes && !one_hour) return;
  const std::uint64_t split = five_minutes.value_or(0) + one_hour.value_or(0);
  const std::uint64_t sum = total.value_or(split);
  // A total that exceeds the split came later and without one; one that is lower leaves the dearer
  // class as it was told as far as there is room for it.
  const std::uint64_t hour = std::min(one_hour.value_or(0), sum);
  charge.tokens[TokenClass::cache_write_5m] = sum - hour;
  charge.tokens[TokenClass::cache_write_1h] = hour;
  charge.assumed_ttl = sum != split && sum > 0;
}

void UsageReader::read(const Json& usage) {
  dom::object object;
  if (usage.object.get_object().get(object)) return;
  const Members members(object);
  take(members, message_, writes_);
  take_cost(usage);
  dom::array parts;
  if (members[Member::iterations] && !members[Member::iterations]->get_array().get(parts))
    take_iterations(parts);
  take_word(members[Member::service_tier], service_tier_, word_bytes_max);
  take_word(members[Member::speed], speed_, word_bytes_max);
  take_word(members[Member::inference_geo], geo_, word_bytes_max);
}

void UsageReader::take_cost(const Json& usage) {
  const auto number = [](simdjson::simdjson_result<dom::element> found) {
    double value = 0;
    return found.get_double().get(value) ? std::nullopt : std::optional<double>(value);
  };
  std::optional<std::int64_t> cost;
  if (cost_member_ == CostMember::cost) {
    bool is_byok = false;
    if (usage.object["is_byok"].get_bool().get(is_byok)) is_byok = false;
    cost = nano_usd_of(
        OpenRouterCost{number(usage.object["cost"]), is_byok,
                       number(usage.object["cost_details"]["upstream_inference_cost"])});
  } else if (cost_member_ == CostMember::cost_in_usd_ticks) {
    std::int64_t ticks = 0;
    if (!usage.object["cost_in_usd_ticks"].get_int64().get(ticks)) cost = nano_usd_of_ticks(ticks);
  }
  if (cost) told_cost_ = cost;
}

template <class Parts>
void UsageReader::take_iterations(const Parts& parts) {
  iterations_.clear();
  for (const dom::element part : parts) {
    dom::object object;
    if (part.get_object().get(object)) continue;
    if (iterations_.size() == iterations_max) return;
    const Members members(object);
    Entry& entry = iterations_.emplace_back();
    take_word(members[Member::type], entry.type, word_bytes_max);
    take_word(members[Member::model], entry.charge.model, model_bytes_max);
    entry.charge.kind = kind_of(entry.type);
    Writes writes;
    take(members, entry.charge, writes);
    writes.apply(entry.charge);
  }
}

bool UsageReader::read(std::string_view usage) {
  // Short-lived: only what is too long to be parsed as a whole comes this way.
  dom::parser parser;
  dom::element object;
  if (usage.empty() || parser.parse(usage.data(), usage.size()).get(object) ||
      !object.is_object()) {
    return false;
  }
  read(Json{object});
  return true;
}

bool UsageReader::read_metrics(std::string_view metrics) {
  dom::parser parser;
  dom::element object;
  if (metrics.empty() || parser.parse(metrics.data(), metrics.size()).get(object) ||
      !object.is_object()) {
    return false;
  }
  const auto fill = [&](const char* name, std::optional<std::uint64_t>& into) {
    if (!into) take_number(object, name, into);
  };
  fill("inputTokenCount", message_.tokens[TokenClass::input]);
  fill("outputTokenCount", message_.tokens[TokenClass::output]);
  fill("cacheReadInputTokenCount", message_.tokens[TokenClass::cache_read]);
  if (!writes_.five_minutes && !writes_.one_hour) fill("cacheWriteInputTokenCount", writes_.total);
  return true;
}

// Whether the entries that are parts of the message have, together, its figures.
bool UsageReader::parts_add_up(const Charge& whole) const {
  Tokens sum;
  for (const Entry& entry : iterations_) {
    if (is_beside(entry.charge.kind)) continue;
    for (std::size_t i = 0; i < token_classes; ++i) {
      if (!entry.charge.tokens.counts[i]) continue;
      std::uint64_t added = 0;
      if (__builtin_add_overflow(sum.counts[i].value_or(0), *entry.charge.tokens.counts[i],
                                 &added)) {
        return false;
      }
      sum.counts[i] = added;
    }
  }
  // How long a write lasts may be told of the whole alone.
  const auto writes = [](const Tokens& tokens) {
    return tokens[TokenClass::cache_write_5m].value_or(0) +
           tokens[TokenClass::cache_write_1h].value_or(0);
  };
  const auto same = [&](TokenClass which) {
    return sum[which].value_or(0) == whole.tokens[which].value_or(0);
  };
  return same(TokenClass::input) && same(TokenClass::output) && same(TokenClass::cache_read) &&
         writes(sum) == writes(whole.tokens);
}

UsageReport UsageReader::report() const {
  UsageReport report{{}, service_tier_, speed_, geo_};
  Charge whole = message_;
  whole.model = model_;
  writes_.apply(whole);
  const bool in_parts = std::any_of(iterations_.begin(), iterations_.end(), [](const Entry& entry) {
    const ChargeKind kind = entry.charge.kind;
    return (kind == ChargeKind::fallback || kind == ChargeKind::other) &&
           entry.charge.tokens.told();
  });
  const bool parted = in_parts && parts_add_up(whole);
  if (!parted && (whole.tokens.told() || whole.web_searches)) report.charges.push_back(whole);
  for (const Entry& entry : iterations_) {
    // A part without figures is none, as the others add up to the whole.
    const bool is_part = parted && entry.charge.tokens.told();
    if (!is_part && !is_beside(entry.charge.kind)) continue;
    Charge charge = entry.charge;
    if (charge.model.empty()) charge.model = model_;
    report.charges.push_back(std::move(charge));
  }
  // Searches are told of the whole.
  if (parted && !report.charges.empty() && whole.web_searches) {
    const auto first = std::find_if(report.charges.begin(), report.charges.end(),
                                    [](const Charge& one) { return !is_beside(one.kind); });
    if (first != report.charges.end() && !first->web_searches) {
      first->web_searches = whole.web_searches;
    }
  }
  return report;
}

}  // namespace ccrelay::wire
