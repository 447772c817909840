#pragma once

#include <optional>
#include <string>

#include "grid.hpp"
#include "model.hpp"
#include "view.hpp"

namespace ccrelay::app::top {

/// A key that was pressed: a letter, or one without.
struct Press {
  enum class Name {
    letter,
    up,
    down,
    left,
    right,
    page_up,
    page_down,
    home,
    end,
    enter,
    escape,
    tab,
    back_tab,
    backspace,
    redraw,
    wheel_up,
    wheel_down,
    click,
    quit,
  };
  Name name = Name::letter;
  std::string letter;  ///< UTF-8
  int row = 0;         ///< of a click
  int column = 0;
};

/// What a key asks of the program; what it does to the view is done.
struct Effect {
  bool quit = false;
  bool redraw = false;  ///< from nothing
  std::optional<Order> order;
};

/// `spots` are those of the grid that was drawn last.
Effect press(const Press& key, View& view, const Model& model, const Options& options,
             const std::vector<Spot>& spots);

/// The order that a question is about, as the relay gets it.
Order order_of(const Confirm& confirm);

/// One part of a path; nothing in it can end it.
std::string path_part(std::string_view text);

}  // namespace ccrelay::app::top
