#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/clock.hpp>
#include <ccrelay/result.hpp>
#include <ccrelay/setting.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay {

/// A provider that could take a request: it serves the model, may take the client's credential, and
/// its breaker admits. Views are valid during the call.
struct RouteCandidate {
  std::string_view provider;  ///< its name in the configuration
  int weight = 1;             ///< below 1 counts as 1
  int priority = 0;           ///< higher goes first
  unsigned in_flight = 0;     ///< requests it is busy with, over all workers
  /// Moving average of its time to first byte; empty: not known.
  std::optional<Duration> first_byte;
  /// What the request is expected to cost there, in nano-USD (10^-9), what is in the provider's
  /// prompt cache counted as read: an estimate, for whoever pays. Empty where its price is not
  /// known, and, unless the router weighs costs, often; 0 is a price.
  std::optional<std::int64_t> expected_nano_usd;
  bool is_home = false;  ///< the conversation lives there
};

/// What is asked for.
struct RouteRequest {
  std::string_view model;  ///< as the client named it
  bool stream = false;
  std::uint64_t random = 0;  ///< fresh for each request
};

/// Orders the providers that a request may go to. One object serves all workers: its methods are
/// thread-safe, quick, and do no I/O. Keeping conversations where they began is not its concern:
/// the relay puts a conversation's home first afterwards, where the router says that it may. It
/// lives as long as a request or a configuration that uses it.
///
/// Asked on the worker's thread once for each request, in the order spreads(), order(),
/// may_follow() for each that is shut out, may_lead(). One that throws fails that request with a
/// 500 (asking a provider against the router's will may cost money), and the observer is told in a
/// note "extension_threw" with what() in it.
class [[gnu::visibility("default")]] Router {
 public:
  virtual ~Router() = default;
  /// A fixed word for logs and headers. Asked when a configuration is taken, and kept.
  virtual std::string_view name() const = 0;
  /// Whether it looks at expected costs, which take a look at the prices for each candidate. Asked
  /// when a configuration is taken, and kept.
  virtual bool weighs_costs() const {
    return false;
  }
  /// Indexes into `candidates`, in the order in which they are to be tried. May leave some out; an
  /// index twice or out of range is ignored.
  virtual std::vector<std::size_t> order(const RouteRequest& request,
                                         const std::vector<RouteCandidate>& candidates) = 0;

  /// Whether it treats providers as equals. A conversation that goes on but whose home is not known
  /// is then placed by what identifies it, as any relay would, and order() is not asked.
  virtual bool spreads() const {
    return false;
  }
  /// Whether a conversation may stay at `home`, where it began, although `first` would be asked
  /// first now.
  virtual bool may_lead(const RouteRequest& /*request*/, const RouteCandidate& /*home*/,
                        const RouteCandidate& /*first*/) const {
    return true;
  }
  /// Whether a provider that its breaker shuts out is asked when nobody else is left. order() is
  /// never given those.
  virtual bool may_follow(const RouteRequest& /*request*/, const RouteCandidate& /*shut*/) const {
    return true;
  }
};

struct RoutingConfig;

/// Makes a router from [routing], which does not outlive the call. It is kept over a reload that
/// leaves its strategy's settings as they are.
using RouterFactory = std::function<Result<std::unique_ptr<Router>>(const RoutingConfig&)>;
/// A strategy that the program brings along. The built-in one of that name is replaced.
using StrategyType = Extension<RouterFactory>;
/// Those of a program: `routing.strategy` -> what makes it.
using Strategies = std::map<std::string, StrategyType>;

}  // namespace ccrelay
