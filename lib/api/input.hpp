#pragma once

#include <ccrelay/manage.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/enum_names.hpp"

namespace ccrelay::api {

/// The fields that a call asks with: the parameters of a GET or the JSON object of a POST, read
/// into whatever the call takes. Nested messages are dotted names in both: `filter.providers`.
/// Each take() leaves `into` as it is when the field is not there. What is wrong is kept until
/// mistake() is asked, which also names what nobody took: the call fails, nothing is ignored.
class Input {
 public:
  /// `a=1&filter.providers=x&filter.providers=y`; percent-encoded, `+` is a blank.
  static management::Reply<Input> of_query(std::string_view query);
  /// One JSON object, its names in snake_case or lowerCamelCase as in any proto3 JSON; nothing at
  /// all is an empty one. Null is a field that is not there.
  static management::Reply<Input> of_json(std::string_view body);

  /// One field, of which the whole body is the text.
  static Input of_field(std::string_view name, std::string text);

  void take(std::string_view name, std::string& into);
  void take(std::string_view name, bool& into);
  void take(std::string_view name, std::int32_t& into);
  void take(std::string_view name, std::int64_t& into);
  void take(std::string_view name, std::optional<WallTime>& into);
  void take(std::string_view name, std::vector<std::string>& into);
  template <NamedEnum E>
  void take(std::string_view name, E& into);
  template <NamedEnum E>
  void take(std::string_view name, std::vector<E>& into);

  /// What is wrong with a field, for whom this is more than its type.
  void wrong(std::string_view name, std::string_view what);
  /// What was wrong first, or else the first field that nobody knows.
  std::optional<management::Refusal> mistake() const;

 private:
  /// What kind of JSON it is; of a query everything is `word`.
  enum class Kind : std::uint8_t { word, string, number, boolean, nested };
  struct Value {
    Kind kind;
    std::string text;
  };
  struct Field {
    std::string name;
    std::string shown;  ///< as it was sent
    std::vector<Value> values;
    bool list = false;   ///< a JSON array
    bool taken = false;  ///< or not to be taken
  };

  Field& field(std::string_view name);
  void flatten(std::string_view object, const std::string& prefix, const std::string& shown,
               int depth);
  void append_array(Field& into, std::string_view array);
  static Value value_of(std::string_view raw);

  /// The one value of a field, null when it is not there or several.
  const Value* one(std::string_view name);
  /// All values of it; a JSON value that is no array is wrong.
  const std::vector<Value>* all(std::string_view name);
  void take_number(std::string_view name, std::int64_t least, std::int64_t most,
                   std::int64_t& into);
  std::optional<std::size_t> index_of(std::string_view name, const Value& value, Names names);

  std::vector<Field> fields_;
  std::vector<std::string> asked_;  // names of messages and fields that the call knows
  std::optional<management::Refusal> wrong_;
};

template <NamedEnum E>
void Input::take(std::string_view name, E& into) {
  if (const Value* value = one(name)) {
    if (const auto index = index_of(name, *value, names_of(E{}))) into = static_cast<E>(*index);
  }
}

template <NamedEnum E>
void Input::take(std::string_view name, std::vector<E>& into) {
  const auto* values = all(name);
  if (!values) return;
  for (const Value& value : *values) {
    const auto index = index_of(name, value, names_of(E{}));
    if (index) into.push_back(static_cast<E>(*index));
  }
}

}  // namespace ccrelay::api
