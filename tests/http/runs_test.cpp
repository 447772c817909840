#include "http/runs.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay;

namespace {

// Where a run ends by the table alone, a character at a time.
template <class Belongs>
std::size_t run_length(const std::string& text, Belongs belongs) {
  std::size_t length = 0;
  while (length < text.size() && belongs(text[length])) ++length;
  return length;
}

}  // namespace

TEST_CASE("runs end where the table says, whatever stands there and wherever", "[http]") {
  // Longer than two of the wide steps, so that each place in a step and in the rest is tried.
  for (std::size_t length = 1; length <= 40; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      int values = 0, tokens = 0;
      for (int c = 0; c < 256; ++c) {
        std::string text(length, 'a');
        text[at] = static_cast<char>(c);
        const char* const begin = text.data();
        const char* const end = begin + text.size();
        values += http::end_of_value(begin, end) != begin + run_length(text, http::is_value_char);
        tokens += http::end_of_token(begin, end) != begin + run_length(text, http::is_token_char);
      }
      INFO(length << " characters, at " << at);
      CHECK(values == 0);
      CHECK(tokens == 0);
    }
  }
}

TEST_CASE("nothing is no token", "[http]") {
  CHECK_FALSE(http::is_token(""));
  CHECK(http::is_token("x-stainless-package-version_2.0!"));
  CHECK_FALSE(http::is_token("x-stainless-package version"));
}
