#include "sign/aws4_sign.hpp"

#include <chrono>
#include <string>
#include <vector>

#include "catch.hpp"
#include "sign/aws4_canonical.hpp"

using namespace ccrelay;
using namespace ccrelay::sign;
using namespace std::chrono_literals;

namespace {

using Pieces = std::vector<std::string_view>;

// From AWS's documentation.
const Aws4Credentials example{"AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                              Secret()};

Aws4Credentials with_token() {
  Aws4Credentials credentials = example;
  credentials.session_token = Secret("a/token==");
  return credentials;
}

// 2015-08-30T12:36:00Z, of which the documentation is fond.
constexpr std::chrono::system_clock::time_point example_time{1440938160s};
// 2026-11-28T01:02:03.999Z
constexpr std::chrono::system_clock::time_point later{1795827723999ms};

std::string value(const Aws4Signature& signature, std::string_view name) {
  return std::string(signature.headers.get(name).value_or("(none)"));
}

}  // namespace

TEST_CASE("a signature is the one of AWS's own example", "[sign]") {
  Aws4Key key(example, {"us-east-1", "iam"});
  CHECK(hex(key.derived("20150830")) ==
        "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
  const Headers headers{{"Host", "iam.amazonaws.com"},
                        {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  const Aws4Signature signature = aws4_sign(
      key, {"GET", "/?Action=ListUsers&Version=2010-05-08", headers, Pieces{}}, example_time);
  CHECK(signature.canonical_request ==
        "GET\n/\nAction=ListUsers&Version=2010-05-08\n"
        "content-type:application/x-www-form-urlencoded; charset=utf-8\n"
        "host:iam.amazonaws.com\nx-amz-date:20150830T123600Z\n\n"
        "content-type;host;x-amz-date\n"
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(signature.string_to_sign ==
        "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n"
        "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
  CHECK(signature.signature == "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
  CHECK(signature.headers.size() == 2);
  CHECK(value(signature, "x-amz-date") == "20150830T123600Z");
  CHECK(value(signature, "authorization") ==
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST_CASE("Bedrock's encoded path is encoded once more", "[sign]") {
  Aws4Key key(with_token(), {"eu-west-1", "bedrock"});
  const Headers headers{{"host", "bedrock-runtime.eu-west-1.amazonaws.com"},
                        {"Content-Type", "application/json"}};
  Aws4Options options;
  options.add_content_hash = true;
  const Aws4Signature signature = aws4_sign(key,
                                            {"POST",
                                             "/model/anthropic.claude-3-5-sonnet-20241022-v2%3A0/"
                                             "invoke-with-response-stream",
                                             headers, Pieces{"{\"max_", "", "tokens\":1}"}},
                                            later, options);
  CHECK(signature.canonical_request.find("-v2%253A0/invoke") != std::string::npos);
  // Reckoned with Python's hmac and hashlib.
  CHECK(signature.signature == "775cbee771ed793370f26346b8ffe656e75b22074d04f3e87f38dda93d5cd7d6");
  CHECK(value(signature, "x-amz-date") == "20261128T010203Z");
  CHECK(value(signature, "x-amz-security-token") == "a/token==");
  CHECK(value(signature, "x-amz-content-sha256") ==
        "3dad411eb0f5c33818edd8c544777853ec18ac0c3302379c36079ea194193599");
}

TEST_CASE("a path can be signed as it is sent, as S3 wants it", "[sign]") {
  Aws4Key key(example, {"us-east-1", "s3"});
  const Headers headers{{"host", "example"}};
  Aws4Options options;
  options.encode_path = options.normalize_path = false;
  const auto signature =
      aws4_sign(key, {"GET", "/a%3Ab//./c", headers, Pieces{}}, example_time, options);
  CHECK(signature.canonical_request.substr(0, 18) == "GET\n/a%3Ab//./c\n\nh");
}

TEST_CASE("a token that is not signed is still sent", "[sign]") {
  Aws4Key key(with_token(), {"us-east-1", "service"});
  const Headers headers{{"host", "example"}, {"x-amz-security-token", "an old one"}};
  const Pieces nothing;
  const Aws4Request request{"GET", "/", headers, nothing};
  Aws4Options options;
  CHECK(aws4_sign(key, request, example_time, options)
            .canonical_request.find("x-amz-security-token:a/token==\n") != std::string::npos);
  options.sign_session_token = false;
  const Aws4Signature signature = aws4_sign(key, request, example_time, options);
  CHECK(value(signature, "x-amz-security-token") == "a/token==");
  CHECK(signature.canonical_request.find("x-amz-security-token") == std::string::npos);
}

TEST_CASE("what changes on the way is not signed, and old signatures are replaced", "[sign]") {
  Aws4Key key(example, {"us-east-1", "service"});
  const Headers headers{{"host", "example"},
                        {"Connection", "keep-alive"},
                        {"Transfer-Encoding", "chunked"},
                        {"User-Agent", "one"},
                        {"traceparent", "00-1-2-00"},
                        {"X-Amzn-Trace-Id", "Root=1"},
                        {"Authorization", "AWS4-HMAC-SHA256 old"},
                        {"X-Amz-Date", "19700101T000000Z"},
                        {"X-Amz-Security-Token", "old"},
                        {"x-amzn-bedrock-trace", "ENABLED"}};
  const Aws4Signature signature = aws4_sign(key, {"GET", "/", headers, Pieces{}}, example_time);
  CHECK(signature.canonical_request.substr(0, 96) ==
        "GET\n/\n\nhost:example\nx-amz-date:20150830T123600Z\nx-amzn-bedrock-trace:ENABLED\n\n"
        "host;x-amz-date;x-");
  CHECK_FALSE(signature.headers.contains("x-amz-security-token"));
}

TEST_CASE("a given payload hash stands in for the body's", "[sign]") {
  Aws4Key key(example, {"us-east-1", "s3"});
  const Headers headers{{"host", "example"}};
  Aws4Options options;
  options.add_content_hash = true;
  const auto signature = aws4_sign(key, {"PUT", "/", headers, Pieces{"abc"}, "UNSIGNED-PAYLOAD"},
                                   example_time, options);
  CHECK(value(signature, "x-amz-content-sha256") == "UNSIGNED-PAYLOAD");
  CHECK(signature.canonical_request.ends_with("\nUNSIGNED-PAYLOAD"));
}

TEST_CASE("a key is derived anew on another day", "[sign]") {
  Aws4Key key(example, {"us-east-1", "iam"});
  const std::string first = hex(key.derived("20150830"));
  CHECK(hex(key.derived("20150831")) != first);
  CHECK(hex(key.derived("20150830")) == first);
  CHECK(hex(Aws4Key(example, {"us-east-2", "iam"}).derived("20150830")) != first);
  CHECK(hex(Aws4Key(example, {"us-east-1", "sts"}).derived("20150830")) != first);
}

TEST_CASE("a path is normalized as AWS does it", "[sign]") {
  const auto normalized = [](std::string_view path) { return aws4_plain_path(path, true); };
  CHECK(normalized("") == "/");
  CHECK(normalized("/") == "/");
  CHECK(normalized("//a///b//") == "/a/b/");
  CHECK(normalized("/a/./b/../c") == "/a/c");
  CHECK(normalized("/../../a") == "/a");
  CHECK(normalized("/a/..") == "/");
  CHECK(normalized("/...") == "/...");
  CHECK(aws4_plain_path("", false) == "/");
  CHECK(aws4_encoded_path("/a b/~%2F", true) == "/a%20b/~%252F");
}

TEST_CASE("a query is encoded once and sorted by name, then value", "[sign]") {
  CHECK(aws4_query("").empty());
  CHECK(aws4_query("b=2&a=1&b=1&a") == "a=&a=1&b=1&b=2");
  CHECK(aws4_query("P-3=x&P=y") == "P=y&P-3=x");
  CHECK(aws4_query("&&a=1&&") == "a=1");
  CHECK(aws4_query("a=b=c&d=e%2Ff/g") == "a=b%3Dc&d=e%2Ff%2Fg");
  CHECK(aws4_query("a=%e1%88%b4&b=%zz+") == "a=%E1%88%B4&b=%25zz%2B");
  CHECK(aws4_query("=v") == "=v");
}

TEST_CASE("header values are trimmed, folded and joined", "[sign]") {
  const Aws4Headers out = aws4_headers(
      {{"B", "  2  two "}, {"a", "1"}, {"b", "\t3"}, {"c", " \t "}, {"C", "x\r\n  y"}});
  CHECK(out.canonical == "a:1\nb:2 two,3\nc:,x y\n");
  CHECK(out.names == "a;b;c");
}
