#include "http/content_coding.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/ascii.hpp"
#include "base/header_name.hpp"

namespace ccrelay::http {
namespace {

constexpr std::size_t piece_bytes = 64 * 1024;
// RFC 1951: with the 32 KiB window that everybody has.
constexpr int window_bits = 15;
constexpr int with_gzip_head = 16;

Refusal no_refusal() {
  return {0, {}};
}

// All of them in the order in which they were applied, without those that change nothing.
std::vector<std::string> codings_of(const Headers& headers) {
  std::vector<std::string> codings;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (headers.known_name(i) != base::HeaderName::content_encoding) continue;
    std::string_view rest = headers[i].value;
    while (!rest.empty()) {
      const auto end = std::min(rest.find(','), rest.size());
      std::string coding = base::lower(base::trim(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (!coding.empty() && coding != "identity") codings.push_back(std::move(coding));
    }
  }
  return codings;
}

}  // namespace

class ContentDecoder::Stage {
 public:
  explicit Stage(bool is_gzip) : is_gzip_(is_gzip) {
    ready_ = inflateInit2(&stream_, is_gzip ? window_bits + with_gzip_head : window_bits) == Z_OK;
  }
  ~Stage() { inflateEnd(&stream_); }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  /// Gives each piece to `take` until that refuses it.
  template <class Take>
  Refusal feed(std::string_view bytes, const Take& take) {
    if (!ready_) return {500, "there is no memory to decode the request's body"};
    while (!bytes.empty()) {
      if (ended_) {
        // RFC 1952 section 2.2: one gzip member may follow another.
        if (!is_gzip_) return {400, "something follows the end of the encoded body"};
        inflateReset(&stream_);
        ended_ = false;
      }
      if (!begun_) choose_form(bytes.front());
      if (Refusal refusal = inflate_some(bytes, take); refusal.status != 0) return refusal;
    }
    return no_refusal();
  }

  bool complete() const { return begun_ && ended_; }

 private:
  // "deflate" is the zlib format (RFC 9110 section 8.4.1.2); some send it without zlib's head,
  // whose first byte names the method, 8.
  void choose_form(char first) {
    begun_ = true;
    if (!is_gzip_ && (first & 0x0f) != Z_DEFLATED) inflateReset2(&stream_, -window_bits);
  }

  template <class Take>
  Refusal inflate_some(std::string_view& bytes, const Take& take) {
    std::array<char, piece_bytes> piece;
    const std::size_t given = std::min<std::size_t>(bytes.size(), 1U << 30);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(given);
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream_.avail_out = static_cast<uInt>(piece.size());
      const int result = inflate(&stream_, Z_NO_FLUSH);
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        return {400, "the request's body is not what its Content-Encoding says"};
      }
      const std::string_view made(piece.data(), piece.size() - stream_.avail_out);
      if (!made.empty()) {
        if (Refusal refusal = take(made); refusal.status != 0) return refusal;
      }
      ended_ = result == Z_STREAM_END;
    } while (!ended_ && stream_.avail_out == 0);
    const std::size_t used = given - stream_.avail_in;
    // Nothing moves any more although bytes are left: it is broken.
    if (used == 0 && !ended_)
      return {400, "the request's body is not what its Content-Encoding says"};
    bytes.remove_prefix(used);
    return no_refusal();
  }

  const bool is_gzip_;
  z_stream stream_{};
  bool ready_ = false;
  bool begun_ = false;
  bool ended_ = false;
};

ContentDecoder::ContentDecoder() = default;
ContentDecoder::~ContentDecoder() = default;

Refusal ContentDecoder::begin(const Headers& headers) {
  const auto codings = codings_of(headers);
  for (const std::string& coding : codings) {
    const bool is_gzip = coding == "gzip" || coding == "x-gzip";
    if (is_gzip || coding == "deflate") continue;
    // A name is short; whatever else stands there is not shown.
    const bool is_name =
        coding.size() <= 32 && std::all_of(coding.begin(), coding.end(), [](char c) {
          return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        });
    return {415, "Content-Encoding: " + (is_name ? coding : std::string("what is named")) +
                     " is not understood; send the body as it is, or with gzip or deflate"};
  }
  if (codings.size() > codings_max) {
    return {415, "Content-Encoding names more codings than are undone here"};
  }
  for (auto coding = codings.rbegin(); coding != codings.rend(); ++coding) {
    stages_.push_back(std::make_unique<Stage>(*coding != "deflate"));
  }
  return no_refusal();
}

Refusal ContentDecoder::feed_from(std::size_t stage, std::string_view bytes, const Take& take) {
  if (stage == stages_.size()) return take(bytes);
  return stages_[stage]->feed(
      bytes, [&](std::string_view made) { return feed_from(stage + 1, made, take); });
}

Refusal ContentDecoder::end() const {
  for (const auto& stage : stages_) {
    if (!stage->complete()) return {400, "the request's encoded body ends before it is complete"};
  }
  return no_refusal();
}

}  // namespace ccrelay::http
