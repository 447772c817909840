#include <charconv>

#include "client.hpp"

namespace bench {
namespace {

std::string request_head(const Request& request) {
  return "POST " + std::string(request.path) +
         " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
         "Content-Type: application/json\r\nUser-Agent: bench/1\r\n"
         "anthropic-version: 2023-06-01\r\n" +
         std::string(request.credential) + ": " + std::string(request.credential_value) +
         "\r\nConnection: keep-alive\r\nContent-Length: " + std::to_string(request.body.size()) +
         "\r\n\r\n";
}

// Head and body lie in one place, so that a small request is one write.
const std::string& whole_request(const Request& request) {
  static const std::string whole = request_head(request) + request.body;
  return whole;
}

class H1Client final : public Client {
 public:
  H1Client(std::unique_ptr<Channel> channel, int epoll, ClientSink& sink, const Request& request)
      : Client(std::move(channel), epoll, sink), request_(whole_request(request)) {}

  int ask() override {
    unsent_ = request_;
    left_ = unknown;
    flush();
    return 0;
  }

 private:
  static constexpr std::size_t unknown = static_cast<std::size_t>(-1);

  std::string_view unsent() override { return unsent_; }
  void sent(std::size_t bytes) override { unsent_.remove_prefix(bytes); }

  void take(std::string_view bytes) override {
    if (head_done_) return take_body(bytes);
    head_ += bytes;
    const std::size_t end = head_.find("\r\n\r\n");
    if (end == std::string::npos) return;
    if (!head_.starts_with("HTTP/1.1 200")) return fail(head_);
    const std::string_view length =
        field(std::string_view(head_).substr(0, end + 2), "content-length");
    if (!length.empty()) std::from_chars(length.data(), length.data() + length.size(), left_);
    head_done_ = true;
    const std::string rest = head_.substr(end + 4);
    head_.clear();
    take_body(rest);
  }

  void take_body(std::string_view bytes) {
    sink().on_bytes(*this, 0, bytes);
    bool whole = false;
    if (left_ == unknown) {  // chunked
      tail_ = (tail_ + std::string(bytes))
                  .substr(tail_.size() + bytes.size() < 7 ? 0 : tail_.size() + bytes.size() - 7);
      whole = tail_ == "\r\n0\r\n\r\n";
    } else {
      left_ -= std::min(left_, bytes.size());
      whole = left_ == 0;
    }
    if (!whole) return;
    head_done_ = false;
    tail_.clear();
    sink().on_end(*this, 0);
  }

  const std::string& request_;
  std::string_view unsent_;
  std::string head_;
  std::string tail_;  // the last bytes of a chunked body
  bool head_done_ = false;
  std::size_t left_ = unknown;
};

}  // namespace

std::unique_ptr<Client> h1_client(std::unique_ptr<Channel> channel, int epoll, ClientSink& sink,
                                  const Request& request) {
  return std::make_unique<H1Client>(std::move(channel), epoll, sink, request);
}

}  // namespace bench
