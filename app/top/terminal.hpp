#pragma once

#include <memory>
#include <optional>
#include <string>

#include "grid.hpp"
#include "keys.hpp"

namespace ccrelay::app::top {

/// The terminal that standard output is, for as long as this lives: whatever ends the program puts
/// it back as it was, a failed assertion too. There is one at most.
class Terminal {
 public:
  struct Wish {
    bool color = true;
    bool mouse = true;
  };

  /// Whether this build has one at all (-Dtui).
  static bool is_built();
  /// Nothing when the terminal is of a kind that cannot be drawn on, or is not built.
  static std::unique_ptr<Terminal> open(const Wish& wish);

  virtual ~Terminal() = default;

  virtual int rows() const = 0;
  virtual int columns() const = 0;
  /// Asks how large it is now.
  virtual void resize() = 0;
  /// Writes what differs from what is there.
  virtual void draw(const Grid& grid) = 0;
  /// The next draw writes everything.
  virtual void forget() = 0;
  /// A key that waits to be read.
  virtual std::optional<Press> next_key() = 0;
  /// Gives the terminal back until resume(), as when the shell takes over.
  virtual void suspend() = 0;
  virtual void resume() = 0;
};

}  // namespace ccrelay::app::top
