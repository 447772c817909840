#include "terminal.hpp"

namespace ccrelay::app::top {

bool Terminal::is_built() {
  return false;
}

std::unique_ptr<Terminal> Terminal::open(const Wish&) {
  return nullptr;
}

}  // namespace ccrelay::app::top
