#pragma once

#include <string>

namespace ccrelay::http {

/// Why a request is not served as it stands, in either protocol: the answer to give instead.
struct Refusal {
  int status = 400;
  std::string message;
  /// Of a request whose head is refused: what had come of its path, perhaps nothing. It tells in
  /// what form its client reads errors.
  std::string path = {};
};

}  // namespace ccrelay::http
