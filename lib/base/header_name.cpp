#include "base/header_name.hpp"

#include "base/ascii.hpp"

namespace ccrelay::base {
namespace {

constexpr bool in_order() {
  for (std::size_t i = 0; i < known_headers.size(); ++i) {
    if (known_headers[i].name != static_cast<HeaderName>(i)) return false;
  }
  return true;
}
static_assert(in_order());

// A name's place is found from its length and three of its characters; the factors are found by
// trying when this is compiled, until no two names have the same place.
constexpr std::size_t places = 256;

struct Factors {
  unsigned first, middle, last;

  // The bit that tells cases apart is left out.
  constexpr std::size_t place_of(std::string_view text) const {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]) & ~0x20U; };
    return (text.size() + at(0) * first + at(text.size() / 2) * middle +
            at(text.size() - 1) * last) %
           places;
  }
};

constexpr bool are_apart(const Factors& factors) {
  std::array<bool, places> taken{};
  for (std::size_t i = 1; i < known_headers.size(); ++i) {
    bool& place = taken[factors.place_of(known_headers[i].text)];
    if (place) return false;
    place = true;
  }
  return true;
}

constexpr Factors factors = [] {
  for (unsigned i = 0; i < 1000; ++i) {
    const Factors tried{1 + i % 10, 1 + i / 10 % 10, 1 + i / 100};
    if (are_apart(tried)) return tried;
  }
  return Factors{};
}();
static_assert(are_apart(factors), "more places or other factors, please");

constexpr std::array<HeaderName, places> table = [] {
  std::array<HeaderName, places> out{};
  for (std::size_t i = 1; i < known_headers.size(); ++i) {
    out[factors.place_of(known_headers[i].text)] = known_headers[i].name;
  }
  return out;
}();

}  // namespace

HeaderName header_name(std::string_view text) {
  if (text.empty()) return HeaderName::other;
  const HeaderName name = table[factors.place_of(text)];
  const std::string_view known = known_headers[static_cast<std::size_t>(name)].text;
  return iequals(known, text) ? name : HeaderName::other;
}

}  // namespace ccrelay::base
