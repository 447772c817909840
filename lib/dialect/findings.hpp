#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "dialect/dialect.hpp"

namespace ccrelay::dialect {

/// What a translation of a request comes upon on its way: the first thing that stops it, and what
/// is left out. A value type, pure.
class Findings {
 public:
  /// Of what is left out: a request may have millions of members that nobody knows, and who reads
  /// of them sees the beginning of the list.
  static constexpr std::size_t dropped_max = 64;

  explicit Findings(bool drop_unsupported) : drop_(drop_unsupported) {}

  void refuse(std::string param, std::string message) {
    refuse(refused(std::move(param), std::move(message)));
  }
  void refuse(Refused refusal) {
    if (!stopped()) problem_ = std::move(refusal);
  }
  /// Something that the provider cannot carry: left out, or it stops.
  void cannot_carry(std::string param, std::string what) {
    if (what.empty()) what = "something without a type";
    if (drop_) {
      drop(std::move(what));
    } else if (!stopped()) {
      problem_ = NotCarriable{std::move(param), std::move(what)};
    }
  }
  /// The same of a hosted tool, which has the one name wherever it is left out.
  void cannot_carry_tool(std::string type) {
    if (drop_) return drop(std::move(type));
    cannot_carry("tools", "the hosted tool " + type);
  }
  /// Left out; each told once, and no more than there is room for.
  void drop(std::string what) {
    if (what.empty() || dropped_.size() == dropped_max) return;
    if (std::find(dropped_.begin(), dropped_.end(), what) == dropped_.end())
      dropped_.push_back(std::move(what));
  }

  bool stopped() const { return !std::holds_alternative<std::monostate>(problem_); }
  /// What came of it: the problem, if there is one, else the translation.
  Translation result(Translated translated) {
    if (auto* refusal = std::get_if<Refused>(&problem_)) return std::move(*refusal);
    if (auto* cannot = std::get_if<NotCarriable>(&problem_)) return std::move(*cannot);
    translated.dropped = std::move(dropped_);
    return translated;
  }

 private:
  bool drop_;
  std::variant<std::monostate, Refused, NotCarriable> problem_;
  std::vector<std::string> dropped_;
};

}  // namespace ccrelay::dialect
