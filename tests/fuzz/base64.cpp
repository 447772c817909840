// What can be decoded is the one text of its bytes, and all bytes come back.
#include "base/base64.hpp"

#include "fuzz/input.hpp"

using namespace ccrelay;
using namespace ccrelay::base;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Piece text(fuzz::Input(data, size).rest());
  if (const auto bytes = base64_decoded(text)) {
    FUZZ_CHECK(base64_encoded(*bytes) == std::string_view(text));
  }
  if (const auto bytes = base64url_decoded(text)) {
    FUZZ_CHECK(base64url_encoded(*bytes) == std::string_view(text));
  }
  FUZZ_CHECK(base64_decoded(base64_encoded(text)) == std::string_view(text));
  FUZZ_CHECK(base64url_decoded(base64url_encoded(text)) == std::string_view(text));
  return 0;
}
