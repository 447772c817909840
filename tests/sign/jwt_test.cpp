#include "sign/jwt.hpp"

#include <openssl/err.h>

#include <string>

#include "catch.hpp"
#include "sign/keys.hpp"

using namespace ccrelay;
using namespace ccrelay::sign;

namespace {

Secret rfc7515() {
  return Secret(testing::rfc7515_key);
}

std::string refusal(const std::string& pem) {
  const Result<RsaKey> key = RsaKey::from_pem(Secret(pem));
  // Else the next that calls OpenSSL on this thread takes it for its own.
  CHECK(ERR_peek_error() == 0);
  return key ? "" : key.error().message;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

}  // namespace

TEST_CASE("a token is the one of RFC 7515 appendix A.2", "[sign]") {
  const Result<RsaKey> key = RsaKey::from_pem(rfc7515());
  REQUIRE(key);
  const Result<std::string> token = jwt_rs256(*key, R"({"alg":"RS256"})",
                                              "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n "
                                              "\"http://example.com/is_root\":true}");
  REQUIRE(token);
  CHECK(*token ==
        "eyJhbGciOiJSUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn"
        "VlfQ."
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2F"
        "p5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQB"
        "MHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeY"
        "I2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw");
}

TEST_CASE("a key that can't sign RS256 is refused with what it is", "[sign]") {
  CHECK(refusal(testing::p256_key) == "the private key is of the kind EC; an RSA key is needed");
  CHECK(refusal(testing::short_key) == "the private key has 1024 bits; RS256 needs 2048 or more");
}

TEST_CASE("an encrypted key is refused without a question at the terminal", "[sign]") {
  const std::string wanted = "the private key is encrypted; a key without a password is needed";
  CHECK(refusal("-----BEGIN RSA PRIVATE KEY-----\n"
                "Proc-Type: 4,ENCRYPTED\n"
                "DEK-Info: AES-128-CBC,5D153BB0BC92D43998FE652E5580BB48\n\n"
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
                "-----END RSA PRIVATE KEY-----\n") == wanted);
  CHECK(refusal("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjgQT+WNPamaAICCAAw\n"
                "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEGGJfgxQlDoqCW8eZQmkDRUEgZCr\n"
                "INYSbjgp4vwYdK9WK86+COibICXsuReDQmCQDtL4eRjf55gHewTj0otsTipSIi5r\n"
                "FhuFLdKPbVaoBJ1MFiw5WyjbWuMRk17mZlYnxWzgvyonwmMYoXp8M37fd7vFa8q9\n"
                "I6wwBe4NRSlwWKSCAljQsTWFCWqdcDUe+1oAdmgfUW9ONyARdT6xJVBW+Tfw88w=\n"
                "-----END ENCRYPTED PRIVATE KEY-----\n") == wanted);
}

TEST_CASE("text that is no private key is refused with what it may be", "[sign]") {
  const std::string prefix = "the private key can't be read: ";
  const std::string whole = testing::rfc7515_key;
  CHECK(refusal("") ==
        prefix + "it is not PEM text, which begins with -----BEGIN PRIVATE KEY-----");
  CHECK(refusal("{\"type\":\"service_account\"}") ==
        prefix + "it is not PEM text, which begins with -----BEGIN PRIVATE KEY-----");
  CHECK(refusal("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n") ==
        prefix + "it holds a PUBLIC KEY instead");
  CHECK(refusal("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n") ==
        prefix + "it holds a CERTIFICATE instead");
  CHECK(refusal(replaced(whole, "\n", "\\n")) ==
        prefix + "its line ends are written as backslash and n; they must be real ones");
  CHECK(refusal(whole.substr(0, 800)) == prefix + "it is damaged or cut short");
  CHECK(refusal(replaced(whole, "MIIEvQ", "MIIEvR")) == prefix + "it is damaged or cut short");
  CHECK(refusal(std::string((1 << 20) + 1, 'A')) == "the private key is longer than 1 MiB");
}

TEST_CASE("a key with CRLF line ends is as good", "[sign]") {
  CHECK(RsaKey::from_pem(Secret(replaced(testing::rfc7515_key, "\n", "\r\n"))));
}
