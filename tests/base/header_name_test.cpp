#include "base/header_name.hpp"

#include <string>

#include "base/ascii.hpp"
#include "catch.hpp"

using namespace ccrelay;
using base::HeaderName;

namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return out;
}

}  // namespace

TEST_CASE("each known name is found in any case", "[base]") {
  for (const base::KnownHeader& known : base::known_headers) {
    if (known.name == HeaderName::other) continue;
    INFO(known.text);
    CHECK(base::header_name(known.text) == known.name);
    CHECK(base::header_name(upper(known.text)) == known.name);
    CHECK(known.text == base::lower(known.text));
  }
}

TEST_CASE("a name that differs in one character is another one", "[base]") {
  for (const base::KnownHeader& known : base::known_headers) {
    for (std::size_t at = 0; at < known.text.size(); ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string text(known.text);
        text[at] = static_cast<char>(c);
        if (base::lower(text) == known.text) continue;
        if (base::header_name(text) != HeaderName::other) FAIL(text << " is known");
      }
    }
  }
  CHECK(base::header_name("") == HeaderName::other);
  CHECK(base::header_name("content-lengt") == HeaderName::other);
  CHECK(base::header_name("content-length ") == HeaderName::other);
}

TEST_CASE("a field keeps its known name through copies and changes of the list", "[base]") {
  Headers headers{{"X", "1"}, {"HOST", "a"}, {"content-LENGTH", "5"}};
  CHECK(headers.get(HeaderName::host) == "a");
  CHECK(headers.get(HeaderName::content_length) == "5");
  CHECK_FALSE(headers.contains(HeaderName::expect));
  headers.remove("x");
  CHECK(headers.known_name(0) == HeaderName::host);
  headers.set("Host", "b");
  Headers copy{{"y", "2"}};
  copy.add(headers, 1);
  CHECK(copy[1].name == "Host");
  CHECK(copy.get(HeaderName::host) == "b");
  CHECK(copy.get("HOST") == "b");
}
