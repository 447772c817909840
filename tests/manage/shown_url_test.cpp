#include "manage/shown_url.hpp"

#include "catch.hpp"

using ccrelay::manage::shown_url;

TEST_CASE("a URL is shown without what it holds of credentials") {
  CHECK(shown_url("https://api.anthropic.com") == "https://api.anthropic.com");
  CHECK(shown_url("https://user:word@host:8443/path") == "https://host:8443/path");
  CHECK(shown_url("https://user@host") == "https://host");
  CHECK(shown_url("https://user:w@rd@host/") == "https://host/");
  CHECK(shown_url("https://host/path@x?key=secret") == "https://host/path@x");
  CHECK(shown_url("https://host?key=secret") == "https://host");
  CHECK(shown_url("https://host/#secret") == "https://host/");
  CHECK(shown_url("user:word@host/path") == "host/path");
  CHECK(shown_url("").empty());
}
