#include "base/base64.hpp"

#include <string>
#include <vector>

#include "base/rng.hpp"
#include "catch.hpp"

using namespace ccrelay::base;

namespace {

struct Example {
  std::string bytes;
  std::string text;
};

// RFC 4648 section 10.
const std::vector<Example> examples{
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

}  // namespace

TEST_CASE("base64 is what RFC 4648 gives as examples", "[base]") {
  for (const Example& example : examples) {
    CHECK(base64_encoded(example.bytes) == example.text);
    CHECK(base64_decoded(example.text) == example.bytes);
    const std::string url = example.text.substr(0, example.text.find('='));
    CHECK(base64url_encoded(example.bytes) == url);
    CHECK(base64url_decoded(url) == example.bytes);
  }
}

TEST_CASE("the alphabets differ in the last two characters", "[base]") {
  CHECK(base64_encoded("\xfb\xff\xfe") == "+//+");
  CHECK(base64url_encoded("\xfb\xff\xfe") == "-__-");
  CHECK(base64_decoded("+//+") == "\xfb\xff\xfe");
  CHECK(base64url_decoded("-__-") == "\xfb\xff\xfe");
  CHECK_FALSE(base64_decoded("-__-"));
  CHECK_FALSE(base64url_decoded("+//+"));
}

TEST_CASE("base64 that is not quite right is refused", "[base]") {
  for (const char* text :
       {"Z",        "Zg",       "Zg=",      "Zm9",          "Zg===", "=",     "====",
        "Z===",     "Zg==Zg==", "Zm=v",     "=m9v",         "Zg=A",  " Zm9v", "Zm9v ",
        "Zm9v\n",   "    ",     "    Zm9v", "Zm9v\n\n\n\n", "Zm 9",  "Zm\n9", "----",
        "Zm9v----", "Zm9\x80",  "Zh==",     "Zm9="}) {
    INFO(text);
    CHECK_FALSE(base64_decoded(text));
  }
  CHECK_FALSE(base64_decoded(std::string("Zm9\0", 4)));
  for (const char* text : {"Z", "Zg==", "Zm9v\n", " Zg", "Zh", "Zm9"}) {
    INFO(text);
    CHECK_FALSE(base64url_decoded(text));
  }
}

TEST_CASE("decoded bytes are put behind what is there, or nothing is", "[base]") {
  std::string out = "ab=";
  CHECK(append_base64_decoded(out, "Zg=="));
  CHECK(out == "ab=f");
  CHECK_FALSE(append_base64_decoded(out, "Zm9vZm9v*m9v"));
  CHECK(out == "ab=f");
}

TEST_CASE("every byte comes back from base64, at every length", "[base]") {
  Rng rng(7);
  std::string bytes;
  for (int length = 0; length < 300; ++length) {
    CHECK(base64_decoded(base64_encoded(bytes)) == bytes);
    CHECK(base64url_decoded(base64url_encoded(bytes)) == bytes);
    bytes += static_cast<char>(rng.next());
  }
}

TEST_CASE("base64 of more than one piece is one text", "[base]") {
  const std::string bytes((std::size_t{1} << 24) / 4 * 3 + 1, 'a');
  const std::string text = base64_encoded(bytes);
  CHECK(text.find('=') == text.size() - 2);
  CHECK((base64_decoded(text) == bytes));
}
