#pragma once

#include <string>
#include <vector>

#include "api.hpp"
#include "model.hpp"

namespace ccrelay::app::top {

/// Everything that is told at one moment, asked call by call; each blocks.
struct Collected {
  std::vector<std::string> why;  ///< empty: it was told
  Model model;
  std::string json;  ///< `{"info":{…},"status":{…},"providers":[…],…}`
};
Collected collect(Api& api);

/// The tables of --once.
std::string tables_text(const Model& model);
/// One line: `12:04:31 SERVING  requests/s 41.2  …`
std::string summary_text(const Model& model);
/// What changed between two looks: states of providers and keys, and trouble.
std::vector<std::string> news(const Model& before, const Model& now);

}  // namespace ccrelay::app::top
