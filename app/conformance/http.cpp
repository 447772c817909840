#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench.hpp"
#include "check.hpp"

// The connection.

namespace ccrelay::app::contract {
namespace {

Verdict judge_http_keepalive(Bench& bench) {
  constexpr int count = 100;
  Client client(bench.subject().url);  // with no connections from before
  long connects = 0;
  for (int number = 0; number < count; ++number) {
    ClientRequest request;
    request.method = "GET";
    request.target = models_target(bench.format());
    request.headers = bench.headers_for(Credential::both);
    if ((bench.format() & claude_formats) != 0)
      request.headers.push_back("anthropic-version: 2023-06-01");
    const auto answer = client.begin(request);
    client.finish(*answer, bench.within(milliseconds(10'000)));
    if (answer->status() == 0)
      return failed(fmt::format("request {} of {}", number + 1, count), "an answer",
                    bench.told(*answer));
    connects += answer->connects();
    if (connects > 1)
      return failed(fmt::format("{} requests, one after the other", count), "one connection",
                    fmt::format("a second one for request {}", number + 1));
  }
  return {};
}

Verdict judge_head_large(Bench& bench) {
  constexpr int count = 64;
  constexpr std::size_t bytes = 512;
  std::vector<std::string> headers;
  for (int number = 0; number < count; ++number) {
    std::string line = fmt::format("x-conformance-large-{}: ", number);
    line.append(bytes - line.size(), 'v');
    headers.push_back(std::move(line));
  }
  const std::string_view sent = "32 KiB of headers";
  if (bench.subject().is_live) {
    ClientRequest request;
    request.method = "GET";
    request.target = models_target(bench.format());
    request.headers = headers;
    for (const std::string& line : bench.headers_for(Credential::both))
      request.headers.push_back(line);
    const auto answer = bench.client().begin(request);
    bench.client().finish(*answer, milliseconds(10'000));
    if (answer->status() == 200) return {};
    return failed(sent, "200", bench.told(*answer));
  }
  Ask ask;
  ask.headers = headers;
  const Seen seen = bench.ask(ask);
  if (seen.client->status() == 200) return {};
  return failed(sent, "200", bench.told(*seen.client));
}

}  // namespace

std::vector<Check> http_checks() {
  return {
      {"http.keepalive", Level::should, any_format, "100 requests are answered on one connection",
       judge_http_keepalive, false},
      {"http.head_large", Level::should, any_format, "32 KiB of headers are taken",
       judge_head_large, false},
  };
}

}  // namespace ccrelay::app::contract
