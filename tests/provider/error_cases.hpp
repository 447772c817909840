#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/http.hpp>

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "catch.hpp"
#include "support/paths.hpp"
#include "wire/json_members.hpp"
#include "wire/wall_time.hpp"

namespace ccrelay::testing {

/// A line of tests/data/provider-errors*.jsonl: an error that some provider answers with.
struct ErrorCase {
  std::string id;
  std::string provider;
  int status = 0;
  Headers headers;
  std::string body;     ///< of a stream, the data of its error event
  std::string in_band;  ///< "json200" and "sse" where the status says nothing
  std::string about;
  std::optional<double> wait_s;
  std::optional<WallTime> until;
  bool debatable = false;
};

inline std::vector<ErrorCase> read_error_cases(const std::string& file) {
  std::vector<ErrorCase> cases;
  std::ifstream lines(test_data() + "/" + file);
  for (std::string line; std::getline(lines, line);) {
    const auto json = wire::JsonMembers::read(line);
    REQUIRE(json);
    ErrorCase one;
    one.id = json->string("id").value();
    one.provider = json->string("provider").value();
    one.status = static_cast<int>(json->integer("status").value());
    one.body = json->string("body").value();
    one.in_band = json->string("in_band").value_or("");
    one.about = json->string("about").value();
    one.debatable = json->find("debatable") != nullptr;
    if (const auto* wait = json->find("wait_s")) {
      one.wait_s = std::stod(std::string(json->raw(*wait)));
    }
    if (const auto until = json->string("until")) one.until = wire::parse_rfc3339(*until);
    if (const auto headers = json->inside("headers")) {
      for (const auto& member : *headers) {
        one.headers.add(member.name, headers->string(member).value());
      }
    }
    constexpr std::string_view event = "event: error\ndata: ";
    if (one.body.rfind(event, 0) == 0) {
      one.body = one.body.substr(event.size(), one.body.find("\n\n") - event.size());
    }
    cases.push_back(std::move(one));
  }
  REQUIRE(cases.size() > 50);
  return cases;
}

}  // namespace ccrelay::testing
