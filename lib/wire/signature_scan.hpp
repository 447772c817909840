#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/signature_digest.hpp"

namespace ccrelay::wire {

using base::SignatureDigest;

/// Of the signature's text as it is meant, without the escapes of JSON.
SignatureDigest signature_digest(std::string_view signature);

/// Finds the signatures of thinking blocks in an answer that goes by; the `data` of a
/// `redacted_thinking` block is its signature. Empty ones are none. What is no JSON or has another
/// shape has no signatures. One per stream; idle it owns nothing, and an event of another kind
/// costs it a look for a word. Pure.
class SignatureScan {
 public:
  /// The next event of a stream; the signatures that are complete with it.
  std::vector<SignatureDigest> on_event(std::string_view type, std::string_view data);

 private:
  // A thinking block that has not ended.
  struct Block {
    std::int64_t index = 0;
    std::string signature;       // all pieces so far
    std::size_t last_piece = 0;  // where the last one begins
    bool lost = false;           // it grew too long
  };
  void add(std::int64_t index, std::string_view piece);
  std::vector<SignatureDigest> take(std::int64_t index);
  std::vector<Block>::iterator find(std::int64_t index);

  std::vector<Block> blocks_;
};

}  // namespace ccrelay::wire
