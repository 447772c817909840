#pragma once

#include <functional>
#include <memory>
#include <string>

#include "loop/loop.hpp"

namespace ccrelay::checks {

/// Asks the system's resolver, on a thread of its own that nobody waits for: getaddrinfo() can't be
/// cancelled, and takes its own time. Destroying it makes the answer go nowhere; the thread ends
/// when the resolver lets it. Loop's thread.
class Lookup {
 public:
  /// `done` is called on the loop's thread with the resolver's words, empty when there is an
  /// address.
  Lookup(loop::Loop& loop, const std::string& host, std::function<void(std::string)> done);
  ~Lookup();
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace ccrelay::checks
