#pragma once

#include <array>
#include <cstddef>
#include <new>
#include <type_traits>

namespace ccrelay::base {

// A sanitizer is to see each object's end.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool recycles = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool recycles = false;
#else
inline constexpr bool recycles = true;
#endif
#else
inline constexpr bool recycles = true;
#endif

/// For objects that each request makes anew and that are larger than what malloc has at hand (1 KB
/// with glibc), so that it would look for their place every time: `class A final : public
/// base::Recycled<A>`. Each thread keeps the places of the last few that went on it for the next.
template <class T>
class Recycled {
 public:
  /// So many are kept by each thread; of a crowd that leaves, the others are given back.
  static constexpr std::size_t kept_max = 32;

  static void* operator new(std::size_t bytes) {
    static_assert(std::is_final_v<T>, "all are of one size");
    if (recycles && shelf.count > 0) return shelf.places[--shelf.count];
    return ::operator new(bytes);
  }
  static void operator delete(void* place) noexcept {
    if (!recycles || !keep(place)) ::operator delete(place);
  }

 private:
  // Needs no destructor itself: what is destroyed after the thread's own variables still finds it.
  struct Shelf {
    std::array<void*, kept_max> places;
    std::size_t count;
    bool is_closed;
  };
  struct Closing {
    ~Closing() {
      shelf.is_closed = true;
      while (shelf.count > 0) ::operator delete(shelf.places[--shelf.count]);
    }
  };

  static bool keep(void* place) noexcept {
    if (shelf.is_closed || shelf.count == kept_max) return false;
    if (shelf.count == 0) thread_local const Closing closing;
    shelf.places[shelf.count++] = place;
    return true;
  }

  static inline constinit thread_local Shelf shelf{};
};

}  // namespace ccrelay::base
