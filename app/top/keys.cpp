#include "keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "question_keys.hpp"
#include "screens.hpp"
#include "table.hpp"
#include "text.hpp"

namespace ccrelay::app::top {
namespace {

using Name = Press::Name;
constexpr std::array<int, 7> paces = {200, 500, 1000, 2000, 3000, 5000, 10'000};
constexpr std::int64_t debug_ms = 900'000;

void say(View& view, std::string text, bool is_bad = false) {
  view.message = std::move(text);
  view.message_is_bad = is_bad;
}

void go_to(View& view, Screen screen) {
  view.screen = screen;
  view.detail.clear();
  view.help = false;
}

void step_screen(View& view, std::size_t by) {
  go_to(view, static_cast<Screen>((static_cast<std::size_t>(view.screen) + by) % screens));
}

// Rows of a page: what is not lines of the frame.
std::ptrdiff_t page_of(const View& view) {
  return std::max(view.rows - 6, 1);
}

void move_log(View& view, std::ptrdiff_t by) {
  const std::ptrdiff_t behind = static_cast<std::ptrdiff_t>(view.log_behind) - by;
  view.log_behind = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(behind, 0, 1 << 20));
}

// `by` rows further; what is beyond an end is that end.
void move(View& view, const Model& model, std::ptrdiff_t by) {
  if (view.screen == Screen::log) {
    move_log(view, by);
    const std::size_t lines = log_lines(model, view).size();
    view.log_behind = std::min(view.log_behind, lines > 0 ? lines - 1 : 0);
    return;
  }
  if (view.screen == Screen::overview && !is_whole(view) && view.section != 2) {
    const std::ptrdiff_t last = overview_sections - 1;
    view.section = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(
        static_cast<std::ptrdiff_t>(view.section) + (by > 0 ? 1 : -1), 0, last));
    return;
  }
  const Table table = table_of(model, view);
  if (table.rows.empty()) return;
  const auto chosen = chosen_row(table, view);
  const auto last = static_cast<std::ptrdiff_t>(table.rows.size()) - 1;
  // Where nothing was chosen yet, the first step chooses the first.
  const std::ptrdiff_t from = chosen ? static_cast<std::ptrdiff_t>(*chosen) : by > 0 ? -1 : 0;
  const std::ptrdiff_t to = from + by;
  const bool leaves =
      view.screen == Screen::overview && !is_whole(view) && chosen && (to < 0 || to > last);
  if (leaves) {
    view.section = to < 0 ? 1 : 3;
    view.here().chosen.clear();
    return;
  }
  view.here().chosen =
      table.rows[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(to, 0, last))].id;
}

std::string chosen_id(const View& view, const Model& model) {
  const Table table = table_of(model, view);
  const auto chosen = chosen_row(table, view);
  return chosen ? table.rows[*chosen].id : std::string();
}

void go_in(View& view, const Model& model) {
  const std::string id = chosen_id(view, model);
  const auto show_requests = [&](const char* field) {
    if (id.empty()) return;
    go_to(view, Screen::requests);
    view.here().filter = fmt::format("{}={} ", field, id);
    view.here().chosen.clear();
  };
  switch (view.screen) {
    case Screen::overview:
      go_to(view, Screen::providers);
      if (!id.empty()) view.here().chosen = id;
      return;
    case Screen::providers:
      return show_requests("provider");
    case Screen::keys:
      return show_requests("key");
    case Screen::clients:
      return show_requests("client");
    case Screen::requests:
      if (!id.empty()) view.detail = id;
      return;
    case Screen::log:
      return;
  }
}

void go_out(View& view) {
  if (view.help) {
    view.help = false;
  } else if (!view.detail.empty()) {
    view.detail.clear();
  } else if (!view.here().filter.empty()) {
    view.here().filter.clear();
  } else {
    view.message.clear();
  }
}

void ask(View& view, Confirm::Verb verb, const std::string& target) {
  if (target.empty() && verb != Confirm::Verb::reload) return say(view, "nothing is chosen", true);
  Confirm confirm;
  confirm.verb = verb;
  confirm.target = target;
  view.confirm = std::move(confirm);
}

Effect ordered(Order order) {
  Effect effect;
  effect.order = std::move(order);
  return effect;
}

Order log_level_order(const Model& model) {
  const bool is_over = !model.log_level.empty() && model.log_level != model.configured_log_level;
  if (is_over) {
    return {"/log-level", "{\"level\":\"LOG_LEVEL_UNSPECIFIED\",\"ttl_ms\":0}",
            "log level as configured", "log level was as configured"};
  }
  return {"/log-level", fmt::format("{{\"level\":\"LOG_LEVEL_DEBUG\",\"ttl_ms\":{}}}", debug_ms),
          "log level debug for 15 minutes", "log level was debug before"};
}

// Letters that act upon what is chosen, each where it may.
bool acts_here(char letter, const View& view) {
  const bool request = view.screen == Screen::requests || !view.detail.empty();
  switch (letter) {
    case 'e':
    case 'd':
      return view.screen == Screen::providers || view.screen == Screen::keys;
    case 'D':
    case 'b':
      return view.screen == Screen::providers;
    case 'r':
      return view.screen == Screen::keys;
    case 'x':
      return request;
    case 'R':
    case 'L':
      return true;
    default:
      return false;
  }
}

Effect act(char letter, View& view, const Model& model, const Options& options) {
  if (const std::string why = why_no_action(model, options); !why.empty()) {
    say(view, why, true);
    return {};
  }
  if (letter == 'L') return ordered(log_level_order(model));
  if (letter == 'R') {
    ask(view, Confirm::Verb::reload, {});
    return {};
  }
  const std::string id =
      letter == 'x' && !view.detail.empty() ? view.detail : chosen_id(view, model);
  const std::string part = path_part(id);
  const bool is_key = view.screen == Screen::keys;
  if (id.empty()) {
    say(view, "nothing is chosen", true);
    return {};
  }
  switch (letter) {
    case 'e':
      return ordered({fmt::format("/{}/{}:enable", is_key ? "keys" : "providers", part),
                      "{\"reason\":\"\"}", (is_key ? "key " : "") + shown(id) + " enabled",
                      (is_key ? "key " : "") + shown(id) + " was enabled before"});
    case 'd':
      ask(view, is_key ? Confirm::Verb::disable_key : Confirm::Verb::disable_provider, id);
      return {};
    case 'D':
      ask(view, Confirm::Verb::drain_provider, id);
      return {};
    case 'b':
      return ordered({"/providers/" + part + ":reset-breaker", "{}",
                      "breaker of " + shown(id) + " reset",
                      "breaker of " + shown(id) + " was closed before"});
    case 'r':
      return ordered({"/keys/" + part + ":reset", "{\"reset_budgets\":false}",
                      "key " + shown(id) + " reset",
                      "key " + shown(id) + " had nothing to forget"});
    default:
      ask(view, Confirm::Verb::cancel_request, id);
      return {};
  }
}

void change_pace(View& view, bool faster) {
  const auto at = std::lower_bound(paces.begin(), paces.end(), view.pace_ms);
  if (faster && at != paces.begin()) view.pace_ms = *std::prev(at);
  if (!faster && at != paces.end() && std::next(at) != paces.end()) view.pace_ms = *std::next(at);
  say(view, fmt::format("looks every {} s", view.pace_ms / 1000.0));
}

void change_sort(View& view, const Model& model) {
  const Table table = table_of(model, view);
  if (table.columns.empty()) return;
  std::size_t& sort = view.here().sort;
  sort = sort >= table.columns.size() ? 0 : sort + 1;
  const std::string title = sort == 0 ? std::string() : table.columns[sort - 1].title;
  say(view, sort == 0 ? "sorted as it comes"
                      : "sorted by " + title.substr(0, title.find_last_not_of(' ') + 1));
}

void show_otherwise(char letter, View& view) {
  if (view.screen == Screen::requests && letter == 'f') view.ended = !view.ended;
  if (view.screen == Screen::requests && letter == 't') view.troubled = !view.troubled;
  if (view.screen == Screen::log && letter == 'm') view.least_level = (view.least_level + 1) % 4;
  if (view.screen == Screen::log && letter == 'w') view.wrap = !view.wrap;
}

Effect press_letter(char letter, View& view, const Model& model, const Options& options) {
  if (letter >= '1' && letter <= '6') {
    go_to(view, static_cast<Screen>(letter - '1'));
    return {};
  }
  if (acts_here(letter, view)) return act(letter, view, model, options);
  switch (letter) {
    case 'q':
      return {true, false, {}};
    case '?':
      view.help = !view.help;
      break;
    case 'j':
      move(view, model, 1);
      break;
    case 'k':
      move(view, model, -1);
      break;
    case 'g':
      move(view, model, -1 << 20);
      break;
    case 'G':
      move(view, model, 1 << 20);
      break;
    case '/':
      if (view.screen == Screen::overview) break;
      view.typing_filter = true;
      break;
    case 's':
      change_sort(view, model);
      break;
    case 'S':
      view.here().reversed = !view.here().reversed;
      break;
    case 'p':
      view.paused = !view.paused;
      break;
    case '+':
    case '=':
      change_pace(view, true);
      break;
    case '-':
      change_pace(view, false);
      break;
    default:
      show_otherwise(letter, view);
  }
  return {};
}

void click(const Press& key, View& view, const std::vector<Spot>& spots) {
  for (const Spot& spot : spots) {
    if (spot.row != key.row || key.column < spot.begin || key.column >= spot.end) continue;
    if (spot.screen >= 0) {
      go_to(view, static_cast<Screen>(spot.screen));
    } else {
      view.here().chosen = spot.id;
    }
    return;
  }
}

Effect press_named(const Press& key, View& view, const Model& model,
                   const std::vector<Spot>& spots) {
  switch (key.name) {
    case Name::up:
    case Name::wheel_up:
      move(view, model, -1);
      break;
    case Name::down:
    case Name::wheel_down:
      move(view, model, 1);
      break;
    case Name::page_up:
      move(view, model, -page_of(view));
      break;
    case Name::page_down:
      move(view, model, page_of(view));
      break;
    case Name::home:
      move(view, model, -1 << 20);
      break;
    case Name::end:
      move(view, model, 1 << 20);
      break;
    case Name::enter:
      go_in(view, model);
      break;
    case Name::escape:
      go_out(view);
      break;
    case Name::tab:
      step_screen(view, 1);
      break;
    case Name::back_tab:
      step_screen(view, screens - 1);
      break;
    case Name::click:
      click(key, view, spots);
      break;
    default:
      break;
  }
  return {};
}

}  // namespace

Effect press(const Press& key, View& view, const Model& model, const Options& options,
             const std::vector<Spot>& spots) {
  if (key.name == Name::quit) return {true, false, {}};
  if (key.name == Name::redraw) return {false, true, {}};
  if (view.confirm) return press_in_question(key, view);
  if (view.typing_filter) {
    press_in_filter(key, view);
    return {};
  }
  view.message.clear();
  if (key.name != Name::letter) return press_named(key, view, model, spots);
  if (key.letter.size() != 1) return {};
  return press_letter(key.letter[0], view, model, options);
}

}  // namespace ccrelay::app::top
