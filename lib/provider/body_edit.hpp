#pragma once

#include <ccrelay/provider.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/json_members.hpp"

namespace ccrelay::provider {

/// Changes to a JSON object, made as splices: whatever is not named stays byte for byte. `body`
/// must outlive it. However many changes and members there are, the body is walked through once.
class BodyEdit {
 public:
  /// An error where the body is no JSON object.
  static Result<BodyEdit> of(std::string_view body);

  bool has(std::string_view name) const;
  /// As it stands in the body; empty if there is no such member. Of several the last.
  std::string_view value(std::string_view name) const;
  /// Every member at that path, with one comma: `name`, `name.inner`, `tools[].strict` for one of
  /// each object in an array, `messages[].content[].caller`. What is not there stays away.
  void remove(std::string_view path);
  /// A new first member; `value` is JSON.
  void insert(std::string_view name, std::string_view value);
  /// Another value for every member of that name, which is not cut into as well.
  void replace(std::string_view name, std::string_view value);

  /// In ascending order without overlap.
  std::vector<Splice> take_splices();

 private:
  // What goes of a value, as a tree of names; `[]` is whatever stands in an array.
  struct Cut {
    std::string name;
    bool whole = false;
    std::vector<Cut> inside;

    Cut& of(std::string_view part);
    const Cut* find(std::string_view part) const;
  };

  BodyEdit(std::string_view body, wire::JsonMembers members)
      : body_(body), top_(std::move(members)) {}
  void cut(const Cut& what, std::size_t at, std::vector<Splice>& splices) const;
  void cut_members(const Cut& what, std::size_t at, std::vector<Splice>& splices) const;
  void cut_elements(const Cut& what, std::size_t at, std::vector<Splice>& splices) const;
  bool some_member_stays() const;

  std::string_view body_;
  wire::JsonMembers top_;
  Cut cuts_;
  std::string inserted_;
  std::vector<Splice> replaced_;
};

}  // namespace ccrelay::provider
