#pragma once

#include <memory>
#include <string>

namespace ccrelay::state {

/// What a provider said when it turned a key away: whoever asks while the key is set aside is told
/// the same. Immutable.
struct Told {
  int status = 0;
  std::string content_type;
  std::string body;  ///< the provider's own, for a limit or an account; at most body_bytes_max
  int dialect = 0;   ///< of the client whose answer it was: exchange's Dialect
  std::string error_type;  ///< of a client of Bedrock's: what a header calls it
  std::string words;       ///< for a refusal: in the relay's words, with the provider's own in them

  static constexpr std::size_t body_bytes_max = 8 * 1024;
};
using ToldPtr = std::shared_ptr<const Told>;

}  // namespace ccrelay::state
