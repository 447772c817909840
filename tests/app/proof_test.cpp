#include "../../app/proof.hpp"

#include "catch.hpp"

namespace ccrelay::app {

TEST_CASE("a proof is of one key, one question and one address", "[app]") {
  const std::string key = proof_key("secret");
  const std::string nonce = new_nonce();
  const std::vector<std::string> shown = {"other", proof(key, nonce, "127.0.0.1:8787")};
  CHECK(proves(shown, {key}, nonce, "127.0.0.1:8787"));
  CHECK(proves(shown, {new_start_token(), key}, nonce, "127.0.0.1:8787"));
  CHECK_FALSE(proves(shown, {proof_key("Secret")}, nonce, "127.0.0.1:8787"));
  CHECK_FALSE(proves(shown, {key}, new_nonce(), "127.0.0.1:8787"));
  CHECK_FALSE(proves(shown, {key}, nonce, "127.0.0.1:8788"));
  CHECK_FALSE(proves(shown, {key}, nonce, "[::1]:8787"));
  CHECK_FALSE(proves(shown, {}, nonce, "127.0.0.1:8787"));
  CHECK_FALSE(proves({}, {key}, nonce, "127.0.0.1:8787"));
}

TEST_CASE("nobody proves anything with an empty key, question or place", "[app]") {
  CHECK_FALSE(proves({proof("", "n", "127.0.0.1:1")}, {""}, "n", "127.0.0.1:1"));
  CHECK_FALSE(proves({proof("k", "", "127.0.0.1:1")}, {"k"}, "", "127.0.0.1:1"));
  CHECK_FALSE(proves({proof("k", "n", "")}, {"k"}, "n", ""));
}

TEST_CASE("a relay on all addresses proves just that", "[app]") {
  const std::vector<std::string> v4 = {proof("k", "n", "0.0.0.0:8787")};
  CHECK(proves(v4, {"k"}, "n", "127.0.0.1:8787"));
  CHECK_FALSE(proves(v4, {"k"}, "n", "[::1]:8787"));
  CHECK(proves({proof("k", "n", "[::]:8787")}, {"k"}, "n", "[::1]:8787"));
  CHECK(proves({proof("k", "n", "unix:/run/relay")}, {"k"}, "n", "unix:/run/relay"));
}

TEST_CASE("the key that a secret makes is not the secret", "[app]") {
  CHECK(proof_key("a").size() == 64);
  CHECK(proof_key("a") == proof_key("a"));
  CHECK(proof_key("a") != proof_key("b"));
  CHECK(new_start_token() != new_start_token());
  CHECK(new_nonce().size() == 32);
}

}  // namespace ccrelay::app
