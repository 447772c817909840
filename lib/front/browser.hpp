#pragma once

#include <ccrelay/http.hpp>

namespace ccrelay::front {

/// Whether a web page from elsewhere made a browser send this request. A relay that asks for no
/// credential listens on the loopback, where every page in a browser on the same machine can reach
/// it: without this check any of them could spend the operator's keys, and by rebinding its own
/// name to 127.0.0.1 also read the answers. Programs send neither Origin nor Sec-Fetch-Site.
/// (Fetch standard, "Origin" header; W3C Fetch Metadata.)
bool comes_from_foreign_page(const Headers& headers);

}  // namespace ccrelay::front
