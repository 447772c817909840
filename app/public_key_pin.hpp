#pragma once

#include <string>

namespace ccrelay::app {

/// The public key of the first certificate in a PEM file, as libcurl is told which one to expect:
/// `sha256//` and its digest. Empty when the file can't be read or holds none.
std::string public_key_pin(const std::string& certificate_file);

}  // namespace ccrelay::app
