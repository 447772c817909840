#include "upstream/no_proxy.hpp"

#include "catch.hpp"

using ccrelay::upstream::bypasses_proxy;

TEST_CASE("hosts that are reached without the proxy", "[upstream]") {
  struct Row {
    const char* list;
    const char* host;
    bool direct;
  };
  const Row row = GENERATE(
      Row{"", "example.com", false}, Row{"*", "example.com", true}, Row{"*", "::1", true},
      Row{"*, a", "example.com", false}, Row{"example.com", "example.com", true},
      Row{"example.com", "EXAMPLE.com", true}, Row{"example.com", "www.example.com", true},
      Row{".example.com", "www.example.com", true}, Row{".example.com", "example.com", true},
      Row{"example.com.", "example.com", true}, Row{"example.com", "example.com.", true},
      Row{"example.com", "nonexample.com", false}, Row{"www.example.com", "example.com", false},
      Row{"a.test,example.com", "example.com", true},
      Row{"a.test example.com", "example.com", true},
      Row{" a.test ,\texample.com ", "example.com", true}, Row{"a.test, b.test", "c.test", false},
      Row{".", "example.com", false}, Row{"127.0.0.1", "127.0.0.1", true},
      Row{"127.0.0.1", "127.0.0.11", false}, Row{"0.0.1", "127.0.0.1", false},
      Row{"127.0.0.0/8", "127.9.9.9", true}, Row{"127.0.0.0/8", "128.0.0.1", false},
      Row{"192.168.16.0/20", "192.168.31.255", true}, Row{"192.168.16.0/20", "192.168.32.0", false},
      Row{"10.0.0.0/33", "10.0.0.0", false}, Row{"10.0.0.0/x", "10.0.0.0", false},
      Row{"::1", "[::1]", true}, Row{"[::1]", "::1", true}, Row{"fe80::/10", "[fe80::12]", true},
      Row{"fe80::/10", "[2001::1]", false}, Row{"::/0", "10.0.0.1", false},
      Row{"10.0.0.1", "host.10.0.0.1.test", false}, Row{"*.example.com", "www.example.com", true},
      Row{"*.example.com", "a.b.Example.com.", true}, Row{"*.example.com", "example.com", false},
      Row{"*.example.com", "wwwexample.com", false}, Row{"*.", "example.com", false},
      Row{"*example.com", "www.example.com", false}, Row{"a.test, *.b.test", "c.b.test", true});
  CAPTURE(row.list, row.host);
  CHECK(bypasses_proxy(row.list, row.host, 443) == row.direct);
}

TEST_CASE("an entry with a port is about that port", "[upstream]") {
  struct Row {
    const char* list;
    const char* host;
    unsigned port;
    bool direct;
  };
  const Row row = GENERATE(
      Row{"example.com:8443", "example.com", 8443, true},
      Row{"example.com:8443", "www.example.com", 8443, true},
      Row{"example.com:8443", "example.com", 443, false},
      Row{"example.com:", "example.com", 443, false},
      Row{"example.com:https", "example.com", 443, false},
      Row{"*.example.com:80", "www.example.com", 80, true},
      Row{".example.com:80", "www.example.com", 81, false},
      Row{"127.0.0.1:8080", "127.0.0.1", 8080, true}, Row{"127.0.0.1:8080", "127.0.0.1", 80, false},
      Row{"[::1]:8080", "[::1]", 8080, true}, Row{"[::1]:8080", "::1", 80, false},
      Row{"[::1]", "::1", 80, true}, Row{"::1", "::1", 80, true},
      Row{"2001:db8::/32", "2001:db8::1", 8080, true},
      Row{"a.test:1,example.com", "example.com", 443, true});
  CAPTURE(row.list, row.host, row.port);
  CHECK(bypasses_proxy(row.list, row.host, row.port) == row.direct);
}
