#pragma once

#include <ccrelay/testing/fake_provider.hpp>
#include <ccrelay/testing/loop_harness.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "support/raw_client.hpp"

namespace ccrelay::testing {

inline std::string post(std::string_view target, std::string_view body) {
  std::string out = "POST ";
  out.append(target).append(" HTTP/1.1\r\nhost: fake\r\ncontent-length: ");
  return out.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

inline std::string messages(std::string_view body = "{}") {
  return post("/v1/messages", body);
}

/// A loop, a provider on the loop's clock, and a client that is connected to it.
struct ProviderScene {
  explicit ProviderScene(FakeProvider::Options options = {})
      : provider(harness.loop(), with_clock(std::move(options), harness.clock())),
        client(harness.loop(), provider.port()) {}

  static FakeProvider::Options with_clock(FakeProvider::Options options, const Clock& clock) {
    if (options.clock == nullptr) options.clock = &clock;
    return options;
  }
  /// Turns the loop until the client has that many complete answers; gives them back.
  std::vector<Answer> answers(std::size_t count) {
    const auto complete = [this, count] {
      const std::vector<Answer> all = client.answers();
      return all.size() >= count && all[count - 1].complete;
    };
    REQUIRE(harness.run_until(complete));
    REQUIRE(client.answers().size() == count);
    return client.answers();
  }
  bool receives(std::string_view text) {
    return harness.run_until(
        [this, text] { return client.received().find(text) != std::string::npos; });
  }

  LoopHarness harness;
  FakeProvider provider;
  RawClient client;
};

}  // namespace ccrelay::testing
