#pragma once

#include <bit>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::testing {

/// A message of Protocol Buffers, taken apart without its schema and without the code that writes
/// it: the fields in their order by number. Throws where it is none.
class Proto {
 public:
  explicit Proto(std::string_view wire) {
    while (!wire.empty()) take(wire);
  }

  std::size_t count(int field) const {
    const auto found = fields_.find(field);
    return found == fields_.end() ? 0 : found->second.size();
  }
  std::uint64_t number(int field, std::size_t index = 0) const { return at(field, index).number; }
  double real(int field) const { return std::bit_cast<double>(number(field)); }
  std::string text(int field, std::size_t index = 0) const {
    return std::string(at(field, index).bytes);
  }
  Proto inner(int field, std::size_t index = 0) const { return Proto(at(field, index).bytes); }
  /// Numbers of eight bytes that stand in one piece.
  std::vector<std::uint64_t> packed(int field) const {
    std::string_view bytes = at(field, 0).bytes;
    std::vector<std::uint64_t> out;
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) out.push_back(fixed(bytes, 8));
    return out;
  }
  /// Attributes in this field: `name=value`, sorted by name; arrays in brackets.
  std::map<std::string, std::string> attributes(int field) const {
    std::map<std::string, std::string> out;
    for (std::size_t i = 0; i < count(field); ++i) {
      const Proto pair = inner(field, i);
      out[pair.text(1)] = value_of(pair.inner(2));
    }
    return out;
  }

 private:
  struct Value {
    std::uint64_t number = 0;
    std::string_view bytes;
  };

  static std::string value_of(const Proto& any) {
    if (any.count(1)) return any.text(1);
    if (any.count(2)) return any.number(2) ? "true" : "false";
    if (any.count(3)) return std::to_string(static_cast<std::int64_t>(any.number(3)));
    if (any.count(4)) return std::to_string(any.real(4));
    std::string out = "[";
    const Proto array = any.inner(5);
    for (std::size_t i = 0; i < array.count(1); ++i) out += value_of(array.inner(1, i));
    return out + ']';
  }

  static std::uint64_t fixed(std::string_view bytes, std::size_t size) {
    if (bytes.size() < size) throw std::runtime_error("cut");
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
  }
  static std::uint64_t varint(std::string_view& wire) {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      if (wire.empty() || shift > 63) throw std::runtime_error("no varint");
      const auto byte = static_cast<unsigned char>(wire.front());
      wire.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
  void take(std::string_view& wire) {
    const std::uint64_t tag = varint(wire);
    Value value;
    std::size_t size = 0;
    switch (tag & 7) {
      case 0:
        value.number = varint(wire);
        break;
      case 1:
      case 5:
        size = (tag & 7) == 1 ? 8 : 4;
        value.number = fixed(wire, size);
        break;
      case 2:
        size = static_cast<std::size_t>(varint(wire));
        if (size > wire.size()) throw std::runtime_error("cut");
        value.bytes = wire.substr(0, size);
        break;
      default:
        throw std::runtime_error("no such type");
    }
    wire.remove_prefix(size);
    fields_[static_cast<int>(tag >> 3)].push_back(value);
  }
  const Value& at(int field, std::size_t index) const { return fields_.at(field).at(index); }

  std::map<int, std::vector<Value>> fields_;
};

}  // namespace ccrelay::testing
