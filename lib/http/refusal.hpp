#pragma once

#include <string>

namespace ccrelay::http {

/// Why a request is not served as it stands, in either protocol: the answer to give instead.
struct Refusal {
  int status = 400;
  std::string message;
};

}  // namespace ccrelay::http
