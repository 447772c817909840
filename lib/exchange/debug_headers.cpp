#include "exchange/debug_headers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "exchange/forecast.hpp"

namespace ccrelay::exchange {
namespace {

constexpr std::size_t dropped_bytes_max = 1000;

double real_ms(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace

void add_debug_headers(Headers& headers, const Attempt& attempt, const Search& search,
                       const ClientRequest& request, const worker::Snapshot& snapshot,
                       const RequestSummary& summary) {
  const AttemptSummary& last = attempt.summary();
  headers.set("x-cc-relay-provider", last.provider);
  headers.set("x-cc-relay-strategy", snapshot.strategy);
  headers.set("x-cc-relay-key", attempt.target().key_label());
  headers.set("x-cc-relay-attempts", std::to_string(search.attempts()));
  headers.set("x-cc-relay-health", to_string(attempt.target().health));
  headers.set("x-cc-relay-affinity", search.plan().affinity);
  if (request.weighed && request.operation == Operation::messages) {
    const Candidate& asked = search.plan().candidates[attempt.target().candidate];
    headers.set("x-cc-relay-expected-usd", in_usd(asked.expected_nano_usd));
  }
  headers.add("server-timing",
              fmt::format("queue;dur={:.3f}, connect;dur={:.3f}, upstream;dur={:.3f}",
                          real_ms(summary.queue), real_ms(last.connect), real_ms(last.first_byte)));
}

void add_translation_headers(Headers& headers, const Interpreter& words, bool debug) {
  std::string dropped = fmt::format("{}", fmt::join(words.dropped(), ", "));
  dropped.resize(std::min(dropped.size(), dropped_bytes_max));
  // Some are the client's own names.
  for (char& c : dropped) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  if (!dropped.empty()) headers.set("x-cc-relay-dropped", dropped);
  if (!debug || !words.translates()) return;
  headers.set("x-cc-relay-translated",
              fmt::format("{}>{}", to_string(words.way().client), to_string(words.way().provider)));
}

}  // namespace ccrelay::exchange
