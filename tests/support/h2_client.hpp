#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "support/h2_frames.hpp"
#include "support/raw_client.hpp"

namespace ccrelay::testing {

/// A client of HTTP/2 with prior knowledge that is made of frames: a RawClient, its opening, and
/// what it has received by stream. Does nothing of its own accord but acknowledge SETTINGS and give
/// window. Owned by the test.
class H2Client final {
 public:
  struct Stream {
    Answer answer;
    std::vector<int> interim;  ///< statuses before the final one
    bool reset = false;
    std::uint32_t code = 0;  ///< of the reset
    bool over() const { return answer.complete || reset; }
  };

  /// `window` is what each stream may send before it is given more.
  H2Client(uv_loop_s& loop, std::uint16_t port, std::uint32_t window = 65'535,
           int receive_buffer = 0);

  /// Bytes as they are.
  void send(std::string_view bytes) { raw_.send(bytes); }
  /// A whole request on the next stream; its number.
  std::uint32_t get(const std::string& path,
                    const std::vector<std::pair<std::string, std::string>>& more = {});
  std::uint32_t post(const std::string& body,
                     const std::vector<std::pair<std::string, std::string>>& more = {},
                     const std::string& path = "/v1/messages");
  /// A head, its body to come.
  std::uint32_t begin(const std::vector<std::pair<std::string, std::string>>& fields);
  std::uint32_t next_stream() const { return next_; }

  /// Reads what has come. The others call it.
  void read();
  Stream& stream(std::uint32_t id);
  bool over(std::uint32_t id) { return stream(id).over(); }
  /// GOAWAYs received.
  const std::vector<h2::Frame>& goaways();
  /// All frames of a type that were received.
  std::size_t count(std::uint8_t type);
  /// Whether window is given back for DATA; true at first.
  void give_window(bool gives);
  /// Answers a PING of the relay's; true at first.
  bool answers_pings = true;

  RawClient& raw() { return raw_; }

 private:
  RawClient raw_;
  h2::Fields fields_;
  std::size_t read_ = 0;
  std::uint32_t next_ = 1;
  bool gives_window_ = true;
  std::map<std::uint32_t, std::size_t> owed_;  // window by stream; 0 is the connection
  std::map<std::uint32_t, Stream> streams_;
  std::map<std::uint8_t, std::size_t> counts_;
  std::vector<h2::Frame> goaways_;
};

}  // namespace ccrelay::testing
