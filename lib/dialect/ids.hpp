#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace ccrelay::dialect {

/// Makes the ids that a translation has to make up: the same seed gives the same ids in the same
/// order, so that a translated answer depends on nothing but what was read. A value type, pure.
class Seed {
 public:
  explicit Seed(std::string seed) : seed_(std::move(seed)) {}

  /// `prefix` (`msg_`, `call_`, `srvtoolu_`) and `length` characters of [0-9A-Za-z].
  std::string made(std::string_view prefix, std::size_t length = 24);

 private:
  std::string seed_;
  std::uint64_t count_ = 0;
};

/// What a provider takes as a tool call's id.
enum class IdForm : std::uint8_t {
  any,        ///< chat and Gemini: any but an empty one
  responses,  ///< [A-Za-z0-9_.:-]{1,64}
  anthropic,  ///< [A-Za-z0-9_-]{1,64}
  alnum9,     ///< Mistral: nine letters and digits
};

bool fits(IdForm form, std::string_view id);
/// The id itself where it fits; else one made of it, the same for the call and for its result, in
/// every request: nothing need be remembered, for the client keeps the id as the provider gave it.
std::string id_for(IdForm form, std::string_view id);

/// The first characters of the base62 (0-9A-Za-z) of the text's SHA-256; at most 40.
std::string base62_digest(std::string_view text, std::size_t length);

}  // namespace ccrelay::dialect
