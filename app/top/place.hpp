#pragma once

#include <ccrelay/result.hpp>

#include <string>
#include <vector>

#include "effective_config.hpp"
#include "relay_contact.hpp"

namespace ccrelay::app::top {

/// Where a relay's management API is.
struct Place {
  std::string name;             ///< as --address names it: `unix:/path`, `http://127.0.0.1:9091`
  std::string socket;           ///< path; empty = TCP
  std::string url;              ///< before /api/v1
  std::string token;            ///< empty = none
  std::string token_from = {};  ///< the file it was read from
  /// Nobody named it: it is where a relay of this configuration would be.
  bool expected = false;
  std::string config = {};  ///< what --config said
};

/// What the command line says of it.
struct Asked {
  std::string config;
  std::string address;
  std::string token_file;
};

/// By --address; else the socket of the configuration's port, or the only one there is. Where there
/// is none, the one that a relay with this configuration would make. An error lists several, or
/// says what is wrong with an option. A relay may come and go, so this is asked anew each time.
Result<Place> find_place(const Asked& asked);

/// Where that relay's management may be and somebody answers, the sockets first; over TCP with the
/// token that it has made. Whether it is that relay's is told by its GetServerInfo.
std::vector<Place> places_of(const RelayContact& contact);

/// The version of a relay that runs with the configuration of a place which was `expected`, and has
/// no management there: an older one, or one that was told so. Empty without one. Blocks for a
/// second at most.
std::string version_without_management(const Place& place);

/// Why the socket can't be used by this user, in lines for a person.
std::vector<std::string> why_not_mine(const Place& place);

}  // namespace ccrelay::app::top
