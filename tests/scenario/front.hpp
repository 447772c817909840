#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "scenario/relay_fixture.hpp"

namespace ccrelay::testing {

inline std::string envelope(const std::string& type, const std::string& message,
                            const std::string& id) {
  return R"({"type":"error","error":{"type":")" + type + R"(","message":")" + message +
         R"("},"request_id":")" + id + "\"}";
}

inline const std::string with_id = "X-Request-ID: req-1\r\n";
inline const std::string with_key = "x-api-key: relay-key\r\n";

inline std::string chunked_post(const std::string& chunks) {
  return "POST /v1/messages HTTP/1.1\r\nHost: relay\r\nX-Request-ID: req-1\r\n"
         "Transfer-Encoding: chunked\r\n\r\n" +
         chunks;
}

/// Waits until `client` has `count` whole answers, or is cut off.
inline std::vector<Answer> answers(RelayFixture& f, RawClient& client, std::size_t count) {
  f.until([&] {
    const auto all = client.answers();
    const auto whole =
        std::count_if(all.begin(), all.end(), [](const Answer& a) { return a.complete; });
    return static_cast<std::size_t>(whole) >= count || client.gone();
  });
  return client.answers();
}

}  // namespace ccrelay::testing
