#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "check.hpp"

namespace ccrelay::app::contract {

/// A check and what it has found. Details hold no secret and are short.
struct Finding {
  const Check* check = nullptr;
  Verdict verdict;
};

/// How a run ended.
struct Report {
  std::string url;
  std::vector<Finding> findings;

  std::size_t count(Outcome outcome) const;
  /// No MUST has failed.
  bool ok() const;
};

/// For a person: a line for each, and of a failure the clause and what came.
void print_text(const Report& report);
/// One line of JSON; its form is in docs/cli.md.
void print_json(const Report& report);
/// As JUnit writes it, for CI. A SHOULD that fails is a failure there, too, of that type.
std::string junit(const Report& report);

}  // namespace ccrelay::app::contract
