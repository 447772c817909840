#include "exchange/body_room.hpp"

#include <algorithm>
#include <new>

namespace ccrelay::exchange {
namespace {

// What the JSON parser wants behind the end (simdjson::SIMDJSON_PADDING).
constexpr std::size_t padding = 64;
constexpr std::uint64_t believed_at_once = 1 << 20;
constexpr std::uint64_t believed_times = 64;
// From here on malloc takes pages of their own: steps are longer, as what is not used is free.
constexpr std::size_t large = 128 * 1024;

}  // namespace

std::size_t body_room(std::size_t bytes, std::size_t capacity, std::uint64_t announced) {
  if (bytes <= announced) {
    const std::uint64_t believed =
        std::min(announced, std::max(believed_at_once, believed_times * bytes));
    const bool whole = believed == announced;
    if (bytes + padding <= capacity && (!whole || announced + padding <= capacity)) return 0;
    return static_cast<std::size_t>(std::max<std::uint64_t>(believed, bytes)) + padding;
  }
  if (bytes + padding <= capacity) return 0;
  const bool first = capacity < padding;  // most come in one piece
  return bytes * (first ? 1 : bytes < large ? 2 : 4) + padding;
}

void make_room(std::string& body, std::size_t room) {
  try {
    body.reserve(room);
  } catch (const std::bad_alloc&) {
    // Where memory is given by what is asked for and not by what is used. What was announced may
    // never come: the body grows with what does.
  }
}

}  // namespace ccrelay::exchange
