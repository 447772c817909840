#pragma once

namespace ccrelay::base {

/// How std::unique_ptr gives back what a C library made: `std::unique_ptr<BIO, Freed<BIO_free>>`.
template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

}  // namespace ccrelay::base
