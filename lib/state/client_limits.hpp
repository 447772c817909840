#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/usage.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "state/rate_window.hpp"

namespace ccrelay::state {

/// What one client may take. 0 = no limit, of the first five.
struct ClientQuota {
  std::string name;
  std::uint64_t requests = 0;  ///< per minute, as the next three
  std::uint64_t input_tokens = 0;
  std::uint64_t output_tokens = 0;
  std::uint64_t tokens = 0;
  std::uint64_t in_flight = 0;
  std::optional<std::int64_t> budget_day;    ///< nano-USD
  std::optional<std::int64_t> budget_month;  ///< nano-USD
};

/// What a request is expected to take, before it has.
struct ClientAsk {
  bool counts_tokens = true;
  std::uint64_t input_tokens = 0;
  /// Nano-USD; absent when it can't be known, which costs a budget nothing.
  std::optional<std::int64_t> nano_usd;
};

/// What a client's ended requests have cost in the periods that run, in nano-USD, and how long
/// these still take.
struct ClientSpent {
  std::int64_t day = 0;
  std::int64_t month = 0;
  Duration day_left{};
  Duration month_left{};
};

/// Which limit is reached; in the order in which they are looked at.
enum class ClientLimit : std::uint8_t {
  budget_day,
  budget_month,
  budget_reserved,  ///< only what runs fills the budget
  in_flight,
  requests,
  input_tokens,
  output_tokens,
  tokens,
};

struct ClientRefusal {
  ClientLimit which;
  std::uint64_t limit = 0;  ///< of its kind: requests, tokens, nano-USD
  Duration wait{};          ///< until this request would be let in, if nothing else comes
};

class ClientLimits;

/// A request's hold on its client's limits. Settled once with what it used; dropped before, it used
/// nothing, but stays counted as a request. ClientLimits outlives it. Any thread. Empty by default:
/// of who has no limits.
class ClientPermit {
 public:
  ClientPermit() = default;
  ClientPermit(ClientPermit&& other) noexcept;
  ClientPermit& operator=(ClientPermit&& other) noexcept;
  ~ClientPermit();

  explicit operator bool() const { return limits_ != nullptr; }
  /// `used` are all tokens of all its attempts. What it cost stands in the ledger by now.
  void settle(const Tokens& used, TimePoint now);

 private:
  friend class ClientLimits;
  struct Held {
    RateWindow::Slot slots[4]{};
    std::uint64_t amounts[4]{};
    std::int64_t reserved = 0;
    TimePoint at{};
    bool counts_tokens = true;
  };
  ClientPermit(ClientLimits& limits, std::string client, const Held& held)
      : limits_(&limits), client_(std::move(client)), held_(held) {}

  ClientLimits* limits_ = nullptr;
  std::string client_;
  Held held_;
};

/// How near a client is to its budget, for the headers of an answer.
struct BudgetShare {
  double used = 0;  ///< of the tighter budget, reservations included; 1 = all of it
  bool monthly = false;
  Duration left{};  ///< of that budget's period
};

/// The limits and budgets of clients with a key of their own: sliding minutes as those of
/// provider's keys, requests at once, money. By name, so that they outlast a reload, also when the
/// key changed. Admitting is local and at once: whatever this becomes later (limits shared by
/// several relays), no request waits for a server. Shared by all workers. Thread-safe.
class ClientLimits {
 public:
  /// Who has which limits from now on. What was counted stays; a lowered limit holds at once.
  void configure(std::vector<ClientQuota> quotas);
  /// Lets a request in and counts it, or says why not: then nothing is counted.
  std::variant<ClientPermit, ClientRefusal> admit(std::string_view client, const ClientAsk& ask,
                                                  const ClientSpent& spent, TimePoint now);
  /// Empty without a budget.
  std::optional<BudgetShare> share(std::string_view client, const ClientSpent& spent) const;
  /// Its limits and what of the four per minute is used, in the order of ClientQuota; for people.
  struct Report {
    ClientQuota quota;
    std::uint64_t used[4]{};
    std::uint64_t in_flight = 0;
    std::int64_t reserved = 0;  ///< nano-USD of what runs
    Duration free_in[4]{};      ///< until one more has room in each of the four
    std::uint64_t refused = 0;  ///< requests that a limit or budget turned away
  };
  Report report(std::string_view client, TimePoint now);

 private:
  friend class ClientPermit;
  enum Window : std::uint8_t { requests, input, output, both };
  struct Record {
    ClientQuota quota;
    RateWindow windows[4];
    std::uint64_t in_flight = 0;
    std::int64_t reserved = 0;  // nano-USD of what runs
    double output_average = 500;
    std::uint64_t refused = 0;
  };
  std::optional<ClientRefusal> refusal(Record& record, const ClientAsk& ask,
                                       const std::uint64_t (&amounts)[4], const ClientSpent& spent,
                                       TimePoint now);
  static std::optional<ClientRefusal> over_budget(const Record& record, const ClientAsk& ask,
                                                  const ClientSpent& spent);
  void end(ClientPermit& permit, const Tokens* used, TimePoint now);

  mutable std::mutex mutex_;
  std::map<std::string, Record, std::less<>> records_;
};

}  // namespace ccrelay::state
