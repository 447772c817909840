#pragma once

#include <string_view>
#include <vector>

#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

/// The members of a large object, found by one walk over it. A view of its text, which outlives
/// this. A value type, pure.
class JsonFields {
 public:
  explicit JsonFields(Json object) {
    for (const JsonMember& member : object.members()) members_.push_back(member);
  }
  const std::vector<JsonMember>& members() const { return members_; }
  /// The last member of that name; absent if there is none.
  Json operator[](std::string_view name) const {
    for (auto at = members_.rbegin(); at != members_.rend(); ++at) {
      if (at->is(name)) return at->value;
    }
    return {};
  }

 private:
  std::vector<JsonMember> members_;
};

}  // namespace ccrelay::dialect
