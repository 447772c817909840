#include <ccrelay/http.hpp>

#include "base/ascii.hpp"
#include "base/header_name.hpp"

namespace ccrelay {
namespace {
// Room that is asked for at once, instead of growing to it in many small steps.
constexpr std::size_t first_fields = 8;
constexpr std::size_t first_text_bytes = 240;
}  // namespace

Headers::Headers(std::initializer_list<Header> fields) {
  for (const Header& field : fields) add(field.name, field.value);
}

void Headers::append(std::string_view name, std::string_view value, base::HeaderName known) {
  if (fields_.capacity() == 0) reserve(first_fields, first_text_bytes);
  Field field;
  field.name = static_cast<std::uint32_t>(text_.size());
  text_.append(name);
  field.value = static_cast<std::uint32_t>(text_.size());
  text_.append(value);
  field.length = static_cast<std::uint32_t>(value.size());
  field.known = known;
  fields_.push_back(field);
}

void Headers::add(std::string_view name, std::string_view value) {
  append(name, value, base::header_name(name));
}

void Headers::add(const Headers& from, std::size_t index) {
  Field field = from.fields_[index];
  if (fields_.capacity() == 0) reserve(first_fields, first_text_bytes);
  const std::uint32_t name_bytes = field.value - field.name;
  const std::string_view text = std::string_view(from.text_).substr(field.name);
  field.name = static_cast<std::uint32_t>(text_.size());
  field.value = field.name + name_bytes;
  text_.append(text.substr(0, name_bytes + field.length));
  fields_.push_back(field);
}

void Headers::set(std::string_view name, std::string_view value) {
  remove(name);
  add(name, value);
}

bool Headers::has_name(const Field& field, std::string_view name, base::HeaderName known) const {
  return field.known == known &&
         (known != base::HeaderName::other || base::iequals(view(field).name, name));
}

std::size_t Headers::remove(std::string_view name) {
  // The text stays behind unused: lists are short-lived.
  const base::HeaderName known = base::header_name(name);
  return std::erase_if(fields_, [&](const Field& field) { return has_name(field, name, known); });
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  const base::HeaderName known = base::header_name(name);
  for (const Field& field : fields_) {
    if (has_name(field, name, known)) return view(field).value;
  }
  return {};
}

std::optional<std::string_view> Headers::get(base::HeaderName name) const {
  for (const Field& field : fields_) {
    if (field.known == name) return view(field).value;
  }
  return {};
}

void Headers::reserve(std::size_t fields, std::size_t text_bytes) {
  fields_.reserve(fields_.size() + fields);
  text_.reserve(text_.size() + text_bytes);
}

void Headers::reserve_for(const Headers& other) {
  reserve(other.fields_.size() + first_fields, other.text_.size() + first_text_bytes);
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
