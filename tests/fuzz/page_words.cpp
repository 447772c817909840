// Whatever a page is: one short line of UTF-8 without control characters comes of it, and nothing
// that looks like a key or is a secret.
#include "wire/page_words.hpp"

#include <string>

#include "base/ascii.hpp"
#include "fuzz/body.hpp"

using namespace ccrelay;

namespace {

bool is_one_line(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  }
  return true;
}

// As its own JSON string would have to be.
bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t steering = input.byte();
  const std::size_t bytes_max = 1 + input.byte();
  const std::string_view type = steering & 1   ? "text/html; charset=iso-8859-1"
                                : steering & 2 ? "text/html"
                                               : "text/plain";
  const fuzz::Piece page(input.rest());
  const std::string words = wire::page_words(page, type, bytes_max);
  constexpr std::size_t dots = 3;
  FUZZ_CHECK(words.size() <= bytes_max + dots);
  FUZZ_CHECK(is_one_line(words));
  FUZZ_CHECK(is_utf8(words));

  constexpr std::string_view secret = "key-of-ours";
  const std::string quoted = wire::quotable(std::string(input.rest()), {secret});
  FUZZ_CHECK(quoted.find(secret) == std::string::npos);
  FUZZ_CHECK(base::lower(quoted).find("x-api-key") == std::string::npos);
  // What was cleaned once is clean.
  FUZZ_CHECK(wire::quotable(quoted, {secret}) == quoted);
  FUZZ_CHECK(!wire::is_json_document(page) || fuzz::is_json(page) ||
             !simdjson::validate_utf8(std::string_view(page).data(), input.rest().size()));
  return 0;
}
