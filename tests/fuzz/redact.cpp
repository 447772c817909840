// A secret does not show, whatever stands before it in the body, and the limit is kept.
#include "wire/redact.hpp"

#include "fuzz/input.hpp"
#include "wire/json_text.hpp"

using namespace ccrelay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t limit = 8 * input.byte();
  const fuzz::Piece text(input.rest());
  constexpr std::string_view mark = "…";
  FUZZ_CHECK(wire::redacted(text, limit).size() <= limit + mark.size());

  const std::string secret = "sk-very-secret-indeed";
  for (const std::string& value : {'"' + secret + '"', "[{\"a\":\"" + secret + "\"}]"}) {
    const std::string body = "{\"note\":" + wire::json_string(text) + ", \"api_key\" : " + value;
    const std::string shown = wire::redacted(body + "}", body.size() + 100);
    FUZZ_CHECK(shown.ends_with(R"("api_key" : "***"})"));
    // As much of it as fits into what came before is the text's own.
    FUZZ_CHECK(wire::redacted(body, body.size()).find(secret + '"') == std::string::npos ||
               std::string_view(text).find(secret) != std::string_view::npos);
  }
  return 0;
}
