#include "front/browser.hpp"

#include "catch.hpp"

using namespace ccrelay;
using ccrelay::front::comes_from_foreign_page;

TEST_CASE("a page from elsewhere is told from a program and from a page of this machine",
          "[relay]") {
  struct Case {
    Headers headers;
    bool foreign;
  };
  const Case cases[] = {
      {{{"host", "127.0.0.1:8787"}}, false},
      // undici, in which the SDKs for Node run, sends this one
      {{{"host", "127.0.0.1:8787"}, {"sec-fetch-mode", "cors"}}, false},
      {{{"host", "relay.internal:8787"}}, false},
      {{{"origin", "https://evil.example"}}, true},
      {{{"origin", "http://evil.example:8787"}, {"sec-fetch-site", "same-origin"}}, true},
      {{{"origin", "http://localhost.evil.example"}}, true},
      {{{"origin", "http://127.0.0.1.evil.example"}}, true},
      {{{"origin", "null"}}, true},
      {{{"origin", "http://localhost:3000"}}, false},
      {{{"origin", "http://127.0.0.1:3000"}, {"sec-fetch-site", "cross-site"}}, false},
      {{{"origin", "http://[::1]:3000"}}, false},
      {{{"origin", "vscode-webview://abc"}}, false},
      {{{"origin", "app://obsidian.md"}}, false},
      {{{"host", "127.0.0.1:8787"}, {"sec-fetch-site", "cross-site"}}, true},
      {{{"host", "127.0.0.1:8787"}, {"sec-fetch-site", "same-site"}}, true},
      // its name was rebound to this machine
      {{{"host", "evil.example:8787"}, {"sec-fetch-site", "same-origin"}}, true},
      {{{"host", "localhost:8787"}, {"sec-fetch-site", "same-origin"}}, false},
      // typed into the address bar
      {{{"host", "localhost:8787"}, {"sec-fetch-site", "none"}}, false},
  };
  for (const Case& one : cases) {
    std::string all;
    for (const Header header : one.headers) {
      all.append(header.name).append(": ").append(header.value).append("; ");
    }
    INFO(all);
    CHECK(comes_from_foreign_page(one.headers) == one.foreign);
  }
}

TEST_CASE("a name that a page can point at this machine is told from one that it can't",
          "[relay]") {
  ServerConfig server;
  server.listen = "relay.office:8787";
  server.hosts = {"relay.lan"};
  for (const char* host :
       {"localhost", "LOCALHOST:1", "localhost.", "x.localhost", "127.0.0.1:8787", "127.9.9.9",
        "[::1]:8787", "192.168.1.2", "[fe80::1]", "relay.office", "Relay.Office.:8787",
        "relay.lan:80", "relay:8787", "cc-relay"}) {
    INFO(host);
    CHECK(ccrelay::front::is_known_host(server, {{"host", host}}));
  }
  for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                           "ai.", "", "[evil", "1.2.3.4.5", "relay.lan.x"}) {
    INFO(host);
    CHECK_FALSE(ccrelay::front::is_known_host(server, {{"host", host}}));
  }
  CHECK(ccrelay::front::is_known_host(server, {}));
}
