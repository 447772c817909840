#pragma once

#include <ccrelay/manage.hpp>
#include <ccrelay/manage_access.hpp>
#include <ccrelay/manage_logs.hpp>
#include <ccrelay/manage_usage.hpp>

#include <concepts>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "api/enum_names.hpp"

/// The messages of ccrelay.management.v1 as JSON that any proto3 JSON parser reads: each
/// append_json() appends one value. Names are the proto's own (snake_case), all fields are there,
/// whole numbers are numbers however large, enums go by name, times are RFC 3339 in UTC with as
/// many digits as they need, numbers that JSON has no word for are "NaN", "Infinity", "-Infinity".
/// What is absent is null, which a proto3 JSON parser reads as absent.
namespace ccrelay::api {

// Everything is declared before the templates below: they find no more than what is known here.
void append_json(std::string& out, std::string_view text);
void append_json(std::string& out, double number);
/// Null for the epoch itself, which is how these structs say that a time is not known.
void append_json(std::string& out, WallTime time);
template <std::integral T>
void append_json(std::string& out, T number);
template <NamedEnum E>
void append_json(std::string& out, E value);
/// Enums of the proto have a word for what is not there.
void append_json(std::string& out, const std::optional<Outcome>& outcome);
void append_json(std::string& out, const std::optional<Ending>& ending);
void append_json(std::string& out, const std::map<std::string, std::string>& map);
template <class T>
void append_json(std::string& out, const std::optional<T>& value);
template <class T>
void append_json(std::string& out, const std::vector<T>& list);

void append_json(std::string& out, const management::Caller& caller);
void append_json(std::string& out, const management::Status& status);
void append_json(std::string& out, const management::Rates& rates);
void append_json(std::string& out, const management::Totals& totals);
void append_json(std::string& out, const management::TokenUsage& usage);
void append_json(std::string& out, const management::Cost& cost);
void append_json(std::string& out, const management::Latency& latency);
void append_json(std::string& out, const management::Sample& sample);
void append_json(std::string& out, const management::Process& process);
void append_json(std::string& out, const management::ProviderCounts& counts);

void append_json(std::string& out, const management::Provider& provider);
void append_json(std::string& out, const management::AdminOverride& word);
void append_json(std::string& out, const management::Breaker& breaker);
void append_json(std::string& out, const management::OutcomeCount& count);
void append_json(std::string& out, const management::LastError& error);
void append_json(std::string& out, const management::CloudIdentity& identity);
void append_json(std::string& out, const management::Key& key);
void append_json(std::string& out, const management::CoolDown& rest);
void append_json(std::string& out, const management::Budget& budget);
void append_json(std::string& out, const management::PlanWindow& window);
void append_json(std::string& out, const management::Client& client);

void append_json(std::string& out, const management::Request& request);
void append_json(std::string& out, const management::Attempt& attempt);
void append_json(std::string& out, const management::TraceStep& step);
/// Of what can have happened, that which has is there alone.
void append_json(std::string& out, const management::Event& event);

void append_json(std::string& out, const management::UsageReport& report);
void append_json(std::string& out, const management::UsageRow& row);
void append_json(std::string& out, const management::UsageRecords& records);

void append_json(std::string& out, const management::EffectiveConfig& config);
void append_json(std::string& out, const management::Setting& setting);
void append_json(std::string& out, const management::Validation& validation);
void append_json(std::string& out, const management::Diagnostic& diagnostic);
void append_json(std::string& out, const management::ConfigChange& change);
void append_json(std::string& out, const management::ReloadReport& report);

void append_json(std::string& out, const management::LogLevelState& state);
void append_json(std::string& out, const management::LogLine& line);
/// A line, or how many are missing.
void append_json(std::string& out, const management::LogEvent& event);

/// Who asks is told with it.
void append_json(std::string& out, const management::ServerInfo& info,
                 const management::Caller& caller);

/// An object that is appended member by member.
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  ~JsonObject() { out_ += '}'; }
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;

  template <class T>
  JsonObject& operator()(std::string_view name, const T& value) {
    begin(name);
    append_json(out_, value);
    return *this;
  }
  /// The member's name alone: who calls appends the value.
  std::string& begin(std::string_view name);

 private:
  std::string& out_;
  bool empty_ = true;
};

template <std::integral T>
void append_json(std::string& out, T number) {
  if constexpr (std::same_as<T, bool>) {
    out += number ? "true" : "false";
  } else {
    out += std::to_string(number);
  }
}

template <NamedEnum E>
void append_json(std::string& out, E value) {
  append_json(out, name_of(value));
}

template <class T>
void append_json(std::string& out, const std::optional<T>& value) {
  if (value) {
    append_json(out, *value);
  } else {
    out += "null";
  }
}

template <class T>
void append_json(std::string& out, const std::vector<T>& list) {
  out += '[';
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out += ',';
    append_json(out, list[i]);
  }
  out += ']';
}

}  // namespace ccrelay::api
