// No text is a time that can't be reckoned with.
#include "wire/wall_time.hpp"

#include "fuzz/input.hpp"

using namespace ccrelay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Piece text(fuzz::Input(data, size).rest());
  for (const auto& then : {wire::parse_http_date(text), wire::parse_rfc3339(text)}) {
    if (!then) continue;
    for (const WallTime now : {WallTime{}, WallTime{std::chrono::seconds(1795827723)}, *then}) {
      const Duration wait = wire::wait_until(*then, now);
      FUZZ_CHECK(wait >= Duration::zero() && wait <= wire::wait_max);
    }
  }
  return 0;
}
