#include "api/page.hpp"

#include <string>

#include "catch.hpp"

namespace api = ccrelay::api;

TEST_CASE("the web page is three files of at most 80 KB together") {
  std::size_t bytes = 0;
  for (const auto* path : {"/", "/app.js", "/app.css"}) {
    const auto file = api::page_file(path);
    REQUIRE(file);
    CHECK_FALSE(file->bytes.empty());
    bytes += file->bytes.size();
  }
  CHECK(bytes <= 80'000);
  CHECK(api::page_file("/")->type == "text/html; charset=utf-8");
  CHECK(api::page_file("/app.js")->type == "text/javascript; charset=utf-8");
  CHECK(api::page_file("/app.css")->type == "text/css; charset=utf-8");
}

TEST_CASE("the web page has no other file") {
  for (const auto* path :
       {"", "/index.html", "//", "/app.js/", "/app.js?x", "/../app.js", "/api"}) {
    INFO(path);
    CHECK_FALSE(api::page_file(path));
  }
}

TEST_CASE("the web page makes no markup from text and asks nobody else") {
  std::string script(api::page_file("/app.js")->bytes);
  // The name of SVG's elements, which nobody asks.
  const std::string svg = "http://www.w3.org/2000/svg";
  REQUIRE(script.find(svg) != std::string::npos);
  script.erase(script.find(svg), svg.size());
  for (const auto* word : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
                           "eval(", "new Function", "https:", "http:/", "localhost", "cookie"}) {
    INFO(word);
    CHECK(script.find(word) == std::string::npos);
  }
  const std::string style(api::page_file("/app.css")->bytes);
  CHECK(style.find("url(") == std::string::npos);
  CHECK(style.find("@import") == std::string::npos);
  const std::string page(api::page_file("/")->bytes);
  CHECK(page.find("style=") == std::string::npos);
  CHECK(page.find(" on") == std::string::npos);  // onclick="…" and its like
  CHECK(page.find("<script>") == std::string::npos);
}

TEST_CASE("the web page's headers keep it to itself") {
  std::string all;
  for (const auto& [name, value] : api::page_headers()) {
    all += std::string(name) + ": " + std::string(value) + "\n";
  }
  CHECK(all ==
        "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'\n"
        "X-Content-Type-Options: nosniff\n"
        "Referrer-Policy: no-referrer\n"
        "Cross-Origin-Resource-Policy: same-origin\n"
        "Cache-Control: no-store\n");
}
