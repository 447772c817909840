#include "ledger/trouble_log.hpp"

#include <algorithm>
#include <chrono>

namespace ccrelay::ledger {
namespace {

using namespace std::chrono_literals;

constexpr auto lock_patience = 5s;
constexpr auto lock_retry = 50ms;
constexpr auto longest_wait = 30s;
constexpr auto quiet = 60s;

Duration wait_after(Fault fault, std::uint64_t tries, Duration lasts) {
  if (fault == Fault::locked) return lasts < 1s ? Duration(lock_retry) : Duration(1s);
  const Duration doubled = Duration(1s) * (1 << std::min<std::uint64_t>(tries - 1, 5));
  return std::min<Duration>(doubled, longest_wait);
}

std::string in_seconds(Duration lasts) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(lasts).count()) + " s";
}

std::string in_requests(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " request" : " requests");
}

}  // namespace

std::optional<TroubleLog::Line> TroubleLog::failed(const Trouble& trouble, std::size_t waiting,
                                                   TimePoint now) {
  const bool same = trouble_ && trouble_->fault == trouble.fault;
  if (!same) {
    began_ = now;
    tries_ = 0;
    said_ = false;
  }
  trouble_ = trouble;
  ++tries_;
  const Duration lasts = now - began_;
  retry_ = now + wait_after(trouble.fault, tries_, lasts);
  const bool early = trouble.fault == Fault::locked && lasts < lock_patience;
  if (early || (told_ == trouble.fault && now - told_at_ < quiet)) return std::nullopt;
  std::string words = "the ledger can't be written: " + trouble.words + "; ";
  if (said_) words += "tried " + std::to_string(tries_) + " times in " + in_seconds(lasts) + ", ";
  words += in_requests(waiting) + (waiting == 1 ? " waits" : " wait");
  said_ = true;
  told_ = trouble.fault;
  told_at_ = now;
  return Line{trouble.fault == Fault::locked ? Level::warn : Level::error, std::move(words)};
}

std::optional<TroubleLog::Line> TroubleLog::well(std::size_t waited, TimePoint now) {
  if (!trouble_) return std::nullopt;
  const bool said = said_;
  const Duration lasted = now - began_;
  trouble_.reset();
  said_ = false;
  if (!said) return std::nullopt;
  return Line{Level::info, "the ledger is written again after " + in_seconds(lasted) + "; " +
                               in_requests(waited) + " had waited"};
}

}  // namespace ccrelay::ledger
