#pragma once

#include <ccrelay/http.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

struct uv_loop_s;
struct uv_tcp_s;

namespace ccrelay::testing {

/// One HTTP answer as it was read off the wire.
struct Answer {
  int status = 0;    ///< 0 as long as the head is not complete
  Headers headers;   ///< without trailers
  std::string body;  ///< transfer coding removed
  bool complete = false;
};

/// Every answer in `wire`, in order; interim ones (100) count as answers of their own. Bytes that
/// are no HTTP end the list with an incomplete one. `at_end`: the peer has closed, which completes
/// a body that is neither sized nor chunked.
std::vector<Answer> parse_answers(std::string_view wire, bool at_end = false);

/// A TCP client that only knows bytes, on the harness's loop. Connects to 127.0.0.1 at once; what
/// is sent before the connection stands goes out afterwards. Owned by the test and destroyed
/// whenever it likes, from the loop's thread; destroying it closes the socket.
class RawClient final {
 public:
  /// `receive_buffer` in bytes limits what the kernel takes in for us (SO_RCVBUF); 0 = its default.
  RawClient(uv_loop_s& loop, std::uint16_t port, int receive_buffer = 0);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void send(std::string_view bytes);
  /// Sends FIN after everything that was sent, and reads on.
  void shutdown_write();
  /// Closes the socket; unsent bytes are dropped. The kernel sends FIN, or RST if it holds bytes we
  /// have not read. Nothing is received any more.
  void close();
  /// Cuts the connection with RST.
  void reset();
  /// Stops or resumes reading, so that the peer's writes pile up.
  void pause_reading(bool paused);

  bool connected() const { return connected_; }
  /// Everything received so far.
  const std::string& received() const { return received_; }
  /// parse_answers() of received().
  std::vector<Answer> answers() const { return parse_answers(received_, eof_); }
  /// Bytes handed to send() that the kernel has not taken yet.
  std::size_t unsent() const;
  /// The peer has sent FIN.
  bool eof() const { return eof_; }
  /// The peer has sent RST.
  bool was_reset() const { return was_reset_; }
  /// Nothing can be received any more: FIN, RST, or no connection in the first place.
  bool gone() const { return eof_ || was_reset_ || error_ != 0; }
  /// The first libuv error that is neither FIN nor RST, such as UV_ECONNREFUSED; else 0.
  int error() const { return error_; }

 private:
  struct Callbacks;  // libuv's way in
  void on_connected(int status);
  void on_read(long count);
  void failed(int status);
  void read_on();

  uv_tcp_s* tcp_;  // libuv's half, freed by its close callback; null after close()
  std::array<char, 64 * 1024> buffer_;
  std::string received_;
  bool connected_ = false;
  bool paused_ = false;
  bool shutdown_ = false;
  bool eof_ = false;
  bool was_reset_ = false;
  int error_ = 0;
};

}  // namespace ccrelay::testing
