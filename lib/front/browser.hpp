#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/http.hpp>

#include <string>

namespace ccrelay::front {

/// Whether the client of a relay that asks for no credential calls it by a name that nobody else
/// can have pointed at it: one of the loopback or of the local network (without a dot), an IP
/// address, that of server.listen, or one of server.hosts. A web page whose own name was rebound to
/// this machine comes with that name. Who sends no Host at all (HTTP/1.0) is no browser.
bool is_known_host(const ServerConfig& server, const Headers& headers);
/// The name that was called, for a message.
std::string shown_host(const Headers& headers);

/// Whether a web page from elsewhere made a browser send this request. A relay that asks for no
/// credential listens on the loopback, where every page in a browser on the same machine can reach
/// it: without this check any of them could spend the operator's keys, and by rebinding its own
/// name to 127.0.0.1 also read the answers. Programs send neither Origin nor Sec-Fetch-Site.
/// (Fetch standard, "Origin" header; W3C Fetch Metadata.)
bool comes_from_foreign_page(const Headers& headers);

}  // namespace ccrelay::front
