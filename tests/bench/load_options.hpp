#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "dialect.hpp"

namespace bench {

enum class Work : std::uint8_t {
  unary,    // a closed loop of requests on each connection
  paced,    // so many requests a second, on whichever connection is free
  streams,  // a stream on each connection, events counted
  hold,     // silent streams, until standard input ends
};

struct LoadOptions {
  Work work = Work::unary;
  std::uint16_t port = 0;
  std::size_t connections = 1;
  std::size_t streams = 1;  // on each connection
  double seconds = 1;
  std::size_t requests = 0;  // ends after so many, if not zero
  double rate = 100;         // requests a second, of `paced`
  std::size_t body_bytes = 4096;
  std::string mode;  // of a stream: `flood`, `held`, `whole` or microseconds between events
  Dialect dialect = Dialect::anthropic;
  bool tls = false;
  bool h2 = false;
  bool at_once = false;

  bool streams_end() const { return mode == "whole"; }
};

/// Ends the process with how it is called when that makes no sense.
LoadOptions load_options(int argc, char** argv);

}  // namespace bench
