#pragma once

#include <string>

#include "model.hpp"
#include "view.hpp"

namespace ccrelay::app::top {

/// What a view needs to be told.
struct Wants {
  int pace_ms = 1000;
  bool keys = false, clients = false, requests = false, logs = false;
  std::string detail;  ///< Request.id; empty = none

  bool operator==(const Wants& other) const = default;
};
Wants wants_of(const View& view, const Model& model);

}  // namespace ccrelay::app::top
