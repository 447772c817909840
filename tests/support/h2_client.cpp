#include "support/h2_client.hpp"

namespace ccrelay::testing {

H2Client::H2Client(uv_loop_s& loop, std::uint16_t port, std::uint32_t window, int receive_buffer)
    : raw_(loop, port, receive_buffer) {
  // SETTINGS_INITIAL_WINDOW_SIZE, and the same for the connection.
  raw_.send(std::string(h2::preface) + h2::frame(h2::settings, 0, 0, h2::setting(4, window)));
  if (window > 65'535) raw_.send(h2::window(0, window - 65'535));
}

std::uint32_t H2Client::begin(const std::vector<std::pair<std::string, std::string>>& fields) {
  const std::uint32_t id = next_;
  next_ += 2;
  raw_.send(h2::head(id, fields, false));
  return id;
}

std::uint32_t H2Client::get(const std::string& path,
                            const std::vector<std::pair<std::string, std::string>>& more) {
  const std::uint32_t id = next_;
  next_ += 2;
  raw_.send(h2::head(id, h2::fields("GET", path, more), true));
  return id;
}

std::uint32_t H2Client::post(const std::string& body,
                             const std::vector<std::pair<std::string, std::string>>& more,
                             const std::string& path) {
  auto fields = h2::fields("POST", path, {{"content-type", "application/json"}});
  fields.insert(fields.end(), more.begin(), more.end());
  const std::uint32_t id = begin(fields);
  raw_.send(h2::frame(h2::data, h2::end_stream, id, body));
  return id;
}

H2Client::Stream& H2Client::stream(std::uint32_t id) {
  read();
  return streams_[id];
}

const std::vector<h2::Frame>& H2Client::goaways() {
  read();
  return goaways_;
}

std::size_t H2Client::count(std::uint8_t type) {
  read();
  return counts_[type];
}

void H2Client::give_window(bool gives) {
  gives_window_ = gives;
  if (!gives) return;
  for (auto& [id, bytes] : owed_) {
    if (bytes > 0) raw_.send(h2::window(id, static_cast<std::uint32_t>(bytes)));
  }
  owed_.clear();
}

void H2Client::read() {
  std::string_view wire = std::string_view(raw_.received()).substr(read_);
  const std::size_t before = wire.size();
  const auto frames = h2::take_frames(wire);
  read_ += before - wire.size();
  for (const h2::Frame& frame : frames) {
    ++counts_[frame.type];
    Stream& stream = streams_[frame.stream];
    switch (frame.type) {
      case h2::headers: {
        const Headers head = fields_.read(frame.payload);
        const int status = std::stoi(std::string(head.get(":status").value_or("0")));
        if (status < 200) {
          stream.interim.push_back(status);
          break;
        }
        stream.answer.status = status;
        stream.answer.headers = head;
        break;
      }
      case h2::data:
        stream.answer.body += frame.payload;
        owed_[0] += frame.payload.size();
        if (!frame.ends_stream()) owed_[frame.stream] += frame.payload.size();
        break;
      case h2::rst_stream:
        stream.reset = true;
        stream.code = frame.code();
        break;
      case h2::settings:
        if ((frame.flags & h2::ack) == 0) raw_.send(h2::frame(h2::settings, h2::ack, 0));
        break;
      case h2::ping:
        if ((frame.flags & h2::ack) == 0 && answers_pings) {
          raw_.send(h2::frame(h2::ping, h2::ack, 0, frame.payload));
        }
        break;
      case h2::goaway:
        goaways_.push_back(frame);
        break;
      default:
        break;
    }
    const bool ends = frame.type == h2::headers || frame.type == h2::data;
    if (ends && frame.ends_stream()) {
      stream.answer.complete = true;
      owed_.erase(frame.stream);
    }
  }
  if (gives_window_) give_window(true);
}

}  // namespace ccrelay::testing
