#include "sign/digests.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay::sign;

TEST_CASE("SHA-256 is what FIPS 180-4 gives as examples, however it is cut", "[sign]") {
  const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  CHECK(hex(sha256("abc")) == abc);
  CHECK(hex(sha256(std::vector<std::string_view>{"a", "", "bc"})) == abc);
  const std::string empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  CHECK(hex(sha256("")) == empty);
  CHECK(hex(sha256(std::vector<std::string_view>{})) == empty);
}

TEST_CASE("HMAC is what RFC 4231 gives as examples", "[sign]") {
  CHECK(hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hex(hmac_sha256(std::string(131, '\xaa'),
                        "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("an empty key or message has an HMAC as well", "[sign]") {
  CHECK(hex(hmac_sha256("", "")) ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  CHECK(hex(hmac_sha256({}, {})) == hex(hmac_sha256("", "")));
}

TEST_CASE("hex has two digits a byte, in lower case", "[sign]") {
  CHECK(hex("").empty());
  CHECK(hex(std::string_view("\x00\x0f\xf0\xab", 4)) == "000ff0ab");
}
