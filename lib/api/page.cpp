#include "api/page.hpp"

#include <array>

namespace ccrelay::api {
namespace {

// String literals of lib/api/page/*, which lib/api/meson.build makes.
constexpr std::string_view index_html =
#include "api/index.html.inc"
    ;
constexpr std::string_view app_js =
#include "api/app.js.inc"
    ;
constexpr std::string_view app_css =
#include "api/app.css.inc"
    ;

constexpr std::array<PageHeader, 5> headers{{
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
     "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
     "require-trusted-types-for 'script'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cache-Control", "no-store"},
}};

}  // namespace

std::optional<PageFile> page_file(std::string_view path) {
  if (path == "/") return PageFile{"text/html; charset=utf-8", index_html};
  if (path == "/app.js") return PageFile{"text/javascript; charset=utf-8", app_js};
  if (path == "/app.css") return PageFile{"text/css; charset=utf-8", app_css};
  return std::nullopt;
}

std::span<const PageHeader> page_headers() {
  return headers;
}

}  // namespace ccrelay::api
