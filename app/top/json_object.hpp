#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

#include "figures.hpp"
#include "model.hpp"

namespace ccrelay::app::top {

/// An object of a message. What is not there, or is something else than expected, is nothing: a
/// relay may be older or newer than this program. Lives as long as the parser that read it.
class JsonObject {
 public:
  JsonObject() = default;
  explicit JsonObject(simdjson::dom::element element) {
    is_there_ = element.get(object_) == simdjson::SUCCESS;
  }

  bool is_there() const { return is_there_; }

  JsonObject object(std::string_view name) const {
    simdjson::dom::element value;
    return find(name, value) ? JsonObject(value) : JsonObject();
  }
  std::string text(std::string_view name) const {
    simdjson::dom::element value;
    std::string_view out;
    return find(name, value) && value.get(out) == simdjson::SUCCESS ? std::string(out)
                                                                    : std::string();
  }
  /// An enum's value, without the `prefix` that all have.
  std::string word(std::string_view name, std::string_view prefix) const {
    std::string value = text(name);
    return value.rfind(prefix, 0) == 0 ? value.substr(prefix.size()) : value;
  }
  bool flag(std::string_view name) const {
    simdjson::dom::element value;
    bool out = false;
    return find(name, value) && value.get(out) == simdjson::SUCCESS && out;
  }
  Real real(std::string_view name) const {
    simdjson::dom::element value;
    double out = 0;
    if (!find(name, value) || value.get(out) != simdjson::SUCCESS) return {};
    return out;
  }
  /// Also one in quotation marks, as other writers of proto JSON have them.
  Number number(std::string_view name) const {
    simdjson::dom::element value;
    if (!find(name, value)) return {};
    std::int64_t out = 0;
    if (value.get(out) == simdjson::SUCCESS) return out;
    std::uint64_t large = 0;
    if (value.get(large) == simdjson::SUCCESS) return INT64_MAX;
    double rounded = 0;
    if (value.get(rounded) == simdjson::SUCCESS) return static_cast<std::int64_t>(rounded);
    std::string_view digits;
    if (value.get(digits) != simdjson::SUCCESS || digits.empty()) return {};
    return std::strtoll(std::string(digits).c_str(), nullptr, 10);
  }
  Time time(std::string_view name) const { return time_of(text(name)); }
  std::vector<JsonObject> list(std::string_view name) const {
    std::vector<JsonObject> out;
    for (const auto& each : elements(name)) out.emplace_back(each);
    return out;
  }
  std::vector<std::string> texts(std::string_view name) const {
    std::vector<std::string> out;
    for (const auto& each : elements(name)) {
      std::string_view text;
      if (each.get(text) == simdjson::SUCCESS) out.emplace_back(text);
    }
    return out;
  }

 private:
  bool find(std::string_view name, simdjson::dom::element& value) const {
    return is_there_ && object_.at_key(name).get(value) == simdjson::SUCCESS;
  }
  std::vector<simdjson::dom::element> elements(std::string_view name) const {
    simdjson::dom::element value;
    simdjson::dom::array array;
    std::vector<simdjson::dom::element> out;
    if (find(name, value) && value.get(array) == simdjson::SUCCESS) {
      for (simdjson::dom::element each : array) out.push_back(each);
    }
    return out;
  }

  simdjson::dom::object object_;
  bool is_there_ = false;
};

/// The message in `body`; not there when it is no JSON object.
JsonObject parse(simdjson::dom::parser& parser, std::string_view body);

}  // namespace ccrelay::app::top
