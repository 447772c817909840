#pragma once

#include <charconv>
#include <string>
#include <string_view>

#include "socket.hpp"

namespace bench {

// An event says when it was sent: `@` and nanoseconds of the steady clock, which is the same in all
// processes, and then `!`, which stands nowhere else.

inline constexpr std::size_t stamp_digits = 19;

/// Writes the present over a stamp of so many digits.
inline void set_stamp(char* digits) {
  auto count = Clock::now().time_since_epoch().count();
  for (std::size_t i = stamp_digits; i-- > 0; count /= 10) {
    digits[i] = static_cast<char>('0' + count % 10);
  }
}

/// Calls `sink` for each event that ends in these bytes, with when it was sent; with nothing where
/// the stamp is not whole, as it was cut between two reads.
template <class Sink>
void for_each_stamp(std::string_view bytes, Sink sink) {
  for (std::size_t end = bytes.find('!'); end != bytes.npos; end = bytes.find('!', end + 1)) {
    Clock::time_point sent{};
    if (end > stamp_digits && bytes[end - stamp_digits - 1] == '@') {
      Clock::rep count = 0;
      std::from_chars(bytes.data() + end - stamp_digits, bytes.data() + end, count);
      sent = Clock::time_point(Clock::duration(count));
    }
    sink(sent);
  }
}

}  // namespace bench
