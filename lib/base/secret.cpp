#include <ccrelay/secret.hpp>

#include <ostream>

namespace ccrelay {

std::ostream& operator<<(std::ostream& out, const Secret& secret) {
  return out << (secret.empty() ? std::string_view{} : Secret::mask);
}

}  // namespace ccrelay
