#pragma once

#include <ccrelay/usage_table.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ccrelay::ledger {

/// A line of the ledger: a charge with its attempt and request; or an attempt without any. Views
/// are valid until the next line.
struct UsageLine {
  std::int64_t request = 0;  ///< its id; lines of one stand together
  WallTime began{};
  Duration total{};
  std::string_view request_id, client, session, agent, asked, key;
  std::int64_t attempt = 0;
  bool error = false;
  bool has_charge = false;
  bool client_pays = false;
  bool billed = false, partial = false, assumed_ttl = false;
  PricedCharge charge;
  std::optional<std::int64_t> cost;
  bool told_cost = false;  ///< its provider told it
};

/// Adds lines up by one or two keys. Pure.
class UsageGroups {
 public:
  UsageGroups(std::vector<UsageKey> by, TimeZone zone)
      : by_(std::move(by)), zone_(std::move(zone)) {}

  /// In the order of time.
  void add(const UsageLine& line);
  /// Rows and totals.
  void put_into(UsageTable& table, UsageOrder order, std::size_t limit) const;

 private:
  // What has been counted of the request that was last added; a count each.
  enum Counted { requests, unknown, partial, untold, assumed, counted_size };
  struct Group {
    UsageFigures figures;
    std::array<std::int64_t, counted_size> last{};
    std::int64_t last_attempt = 0, last_attempt_request = 0;
  };
  using Keys = std::vector<std::string>;

  std::string key_of(UsageKey key, const UsageLine& line);
  std::string time_key(UsageKey key, WallTime time) const;
  static bool count(Group& group, Counted which, std::int64_t request);
  static void add_to(Group& group, const UsageLine& line);
  static void add_charge(Group& group, const UsageLine& line);
  bool before(UsageOrder order, const UsageRow& left, const UsageRow& right) const;

  const std::vector<UsageKey> by_;
  const TimeZone zone_;
  std::map<Keys, Group> groups_;
  Group totals_;
  // The order in which keys were first seen, which is that of time.
  std::array<std::map<std::string, std::size_t>, 2> seen_;
  // The last time's name: many requests share it.
  WallTime named_from_{}, named_to_{};
  std::string name_;
  std::map<std::string, std::pair<std::uint64_t, std::int64_t>>
      unpriced_;  // requests, the last one
};

}  // namespace ccrelay::ledger
