#include <ccrelay/http.hpp>

#include "base/ascii.hpp"

namespace ccrelay {
namespace {
// Room that is asked for at once, instead of growing to it in many small steps.
constexpr std::size_t first_fields = 8;
constexpr std::size_t first_text_bytes = 240;
}  // namespace

Headers::Headers(std::initializer_list<Header> fields) {
  for (const Header& field : fields) add(field.name, field.value);
}

void Headers::add(std::string_view name, std::string_view value) {
  if (fields_.capacity() == 0) {
    fields_.reserve(first_fields);
    text_.reserve(first_text_bytes);
  }
  Field field;
  field.name = static_cast<std::uint32_t>(text_.size());
  text_.append(name);
  field.value = static_cast<std::uint32_t>(text_.size());
  text_.append(value);
  field.length = static_cast<std::uint32_t>(value.size());
  fields_.push_back(field);
}

void Headers::set(std::string_view name, std::string_view value) {
  remove(name);
  add(name, value);
}

std::size_t Headers::remove(std::string_view name) {
  // The text stays behind unused: lists are short-lived.
  const auto kept = std::erase_if(
      fields_, [&](const Field& field) { return base::iequals(view(field).name, name); });
  return kept;
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const Field& field : fields_) {
    if (field.value - field.name != name.size()) continue;
    const Header header = view(field);
    if (base::iequals(header.name, name)) return header.value;
  }
  return {};
}

void Headers::reserve_for(const Headers& other) {
  fields_.reserve(other.fields_.size() + first_fields);
  text_.reserve(other.text_.size() + first_text_bytes);
}

void Headers::clear() {
  text_.clear();
  fields_.clear();
}

std::string_view RequestHead::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view RequestHead::query() const {
  const auto mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

}  // namespace ccrelay
