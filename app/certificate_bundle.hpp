#pragma once

#include <ccrelay/result.hpp>

#include <string>

namespace ccrelay::app {

/// The file for NODE_EXTRA_CA_CERTS with which a client trusts a relay's own certificate: that one,
/// or, where `already` is named there, a bundle of both, which is written to `bundle`. Empty when
/// there is no certificate.
Result<std::string> certificates_to_trust(const std::string& certificate,
                                          const std::string& already, const std::string& bundle);

}  // namespace ccrelay::app
