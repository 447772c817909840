#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/rng.hpp"
#include "soak/weather.hpp"
#include "support/raw_client.hpp"

struct uv_loop_s;

namespace ccrelay::soak {

/// What all clients saw.
struct Tally {
  std::uint64_t next_number = 0;  ///< of the next request
  std::uint64_t good = 0;
  std::uint64_t told_of_break = 0;  ///< streams that broke late, and said so
  std::uint64_t left = 0;           ///< clients that went before the end
  std::string first_wrong;          ///< what should not have happened; empty while all is well
};

/// A client that asks one thing after the other, in conversations of a few turns, sometimes on a
/// fresh connection, and sometimes leaves in the middle. Checks each answer byte for byte.
class Client {
 public:
  Client(uv_loop_s& loop, std::uint16_t port, std::uint64_t index, std::uint64_t seed,
         const Weather& weather, Tally& tally);

  /// Looks at what came; asks the next thing when the last is answered. False when it has none
  /// left: `until` is where the numbers end.
  bool go_on(std::uint64_t until);

 private:
  void ask();
  bool ended() const;
  void check();
  void wrong(const std::string& what);

  uv_loop_s& loop_;
  const std::uint16_t port_;
  const std::uint64_t index_;
  base::Rng rng_;
  const Weather& weather_;
  Tally& tally_;
  std::unique_ptr<testing::RawClient> socket_;
  std::size_t seen_ = 0;      // bytes of received() when it was last looked at
  std::size_t begin_ = 0;     // where this answer begins in received()
  std::uint64_t number_ = 0;  // of the request on its way
  bool stream_ = false;
  bool asking_ = false;
  std::size_t leave_at_ = 0;  // bytes of the answer after which it goes; 0 = stays
};

}  // namespace ccrelay::soak
