#include "otel/delivery.hpp"

#include <algorithm>
#include <chrono>

#include "base/ascii.hpp"

namespace ccrelay::otel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds first_wait{1};
constexpr seconds longest_wait{30};
// Of what a collector may ask for.
constexpr seconds longest_asked{120};

// OTLP specification, "Retryable Response Codes".
bool may_be_repeated(int status) {
  return status == 0 || status == 429 || status == 502 || status == 503 || status == 504;
}

// The next field of a message: its number and, of what has a length, its bytes.
struct Field {
  std::uint64_t number = 0;
  std::uint64_t value = 0;
  std::string_view bytes;
};

std::optional<std::uint64_t> take_number(std::string_view& wire) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64 && !wire.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(wire.front());
    wire.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return {};
}

std::optional<Field> take_field(std::string_view& wire) {
  const auto tag = take_number(wire);
  if (!tag) return {};
  Field field;
  field.number = *tag >> 3;
  const auto number = take_number(wire);
  if (!number) return {};
  field.value = *number;
  if ((*tag & 7) == 0) return field;
  if ((*tag & 7) != 2 || *number > wire.size()) return {};
  field.bytes = wire.substr(0, static_cast<std::size_t>(*number));
  wire.remove_prefix(field.bytes.size());
  return field;
}

}  // namespace

Delivery::Verdict Delivery::judge(const Reply& reply, std::uint64_t dice) {
  if (reply.status >= 200 && reply.status < 300) return begin_anew(), Verdict::arrived;
  ++tries_;
  if (!may_be_repeated(reply.status) || tries_ >= tries_max) return begin_anew(), Verdict::lost;
  if (reply.retry_after) {
    wait_ = std::min<Duration>(*reply.retry_after, longest_asked);
    return Verdict::again;
  }
  const Duration all = std::min<Duration>(first_wait * (1 << (tries_ - 1)), longest_wait);
  // From half of it to all.
  wait_ = all / 2 + all / 2 * static_cast<int>(dice % 1024) / 1024;
  return Verdict::again;
}

std::string in_words(const Reply& reply) {
  if (reply.status == 0) return reply.failure + " (otel.endpoint)";
  const std::string answer = "it answers " + std::to_string(reply.status);
  switch (reply.status) {
    case 401:
    case 403:
      return answer + ": it wants another credential (otel.headers)";
    case 404:
    case 405:
      return answer + ": there is no OTLP over HTTP at that path (otel.endpoint)";
    case 413:
      return answer + ": that was too much at once (otel.interval_ms)";
    case 429:
      return answer + ": it has no room for more";
    default:
      return reply.status >= 500 ? answer
                                 : answer + ": it does not take what is sent (otel.endpoint)";
  }
}

std::uint64_t rejected_in(std::string_view body) {
  while (const auto outer = take_field(body)) {
    if (outer->number != 1) continue;
    std::string_view partial = outer->bytes;
    while (const auto inner = take_field(partial)) {
      if (inner->number == 1) return inner->value;
    }
  }
  return 0;
}

std::optional<Duration> retry_after_of(std::string_view value) {
  const auto whole = base::parse_number(base::trim(value));
  if (!whole) return {};
  return seconds(std::min<std::uint64_t>(*whole, 86'400));
}

}  // namespace ccrelay::otel
