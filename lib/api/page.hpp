#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace ccrelay::api {

/// A file of the web page, which is compiled in. Its bytes live as long as the program.
struct PageFile {
  std::string_view type;  ///< for `Content-Type`
  std::string_view bytes;
};

/// The page (`/`), `/app.js` or `/app.css`; nothing for another path. `path` is without a query.
/// Whoever serves it has looked at `Host` before, and sends page_headers() along.
std::optional<PageFile> page_file(std::string_view path);

/// A header that goes with each file.
struct PageHeader {
  std::string_view name;
  std::string_view value;
};

/// What keeps the page to itself: nothing is loaded from elsewhere, asked elsewhere, framed, cached
/// or made into a script from text.
std::span<const PageHeader> page_headers();

}  // namespace ccrelay::api
