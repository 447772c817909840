// No provider can make anybody wait longer than a day, or less than no time.
#include "fuzz/input.hpp"
#include "wire/rate_limit_headers.hpp"
#include "wire/retry_after.hpp"
#include "wire/wall_time.hpp"

using namespace ccrelay;

namespace {

bool is_wait(Duration wait) {
  return wait >= Duration::zero() && wait <= wire::wait_max;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Headers headers;
  fuzz::each_field(fuzz::Input(data, size).rest(),
                   [&](std::string_view name, std::string_view v) { headers.add(name, v); });
  const WallTime now{std::chrono::seconds(1795827723)};
  const auto wait = wire::retry_after(headers, now);
  FUZZ_CHECK(!wait || is_wait(*wait));
  const base::RateLimits limits = wire::rate_limit_headers(headers, now);
  for (const auto* figures :
       {&limits.requests, &limits.input_tokens, &limits.output_tokens, &limits.tokens}) {
    FUZZ_CHECK(!figures->limit || *figures->limit > 0);
    FUZZ_CHECK(!figures->reset || is_wait(*figures->reset));
  }
  FUZZ_CHECK(limits.unified.size() <= 32);
  return 0;
}
