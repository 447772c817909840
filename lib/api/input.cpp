#include "api/input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "api/errors.hpp"
#include "base/clipped.hpp"
#include "wire/wall_time.hpp"

namespace ccrelay::api {
namespace {

// Of a whole number that is written with a fraction or an exponent, which JSON allows for any.
std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  if (const auto [at, error] = std::from_chars(text.data(), end, number);
      error == std::errc{} && at == end) {
    return number;
  }
  double real = 0;
  const auto [at, error] = std::from_chars(text.data(), end, real);
  constexpr double exact = 9007199254740992.0;
  if (error != std::errc{} || at != end || std::abs(real) > exact || real != std::floor(real)) {
    return {};
  }
  return static_cast<std::int64_t>(real);
}

}  // namespace

const Input::Value* Input::one(std::string_view name) {
  asked_.emplace_back(name);
  const auto found = std::find_if(fields_.begin(), fields_.end(),
                                  [&](const Field& field) { return field.name == name; });
  if (found == fields_.end()) return nullptr;
  found->taken = true;
  if (found->list) {
    wrong(found->shown, "must be one value, not a list");
    return nullptr;
  }
  if (found->values.size() > 1) {
    wrong(found->shown, "is there twice");
    return nullptr;
  }
  return found->values.empty() ? nullptr : &found->values.front();
}

const std::vector<Input::Value>* Input::all(std::string_view name) {
  asked_.emplace_back(name);
  const auto found = std::find_if(fields_.begin(), fields_.end(),
                                  [&](const Field& field) { return field.name == name; });
  if (found == fields_.end()) return nullptr;
  found->taken = true;
  const bool word = !found->values.empty() && found->values.front().kind == Kind::word;
  if (!found->list && !word) {
    wrong(found->shown, "must be a list");
    return nullptr;
  }
  return &found->values;
}

void Input::take(std::string_view name, std::string& into) {
  const Value* value = one(name);
  if (!value) return;
  if (value->kind != Kind::word && value->kind != Kind::string) {
    return wrong(name, "must be a string");
  }
  into = value->text;
}

void Input::take(std::string_view name, bool& into) {
  const Value* value = one(name);
  if (!value) return;
  const bool good = value->kind == Kind::word || value->kind == Kind::boolean;
  if (!good || (value->text != "true" && value->text != "false")) {
    return wrong(name, "must be true or false");
  }
  into = value->text == "true";
}

void Input::take_number(std::string_view name, std::int64_t least, std::int64_t most,
                        std::int64_t& into) {
  const Value* value = one(name);
  if (!value) return;
  // A number of 64 bits may be a string in proto3 JSON.
  const bool good = value->kind != Kind::boolean && value->kind != Kind::nested;
  const auto number = good ? whole(value->text) : std::nullopt;
  if (!number || *number < least || *number > most) {
    return wrong(name, fmt::format("must be a whole number from {} to {}", least, most));
  }
  into = *number;
}

void Input::take(std::string_view name, std::int32_t& into) {
  std::int64_t number = into;
  take_number(name, std::numeric_limits<std::int32_t>::min(),
              std::numeric_limits<std::int32_t>::max(), number);
  into = static_cast<std::int32_t>(number);
}

void Input::take(std::string_view name, std::int64_t& into) {
  take_number(name, std::numeric_limits<std::int64_t>::min(),
              std::numeric_limits<std::int64_t>::max(), into);
}

void Input::take(std::string_view name, std::optional<WallTime>& into) {
  const Value* value = one(name);
  if (!value) return;
  const bool good = value->kind == Kind::word || value->kind == Kind::string;
  const auto time = good ? wire::parse_rfc3339(value->text) : std::nullopt;
  if (!time) return wrong(name, R"(must be a time such as "2026-01-31T09:00:00Z")");
  into = time;
}

void Input::take(std::string_view name, std::vector<std::string>& into) {
  const auto* values = all(name);
  if (!values) return;
  for (const Value& value : *values) {
    if (value.kind != Kind::word && value.kind != Kind::string) {
      return wrong(name, "must be a list of strings");
    }
    into.push_back(value.text);
  }
}

std::optional<std::size_t> Input::index_of(std::string_view name, const Value& value, Names names) {
  const auto found = std::find(names.begin(), names.end(), value.text);
  if (value.kind != Kind::number && found != names.end()) {
    return static_cast<std::size_t>(found - names.begin());
  }
  const bool numeric = value.kind == Kind::number || value.kind == Kind::word;
  const auto number = numeric ? whole(value.text) : std::nullopt;
  if (number && *number >= 0 && static_cast<std::size_t>(*number) < names.size()) {
    return static_cast<std::size_t>(*number);
  }
  wrong(name, fmt::format("must be one of {}", fmt::join(names, ", ")));
  return {};
}

void Input::wrong(std::string_view name, std::string_view what) {
  if (!wrong_) wrong_ = wrong_field(name, what);
}

std::optional<management::Refusal> Input::mistake() const {
  if (wrong_) return wrong_;
  const auto knows = [&](const std::string& start) {
    return std::any_of(asked_.begin(), asked_.end(), [&](const std::string& name) {
      return name.compare(0, start.size(), start) == 0;
    });
  };
  for (const Field& field : fields_) {
    if (field.taken) continue;
    const bool message = knows(field.name + '.');
    const bool object =
        !field.list && field.values.size() == 1 && field.values.front().kind == Kind::nested;
    if (message && object) continue;
    const std::string shown(base::clipped(field.shown, 100));
    if (message) return wrong_field(shown, "must be an object");
    return wrong_field(shown, asked_.empty() ? "is not known here: this call takes no fields"
                                             : fmt::format("is not known here: there are {}",
                                                           fmt::join(asked_, ", ")));
  }
  return {};
}

}  // namespace ccrelay::api
