#include <nghttp2/nghttp2.h>

#include <cstring>
#include <vector>

#include "client.hpp"

namespace bench {
namespace {

constexpr std::int32_t window_bytes = 1 << 24;

nghttp2_nv pair(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

class H2Client final : public Client {
 public:
  H2Client(std::unique_ptr<Channel> channel, int epoll, ClientSink& sink, const Request& request)
      : Client(std::move(channel), epoll, sink), request_(request), body_(request.body) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_client_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
  }
  ~H2Client() override { nghttp2_session_del(session_); }

  int ask() override {
    const nghttp2_nv fields[] = {pair(":method", "POST"),
                                 pair(":scheme", "http"),
                                 pair(":authority", "127.0.0.1"),
                                 pair(":path", request_.path),
                                 pair("content-type", "application/json"),
                                 pair("user-agent", "bench/1"),
                                 pair("anthropic-version", "2023-06-01"),
                                 pair(request_.credential, request_.credential_value),
                                 pair("content-length", length_)};
    nghttp2_data_provider source{};
    source.read_callback = read_body;
    const int stream =
        nghttp2_submit_request(session_, nullptr, fields, std::size(fields), &source, nullptr);
    if (stream < 0) die("nghttp2_submit_request");
    // Numbered 1, 3, 5…
    const int id = stream / 2;
    if (at_.size() <= static_cast<std::size_t>(id)) at_.resize(static_cast<std::size_t>(id) + 1);
    // nghttp2 must not be asked for bytes from inside its own calls.
    if (!receiving_) flush();
    return id;
  }

 private:
  static H2Client& self(void* data) { return *static_cast<H2Client*>(data); }

  void on_connected() override {
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}, {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window_bytes}};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings));
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, window_bytes);
  }

  std::string_view unsent() override {
    while (at_out_ == out_.size()) {
      out_.clear();
      at_out_ = 0;
      const std::uint8_t* bytes = nullptr;
      const ssize_t count = nghttp2_session_mem_send(session_, &bytes);
      if (count <= 0) return {};
      out_.assign(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
    }
    return std::string_view(out_).substr(at_out_);
  }
  void sent(std::size_t bytes) override { at_out_ += bytes; }

  void take(std::string_view bytes) override {
    receiving_ = true;
    const ssize_t taken = nghttp2_session_mem_recv(
        session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    receiving_ = false;
    if (taken < 0) return fail(nghttp2_strerror(static_cast<int>(taken)));
    flush();
  }

  static ssize_t read_body(nghttp2_session*, std::int32_t stream, std::uint8_t* to,
                           std::size_t room, std::uint32_t* flags, nghttp2_data_source*,
                           void* data) {
    H2Client& client = self(data);
    std::size_t& at = client.at_[static_cast<std::size_t>(stream / 2)];
    const std::size_t count = std::min(room, client.body_.size() - at);
    std::memcpy(to, client.body_.data() + at, count);
    at += count;
    if (at == client.body_.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }
  static int on_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                       std::uint8_t, void* data) {
    const std::string_view text(reinterpret_cast<const char*>(name), name_size);
    const std::string_view status(reinterpret_cast<const char*>(value), value_size);
    if (text == ":status" && status != "200") self(data).fail(std::string(status));
    return 0;
  }
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes,
                     std::size_t size, void* data) {
    H2Client& client = self(data);
    client.sink().on_bytes(client, stream / 2, {reinterpret_cast<const char*>(bytes), size});
    return 0;
  }
  static int on_close(nghttp2_session*, std::int32_t stream, std::uint32_t error, void* data) {
    H2Client& client = self(data);
    if (error != 0) {
      client.fail("stream closed with error " + std::to_string(error));
    } else {
      client.sink().on_end(client, stream / 2);
    }
    return 0;
  }

  const Request& request_;
  const std::string& body_;
  const std::string length_ = std::to_string(body_.size());
  nghttp2_session* session_ = nullptr;
  std::vector<std::size_t> at_;  // how much of a stream's body has been sent
  std::string out_;
  std::size_t at_out_ = 0;
  bool receiving_ = false;
};

}  // namespace

std::unique_ptr<Client> h2_client(std::unique_ptr<Channel> channel, int epoll, ClientSink& sink,
                                  const Request& request) {
  return std::make_unique<H2Client>(std::move(channel), epoll, sink, request);
}

}  // namespace bench
