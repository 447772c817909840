#pragma once

#include <ccrelay/provider.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/json_members.hpp"

namespace ccrelay::provider {

/// Changes to the top level of a JSON object, made as splices: whatever is not named stays byte for
/// byte. `body` must outlive it.
class BodyEdit {
 public:
  /// An error where the body is no JSON object.
  static Result<BodyEdit> of(std::string_view body);

  bool has(std::string_view name) const;
  /// As it stands in the body; empty if there is no such member. Of several the last.
  std::string_view value(std::string_view name) const;
  /// Every member of that name, with one comma.
  void remove(std::string_view name);
  /// A member of each object in the array `array`.
  void remove_in_each(std::string_view array, std::string_view name);
  /// A new first member; `value` is JSON.
  void insert(std::string_view name, std::string_view value);
  /// Another value for every member of that name.
  void replace(std::string_view name, std::string_view value);

  /// In ascending order without overlap.
  std::vector<Splice> take_splices();

 private:
  BodyEdit(std::string_view body, wire::JsonMembers members)
      : body_(body), top_{std::move(members), {}} {}

  struct Object {
    wire::JsonMembers members;
    std::vector<bool> removed;  // as many as there are members, or none
  };
  void remove_from(Object& object, std::string_view name);
  void append_removals(const Object& object, std::vector<Splice>& splices) const;

  std::string_view body_;
  Object top_;
  std::vector<Object> inner_;
  std::string inserted_;
  std::vector<Splice> replaced_;
};

}  // namespace ccrelay::provider
