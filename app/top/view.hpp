#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ccrelay::app::top {

enum class Screen { overview, providers, keys, clients, requests, log };
constexpr std::size_t screens = 6;

/// An order to the relay: POST of `body` to `path` behind /api/v1.
struct Order {
  std::string path;
  std::string body;
  std::string done;       ///< what to say when it is done: `anthropic disabled`
  std::string unchanged;  ///< when it was so before
};

/// The question before an order. Its `no` is chosen when it opens.
struct Confirm {
  enum class Verb { disable_provider, drain_provider, disable_key, cancel_request, reload };
  enum class Focus { span, reason, yes, no };

  Verb verb = Verb::reload;
  std::string target;
  std::size_t span = 0;  ///< which of spans_of()
  std::string reason;
  Focus focus = Focus::no;
};

/// A time that may be chosen in a question: `until told`, `15m`.
struct Span {
  const char* name;
  std::int64_t ms;
};
/// Those of an order; empty when it takes none.
const std::vector<Span>& spans_of(Confirm::Verb verb);

/// What a person has chosen to see. Of the relay itself nothing is in here.
struct View {
  struct PerScreen {
    std::string chosen;  ///< id of the row; empty = none yet
    std::string filter;
    std::size_t sort = 0;  ///< 0 = as it comes, else 1 + the column
    bool reversed = false;
  };

  Screen screen = Screen::overview;
  std::array<PerScreen, screens> per_screen;
  std::size_t section = 0;  ///< of the overview, where it shows one at a time
  bool help = false;
  std::string detail;  ///< Request.id whose decisions are shown
  bool ended = false;  ///< of requests, those that ended
  bool troubled = false;
  int least_level = 0;         ///< of the log: 0 debug … 3 error
  bool wrap = false;           ///< of the log
  std::size_t log_behind = 0;  ///< lines between the last one shown and the newest
  bool paused = false;
  int pace_ms = 1000;
  bool typing_filter = false;
  std::optional<Confirm> confirm;
  std::string message;  ///< of what a key did
  bool message_is_bad = false;

  /// How large it is drawn; pages are that long.
  int rows = 24;
  int columns = 80;

  PerScreen& here() { return per_screen[static_cast<std::size_t>(screen)]; }
  const PerScreen& here() const { return per_screen[static_cast<std::size_t>(screen)]; }
};

/// How everything is drawn.
struct Options {
  bool ascii = false;
  bool read_only = false;
};

constexpr int rows_min = 10;
constexpr int columns_min = 40;
constexpr int pace_ms_min = 200;
constexpr int pace_ms_max = 10'000;
constexpr std::size_t reason_bytes_max = 200;

}  // namespace ccrelay::app::top
