#include "api/json.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdint>

#include "wire/json_text.hpp"

namespace ccrelay::api {

void append_json(std::string& out, std::string_view text) {
  wire::append_json_string(out, text);
}

void append_json(std::string& out, double number) {
  if (std::isnan(number)) {
    out += R"("NaN")";
  } else if (std::isinf(number)) {
    out += number > 0 ? R"("Infinity")" : R"("-Infinity")";
  } else {
    fmt::format_to(std::back_inserter(out), "{}", number);
  }
}

// RFC 3339 with 0, 3, 6 or 9 digits behind the second, as protobuf prints it.
void append_json(std::string& out, WallTime time) {
  using namespace std::chrono;
  if (time == WallTime{}) {
    out += "null";
    return;
  }
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<nanoseconds>(time - day));
  fmt::format_to(std::back_inserter(out), "\"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                 static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(),
                 clock.seconds().count());
  const std::int64_t part = clock.subseconds().count();
  if (part % 1'000 != 0) {
    fmt::format_to(std::back_inserter(out), ".{:09}", part);
  } else if (part % 1'000'000 != 0) {
    fmt::format_to(std::back_inserter(out), ".{:06}", part / 1'000);
  } else if (part != 0) {
    fmt::format_to(std::back_inserter(out), ".{:03}", part / 1'000'000);
  }
  out += "Z\"";
}

void append_json(std::string& out, const std::optional<Outcome>& outcome) {
  append_json(out, outcome ? name_of(*outcome) : names_of(Outcome{})[0]);
}

void append_json(std::string& out, const std::optional<Ending>& ending) {
  append_json(out, ending ? name_of(*ending) : names_of(Ending{})[0]);
}

void append_json(std::string& out, const std::map<std::string, std::string>& map) {
  JsonObject object(out);
  for (const auto& [name, value] : map) object(name, value);
}

std::string& JsonObject::begin(std::string_view name) {
  if (!empty_) out_ += ',';
  empty_ = false;
  append_json(out_, name);
  out_ += ':';
  return out_;
}

}  // namespace ccrelay::api
