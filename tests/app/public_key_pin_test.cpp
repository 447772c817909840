#include "../../app/public_key_pin.hpp"

#include "catch.hpp"
#include "support/paths.hpp"

namespace ccrelay::app {

TEST_CASE("the pin of a certificate is the digest of its public key", "[app]") {
  // openssl x509 -in server.pem -pubkey -noout | openssl pkey -pubin -outform DER |
  //   openssl dgst -sha256 -binary | base64
  CHECK(public_key_pin(testing::test_data() + "/tls/server.pem") ==
        "sha256//SMLi2dEIOBRP7opoGRYNQWHlMd0lGICsFo9VllvoikM=");
}

TEST_CASE("what holds no certificate has no pin", "[app]") {
  CHECK(public_key_pin("/nowhere").empty());
  CHECK(public_key_pin("/").empty());
  CHECK(public_key_pin(testing::test_data() + "/tls/server.key").empty());
}

}  // namespace ccrelay::app
