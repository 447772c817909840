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
      Row{"10.0.0.1", "host.10.0.0.1.test", false});
  CAPTURE(row.list, row.host);
  CHECK(bypasses_proxy(row.list, row.host) == row.direct);
}
