#include "wire/spliced.hpp"

#include <cstddef>

namespace ccrelay::wire {

std::string spliced(std::string_view body, const std::vector<Splice>& splices) {
  std::string out;
  std::size_t at = 0;
  for (const Splice& splice : splices) {
    out.append(body.substr(at, splice.offset - at)).append(splice.replacement);
    at = splice.offset + splice.length;
  }
  return out.append(body.substr(at));
}

}  // namespace ccrelay::wire
