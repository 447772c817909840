#include <vector>

#include "catch.hpp"
#include "identity/ini.hpp"
#include "identity/limits.hpp"
#include "identity/refusal.hpp"
#include "identity/url.hpp"
#include "identity/xml.hpp"

using namespace ccrelay;
using namespace ccrelay::identity;

TEST_CASE("an address is taken apart, or refused if readers could differ about it", "[identity]") {
  const auto url = parse_url("https://STS.example:8443/a/b?c=secret");
  REQUIRE(url);
  CHECK(url->tls);
  CHECK(url->host == "sts.example");
  CHECK(url->origin == "https://STS.example:8443");
  CHECK(url->authority == "STS.example:8443");
  CHECK(url->display == "https://STS.example:8443/a/b");
  CHECK(parse_url("http://[fd00:ec2::23]:80/v1")->host == "[fd00:ec2::23]");
  CHECK(parse_url("https://a:443")->authority == "a");
  CHECK(parse_url("http://a:80/")->authority == "a");
  CHECK(parse_url("http://a:443/")->authority == "a:443");
  for (const char* bad :
       {"", "ftp://a", "a.example", "http://", "http://user@a/", "http://a\\@b/", "http://a:0/",
        "http://a:x/", "http://a:99999/", "http://a b/", "http://a/#c", "http://[::1",
        "http://[a]g/", "http://a\n/", "http://\xC3\xA4/", "http://127.0.0.1:80@evil/"}) {
    INFO(bad);
    CHECK_FALSE(parse_url(bad));
  }
}

TEST_CASE("this machine and its link are told from names that look like them", "[identity]") {
  for (const char* here : {"http://127.0.0.1", "http://127.9.8.7:1", "http://localhost:2/",
                           "http://[::1]:3", "http://LOCALHOST"}) {
    INFO(here);
    CHECK(is_loopback(*parse_url(here)));
  }
  for (const char* there : {"http://127.0.0.1.example", "http://127.0.0", "http://2130706433",
                            "http://0127.0.0.1", "http://localhost.example", "http://128.0.0.1",
                            "http://169.254.169.254", "http://127.0.0.256"}) {
    INFO(there);
    CHECK_FALSE(is_loopback(*parse_url(there)));
  }
  CHECK(is_link_local(*parse_url("http://169.254.130.4:8081/msi/token")));
  CHECK_FALSE(is_link_local(*parse_url("http://169.254.example")));
  CHECK_FALSE(is_link_local(*parse_url("http://169.253.1.1")));
}

TEST_CASE("form fields are percent-encoded", "[identity]") {
  CHECK(Form().add("a b", "x&y=z/~\xC3\xA4").add("c", "").text() == "a%20b=x%26y%3Dz%2F~%C3%A4&c=");
}

TEST_CASE("AWS's shared files are read as AWS's own tools read them", "[identity]") {
  const Ini ini = read_ini(
      "stray = 1\n# comment\n; comment\n[default]\r\nAWS_Access_Key_ID = AKIA \r\n"
      "aws_secret_access_key=a#b=c ; not this\n  nested = 2\n[ profile   two ]\nregion = \n"
      "no setting\n[broken\nlost = 3\n[default]\nregion = eu-west-1");
  REQUIRE(ini.size() == 2);
  CHECK(ini.at("default").size() == 3);
  CHECK(ini.at("default").at("aws_access_key_id") == "AKIA");
  CHECK(ini.at("default").at("aws_secret_access_key") == "a#b=c");
  CHECK(ini.at("default").at("region") == "eu-west-1");
  CHECK(ini.at("profile two").at("region") == "");
}

TEST_CASE("an indented line is a key where no key stands above it", "[identity]") {
  const Ini ini = read_ini(
      "[default]\n  aws_access_key_id = AKIA\n  aws_secret_access_key = s\n    more of it\n"
      "[two]\n\taws_access_key_id = TWO\n\t# a word\n\n\taws_secret_access_key = t\n"
      "[three]\nregion = a\n  aws_access_key_id = no\ns3 =\n  region = nested\noutput = json\n"
      "  [profile four]\n  region = no\n[five]\n   a = 1\n b = 2\n  c = no\n"
      "  [profile six]\nregion = no\n");
  CHECK(ini.at("default") == std::map<std::string, std::string>{{"aws_access_key_id", "AKIA"},
                                                                {"aws_secret_access_key", "s"}});
  CHECK(ini.at("two") == std::map<std::string, std::string>{{"aws_access_key_id", "TWO"},
                                                            {"aws_secret_access_key", "t"}});
  CHECK(ini.at("three") ==
        std::map<std::string, std::string>{{"region", "a"}, {"s3", ""}, {"output", "json"}});
  CHECK(ini.at("five") ==
        std::map<std::string, std::string>{{"a", "1"}, {"b", "2"}, {"region", "no"}});
  CHECK(ini.count("profile four") == 0);
  CHECK(ini.count("profile six") == 0);
  const Ini indented = read_ini("  [default]\n  region = a\n  [profile b]\n  region = c\n");
  CHECK(indented.at("default").at("region") == "a");
  CHECK(indented.at("profile b").at("region") == "c");
}

TEST_CASE("an XML element's text is decoded", "[identity]") {
  CHECK(xml_text("<a><Code>x &lt;&amp;&gt; &quot;y&apos; &unknown;</Code></a>", "Code") ==
        "x <&> \"y' &unknown;");
  CHECK(xml_text("<Code></Code>", "Code") == "");
  for (const char* without :
       {"", "<Code>", "<Code>a", "<Code>a</Cod>", "<Code><b/></Code>", "<Codes>a</Codes>"}) {
    INFO(without);
    CHECK_FALSE(xml_text(without, "Code"));
  }
}

TEST_CASE("a vendor's own words are found in every shape they come in", "[identity]") {
  const std::vector<std::pair<const char*, const char*>> cases{
      {R"({"error":"invalid_grant","error_description":"Bad\nrequest"})",
       "invalid_grant: Bad request"},
      {R"({"error":{"code":403,"message":"no","status":"PERMISSION_DENIED"}})",
       "PERMISSION_DENIED: no"},
      {R"({"error":{"code":"x","message":""}})", "x"},
      {R"({"Code":"A","Message":"m"})", "A: m"},
      {R"({"code":"a","message":"m"})", "a: m"},
      {R"({"statusCode":400,"message":"m"})", "m"},
      {"<ErrorResponse><Error><Code>AccessDenied</Code><Message>not &lt;you&gt;</Message></Error>"
       "</ErrorResponse>",
       "AccessDenied: not <you>"},
      {"<html>secrets?</html>", ""},
      {"", ""},
      {R"({"token":"x"})", ""},
  };
  for (const auto& [body, words] : cases) {
    INFO(body);
    CHECK(vendor_words(body, {}) == words);
  }
}

TEST_CASE("what comes back of the secrets that were sent is not shown", "[identity]") {
  const std::vector<Secret> secrets{Secret("canary/secret"), Secret(""), Secret("abc")};
  const char* body =
      R"({"error":"e","error_description":"canary/secret canary%2Fsecret canary\/secret abc"})";
  CHECK(vendor_words(body, secrets) == "e: *** *** *** abc");
}

TEST_CASE("a vendor's words are cut between characters", "[identity]") {
  std::string text;
  while (text.size() < 1000) text += "\xE2\x82\xAC";
  const std::string words = vendor_words("{\"message\":\"a" + text + "\"}", {});
  CHECK(words.size() <= words_bytes_max + 3);
  CHECK(words.substr(words.size() - 6) == "\xE2\x82\xAC...");
}
