#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "figures.hpp"
#include "screens.hpp"
#include "states.hpp"
#include "text.hpp"

namespace ccrelay::app::top {
namespace {

using Verb = Confirm::Verb;
constexpr int box_columns = 38;

const Provider* provider_named(const Model& model, const std::string& name) {
  const auto found = std::find_if(model.providers.begin(), model.providers.end(),
                                  [&](const Provider& each) { return each.name == name; });
  return found == model.providers.end() ? nullptr : &*found;
}

std::string counted(Number count, const char* one, const char* many) {
  return fmt::format("{} {}", grouped(count), count == 1 ? one : many);
}

// Who takes what would have gone to this provider: the first that could.
std::string others_words(const Model& model, const std::string& name) {
  std::vector<std::string> others;
  for (const Provider& each : model.providers) {
    const bool could =
        each.admin_state == "ENABLED" && (each.health == "OK" || each.health == "HALF_OPEN");
    if (could && each.name != name) others.push_back(shown(each.name));
  }
  if (others.empty()) return "No other could take new ones: they fail.";
  if (others.size() > 2)
    return fmt::format("New ones go to {} and {} more.", others.front(), others.size() - 1);
  return fmt::format("New ones go to {}.", fmt::join(others, ", "));
}

Question about_provider(const Model& model, const Confirm& confirm) {
  const Provider* provider = provider_named(model, confirm.target);
  const Number running = provider == nullptr ? Number() : provider->in_flight;
  if (confirm.verb == Verb::disable_provider) {
    return {fmt::format("Disable provider {}?", shown(confirm.target)),
            {counted(running, "request runs there and goes on.", "requests run there and go on."),
             others_words(model, confirm.target)}};
  }
  const Number homes = provider == nullptr ? Number() : provider->conversations;
  return {fmt::format("Drain provider {}?", shown(confirm.target)),
          {counted(homes, "conversation stays", "conversations stay") + " till silent or time.",
           others_words(model, confirm.target)}};
}

Question about_key(const Model& model, const Confirm& confirm) {
  Question question{fmt::format("Disable key {}?", shown(confirm.target)), {}};
  for (const Key& key : model.keys) {
    if (key.fingerprint != confirm.target) continue;
    question.lines.push_back(counted(key.in_flight, "request runs with it and goes on.",
                                     "requests run with it and go on."));
    std::string alone;
    for (const std::string& name : key.providers) {
      const Provider* provider = provider_named(model, name);
      if (provider != nullptr && provider->keys.size() == 1) alone = name;
    }
    question.lines.push_back(
        alone.empty() ? "Used by " + shown(fmt::format("{}", fmt::join(key.providers, ", "))) + "."
                      : fmt::format("It is the only key of {}.", shown(alone)));
  }
  return question;
}

Question about_request(const Model& model, const Confirm& confirm) {
  Question question{fmt::format("Cancel request {}?", shown(confirm.target)), {}};
  for (const Request& request : model.running) {
    if (request.id != confirm.target) continue;
    question.lines.push_back(
        fmt::format("{}, {} at {}.", shown(request.client), lower_case(state_of(request).word),
                    request.provider.empty() ? "none yet" : shown(request.provider)));
    question.lines.push_back(
        fmt::format("{} have gone out; then an error.", size(request.response_bytes.value_or(0))));
  }
  if (question.lines.empty()) question.lines.emplace_back("It may have ended by now.");
  return question;
}

// `for [ until told ]  15m  1h  8h`
std::string span_line(const Confirm& confirm) {
  std::string out = confirm.verb == Verb::drain_provider ? "at most " : "for ";
  const std::vector<Span>& spans = spans_of(confirm.verb);
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (i > 0) out += "  ";
    out += i == confirm.span ? fmt::format("[ {} ]", spans[i].name) : spans[i].name;
  }
  return out;
}

void draw_frame(Grid& grid, int row, int column, int rows, int columns) {
  const auto line = [&](const char* left, const char* right) {
    std::string out = left;
    for (int i = 0; i < columns - 2; ++i) out += "─";
    return out + right;
  };
  grid.clear(row, column, rows, columns);
  grid.put(row, column, line("┌", "┐"));
  grid.put(row, column + 1, " Confirm ", {.bold = true});
  for (int i = 1; i < rows - 1; ++i) {
    grid.put(row + i, column, "│");
    grid.put(row + i, column + columns - 1, "│");
  }
  grid.put(row + rows - 1, column, line("└", "┘"));
}

}  // namespace

Question question_of(const Model& model, const Confirm& confirm) {
  switch (confirm.verb) {
    case Verb::disable_provider:
    case Verb::drain_provider:
      return about_provider(model, confirm);
    case Verb::disable_key:
      return about_key(model, confirm);
    case Verb::cancel_request:
      return about_request(model, confirm);
    case Verb::reload:
      break;
  }
  return {"Reload the configuration?",
          {model.info.config_source.empty() ? "It is read again."
                                            : shown(model.info.config_source) + " is read again.",
           "One with mistakes changes nothing."}};
}

void draw_confirm(Grid& grid, const Model& model, const Confirm& confirm) {
  const Question question = question_of(model, confirm);
  const bool has_span = !spans_of(confirm.verb).empty();
  const bool has_reason = confirm.verb != Verb::reload;
  int needed = columns_of(question.title);
  for (const std::string& line : question.lines) needed = std::max(needed, columns_of(line));
  const int columns = std::clamp(needed + 4, box_columns, grid.columns());
  const int rows =
      4 + static_cast<int>(question.lines.size()) + (has_span ? 1 : 0) + (has_reason ? 1 : 0);
  const int top = std::clamp(grid.rows() - 2 - rows, 0, std::max((grid.rows() - rows) / 2, 0));
  const int at = (grid.columns() - columns) / 2;
  draw_frame(grid, top, at, rows, columns);
  int row = top + 1;
  const int room = columns - 4;
  const auto put = [&](const std::string& text, Style style = {}) {
    grid.put(row++, at + 2, cut(text, room), style);
  };
  put(question.title, {.bold = true});
  for (const std::string& line : question.lines) put(line);
  if (has_span) put(span_line(confirm), {.reverse = confirm.focus == Confirm::Focus::span});
  if (has_reason) {
    // Its end is what is typed; the beginning gives way.
    std::string reason = shown(confirm.reason);
    while (columns_of(reason) > room - 9) {
      std::size_t bytes = 0;
      next_point(reason, bytes);
      reason.erase(0, bytes);
    }
    put("reason: " + reason + "_", {.reverse = confirm.focus == Confirm::Focus::reason});
  }
  const int yes = grid.put(row, at + 2, "y yes", {.reverse = confirm.focus == Confirm::Focus::yes});
  grid.put(row, yes + 4, "n no (default)", {.reverse = confirm.focus == Confirm::Focus::no});
}

void draw_help(Grid& grid, int row, int end) {
  static constexpr std::array<const char*, 18> lines = {
      "Help",
      "1-6 Tab   screens       e   enable",
      "j k g G   move          d   disable",
      "Enter Esc in, out       D   drain",
      "/         filter        b r reset",
      "s S       sort          x   cancel",
      "p + -     pause, pace   R L reload, log",
      "q         quit          ?   this",
      "",
      "Arrows, PgUp and PgDn move too. + looks more often, - less often.",
      "f  requests that run, or those that ended     t  only those in trouble",
      "m  least level of the log that is shown       w  long lines whole",
      "L  debug lines for 15 minutes; again: back    Ctrl-L  draw anew",
      "s  the next column sorts                      S  the other way round",
      "In a question y and n answer; Tab and arrows go to time and reason; Enter",
      "takes what is chosen, which is no. Letters of a reason or filter are text.",
      "",
      "",
  };
  for (const char* line : lines) {
    if (row >= end) return;
    grid.put(row++, 1, cut(line, grid.columns() - 1), {.bold = line == lines.front()});
  }
}

}  // namespace ccrelay::app::top
