#pragma once

#include <cstdint>
#include <utility>

#include "worker/admission.hpp"

namespace ccrelay::worker {

/// Bytes of a body that Admission has counted, until they are let go or this is destroyed. Lives no
/// longer than the admission; one thread.
class HeldBytes {
 public:
  explicit HeldBytes(Admission& admission) : admission_(admission) {}
  HeldBytes(const HeldBytes&) = delete;
  HeldBytes& operator=(const HeldBytes&) = delete;
  ~HeldBytes() { let_go(); }

  /// False: there is no room, and nothing is held.
  bool hold(std::uint64_t bytes, const Admission::Room& room) {
    if (!admission_.hold(bytes, room)) return false;
    bytes_ += bytes;
    return true;
  }
  /// Holds so many from now on, whatever it held. False: there is no room for more than before.
  bool keep(std::uint64_t bytes, const Admission::Room& room) {
    return keep_less(bytes) || hold(bytes - bytes_, room);
  }
  /// The same of what the request can do without: see Admission.
  bool keep_if_room(std::uint64_t bytes, const Admission::Room& room) {
    if (keep_less(bytes)) return true;
    if (!admission_.hold_if_room(bytes - bytes_, room)) return false;
    bytes_ = bytes;
    return true;
  }
  void let_go() {
    if (bytes_ > 0) admission_.let_go(std::exchange(bytes_, 0));
  }

 private:
  bool keep_less(std::uint64_t bytes) {
    if (bytes > bytes_) return false;
    if (bytes < bytes_) admission_.let_go(bytes_ - bytes);
    bytes_ = bytes;
    return true;
  }

  Admission& admission_;
  std::uint64_t bytes_ = 0;
};

}  // namespace ccrelay::worker
