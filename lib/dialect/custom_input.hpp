#pragma once

#include <string>
#include <string_view>

#include "dialect/json_flow.hpp"

namespace ccrelay::dialect {

/// Takes the text of a custom tool out of the JSON object that it has in the hub, {"input":"…"}, as
/// the object comes, cut anywhere. Where it is no such object, the text is what came. A value type,
/// pure.
class CustomInput {
 public:
  /// Appends what became known of the text.
  void feed(std::string_view json, std::string& delta);
  /// The object is over.
  void end(std::string& delta);

  /// Nothing has come.
  bool untouched() const { return !flow_.begun(); }
  /// All of the text so far.
  const std::string& text() const { return text_; }

 private:
  enum class State { before, inside, behind, other };
  void take(std::string& delta);

  JsonFlow flow_;
  State state_ = State::before;
  std::string json_;     // all that came, while it may have to be the text
  std::string pending_;  // came, and is not looked at yet
  std::string text_;
};

}  // namespace ccrelay::dialect
