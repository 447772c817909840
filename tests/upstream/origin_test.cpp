#include "upstream/origin.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay::upstream;

namespace {

Destination endpoint(std::string origin, std::string proxy = {}, std::string no_proxy = {}) {
  Destination made;
  made.origin = std::move(origin);
  made.proxy = std::move(proxy);
  made.no_proxy = std::move(no_proxy);
  return made;
}

std::string target(const Origin& origin, std::string_view url) {
  std::string scratch;
  return std::string(origin.target(url, scratch).value_or("(none)"));
}

}  // namespace

TEST_CASE("the origin of a URL names its host", "[upstream]") {
  struct Row {
    const char* url;
    const char* lines;
  };
  const Row row = GENERATE(Row{"http://a.test", "Host: a.test\r\n"},
                           Row{"http://a.test:80", "Host: a.test\r\n"},
                           Row{"https://a.test:443", "Host: a.test\r\n"},
                           Row{"https://a.test:80", "Host: a.test:80\r\n"},
                           Row{"http://127.0.0.1:8080", "Host: 127.0.0.1:8080\r\n"},
                           Row{"http://[::1]:8080", "Host: [::1]:8080\r\n"});
  CAPTURE(row.url);
  const Origin origin(endpoint(row.url));
  CHECK(origin.is_valid());
  CHECK(origin.head_lines() == row.lines);
}

TEST_CASE("what is no origin of an HTTP server is not valid", "[upstream]") {
  const char* url = GENERATE("", "/", "a.test", "http://", "http://user:password@a.test",
                             "ftp://a.test", "http://a.test:99999", "http://a b.test");
  CAPTURE(url);
  const Origin origin(endpoint(url));
  CHECK_FALSE(origin.is_valid());
  CHECK(target(origin, std::string(url) + "/x") == "(none)");
}

TEST_CASE("a request line names what the URL does", "[upstream]") {
  const Origin direct(endpoint("http://a.test"));
  const Origin proxied(endpoint("http://a.test", "http://proxy.test"));
  const Origin tunnelled(endpoint("https://a.test", "http://proxy.test"));
  CHECK(target(direct, "http://a.test/a/../b?c=d%2e") == "/a/../b?c=d%2e");
  CHECK(target(proxied, "http://a.test/a?b") == "http://a.test/a?b");
  CHECK(target(tunnelled, "https://a.test/a?b") == "/a?b");
  CHECK(target(direct, "http://a.test") == "/");
  CHECK(target(direct, "http://a.test?b") == "/?b");
  CHECK(target(proxied, "http://a.test?b") == "http://a.test/?b");
  CHECK(target(direct, "http://a.test/a#b") == "/a");
  for (const char* url :
       {"http://a.test.evil/", "http://a.test:80/", "http://a.testx", "http://b.test/", "/a", "",
        "http://a.test/a b", "http://a.test/a\r\nb: c", "http://a.test/\x7f"}) {
    CAPTURE(url);
    CHECK(target(direct, url) == "(none)");
  }
}

TEST_CASE("curl's part of a connection ends with the dial where nothing is encrypted",
          "[upstream]") {
  CHECK(Origin(endpoint("http://a.test")).is_plain());
  CHECK(Origin(endpoint("http://a.test", "http://proxy.test")).is_plain());
  CHECK(Origin(endpoint("http://a.test", "socks5://proxy.test")).is_plain());
  CHECK_FALSE(Origin(endpoint("https://a.test")).is_plain());
  CHECK_FALSE(Origin(endpoint("http://a.test", "https://proxy.test")).is_plain());
  CHECK(Origin(endpoint("http://a.test", "https://proxy.test", "a.test")).is_plain());
}

TEST_CASE("a proxy's login goes to the proxy that reads the request", "[upstream]") {
  const std::string login = "Proxy-Authorization: Basic dXNlcjpwOnc=\r\n";  // user:p:w
  const auto lines = [](const char* origin, const char* proxy, const char* no_proxy = "") {
    return Origin(endpoint(origin, proxy, no_proxy)).head_lines();
  };
  CHECK(lines("http://a.test", "http://user:p%3Aw@proxy.test") == "Host: a.test\r\n" + login);
  CHECK(lines("http://a.test", "user:p%3Aw@proxy.test:1") == "Host: a.test\r\n" + login);
  CHECK(lines("https://a.test", "http://user:p%3Aw@proxy.test") == "Host: a.test\r\n");
  CHECK(lines("http://a.test", "socks5h://user:p%3Aw@proxy.test") == "Host: a.test\r\n");
  CHECK(lines("http://a.test", "http://user:p%3Aw@proxy.test", "a.test") == "Host: a.test\r\n");
}
