#pragma once

#include <cstddef>
#include <cstdint>

#include "upstream/outgoing.hpp"

namespace ccrelay::upstream {

/// What became of an attempt to send or to receive.
struct Moved {
  enum class State : std::uint8_t {
    some,    ///< so many bytes
    later,   ///< none now: wait until the socket is ready
    closed,  ///< the other side has ended its stream in an orderly way
    lost,    ///< the connection is broken
  };
  State state;
  std::size_t bytes = 0;
};

/// An open connection to a provider or a proxy as bytes, in the clear or not; never waits.
/// Destroying it closes the connection. Loop's thread.
class Channel {
 public:
  virtual ~Channel() = default;
  /// Sends from the front of it, and does not advance it. After State::later the same bytes must
  /// be sent next.
  virtual Moved send(const Outgoing& outgoing) = 0;
  virtual Moved receive(char* to, std::size_t room) = 0;
  /// To be waited on, and for nothing else.
  virtual int socket() const = 0;
  /// It may hold bytes now that the socket does not show: receive() until it holds none, or says
  /// later.
  virtual bool buffers() const = 0;
  /// What lies in one place is sent by itself, as a TLS record is: small things are worth joining.
  virtual bool sends_one_place() const = 0;
  /// Neither bytes nor an end have come: it may be used for another request.
  virtual bool is_quiet() = 0;
};

}  // namespace ccrelay::upstream
