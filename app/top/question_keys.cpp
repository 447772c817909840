#include "question_keys.hpp"

#include <array>

#include "text.hpp"

namespace ccrelay::app::top {
namespace {

using Focus = Confirm::Focus;
constexpr std::size_t filter_bytes_max = 200;

void drop_last(std::string& text) {
  std::size_t last = 0;
  for (std::size_t at = 0; at < text.size();) {
    last = at;
    next_point(text, at);
  }
  text.resize(last);
}

void type(const Press& key, std::string& text, std::size_t bytes_max) {
  if (key.name == Press::Name::backspace) {
    drop_last(text);
  } else if (key.name == Press::Name::letter && text.size() + key.letter.size() <= bytes_max) {
    text += key.letter;
  }
}

bool has_focus(const Confirm& confirm, Focus focus) {
  if (focus == Focus::span) return !spans_of(confirm.verb).empty();
  if (focus == Focus::reason) return confirm.verb != Confirm::Verb::reload;
  return true;
}

void step(Confirm& confirm, bool forward) {
  int at = static_cast<int>(confirm.focus);
  do {
    at = (at + (forward ? 1 : 3)) % 4;
  } while (!has_focus(confirm, static_cast<Focus>(at)));
  confirm.focus = static_cast<Focus>(at);
}

// Left and right: another time, or the other answer.
void turn(Confirm& confirm, bool forward) {
  const std::size_t spans = spans_of(confirm.verb).size();
  if (confirm.focus == Focus::span) {
    confirm.span = (confirm.span + (forward ? 1 : spans - 1)) % spans;
  } else if (confirm.focus == Focus::yes || confirm.focus == Focus::no) {
    confirm.focus = confirm.focus == Focus::yes ? Focus::no : Focus::yes;
  }
}

Effect answer(View& view, bool yes) {
  Effect effect;
  if (yes) {
    effect.order = order_of(*view.confirm);
  } else {
    view.message = "nothing was done";
    view.message_is_bad = false;
  }
  view.confirm.reset();
  return effect;
}

}  // namespace

Effect press_in_question(const Press& key, View& view) {
  Confirm& confirm = *view.confirm;
  const bool types = confirm.focus == Focus::reason;
  switch (key.name) {
    case Press::Name::escape:
      return answer(view, false);
    case Press::Name::enter:
      if (confirm.focus == Focus::yes) return answer(view, true);
      if (confirm.focus == Focus::no) return answer(view, false);
      confirm.focus = Focus::no;
      return {};
    case Press::Name::tab:
    case Press::Name::down:
      step(confirm, true);
      return {};
    case Press::Name::back_tab:
    case Press::Name::up:
      step(confirm, false);
      return {};
    case Press::Name::left:
    case Press::Name::right:
      turn(confirm, key.name == Press::Name::right);
      return {};
    default:
      break;
  }
  if (types) {
    type(key, confirm.reason, reason_bytes_max);
  } else if (key.name == Press::Name::letter && (key.letter == "y" || key.letter == "n")) {
    return answer(view, key.letter == "y");
  }
  return {};
}

void press_in_filter(const Press& key, View& view) {
  if (key.name == Press::Name::enter) {
    view.typing_filter = false;
  } else if (key.name == Press::Name::escape) {
    view.here().filter.clear();
    view.typing_filter = false;
  } else {
    type(key, view.here().filter, filter_bytes_max);
  }
}

}  // namespace ccrelay::app::top
