#include "otel/attributes.hpp"

#include "otel/conventions.hpp"

namespace ccrelay::otel {
namespace {

// Fields of AnyValue.
constexpr int string_value = 1;
constexpr int bool_value = 2;
constexpr int int_value = 3;
constexpr int double_value = 4;
constexpr int array_value = 5;

}  // namespace

void Attributes::add(std::string_view name, const Message& value) {
  Message pair;
  pair.text(1, name);
  pair.message(2, value);
  to_.message(field_, pair);
}

void Attributes::text(std::string_view name, std::string_view value) {
  if (value.empty()) return;
  Message any;
  any.text(string_value, value);
  add(name, any);
}

void Attributes::number(std::string_view name, std::int64_t value) {
  Message any;
  any.varint(int_value, static_cast<std::uint64_t>(value));
  add(name, any);
}

void Attributes::real(std::string_view name, double value) {
  Message any;
  any.real(double_value, value);
  add(name, any);
}

void Attributes::flag(std::string_view name, bool value) {
  Message any;
  any.varint(bool_value, value ? 1 : 0);
  add(name, any);
}

void Attributes::list(std::string_view name, std::string_view only) {
  if (only.empty()) return;
  Message item, array, any;
  item.text(string_value, only);
  array.message(1, item);
  any.message(array_value, array);
  add(name, any);
}

Message Resource::message() const {
  Message out;
  Attributes attributes(out, 1);
  attributes.text(names::service_name, service_name);
  attributes.text(names::service_version, version);
  attributes.text(names::service_instance, instance);
  return out;
}

Message scope_message(const Resource& resource) {
  Message out;
  out.text(1, names::scope);
  out.text(2, resource.version);
  return out;
}

}  // namespace ccrelay::otel
