#include "http/h1_codec.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "base/ascii.hpp"
#include "base/header_name.hpp"
#include "http/h1_head_rules.hpp"

namespace ccrelay::http {
namespace {

H1Codec& codec(llhttp_t* parser) {
  return *static_cast<H1Codec*>(parser->data);
}

// What a client begins with that speaks TLS (RFC 8446 section 5.1); no method does.
constexpr char tls_handshake = 0x16;

// Several appended as one.
void write_pieces(base::ByteQueue& out, std::initializer_list<std::string_view> pieces) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  char* to = out.extend(size);
  for (const std::string_view piece : pieces) to = std::copy(piece.begin(), piece.end(), to);
}

}  // namespace

H1Codec::H1Codec(H1Sink& sink, std::size_t header_bytes_max, std::size_t header_count_max)
    : sink_(sink),
      header_bytes_max_(header_bytes_max),
      lines_(header_count_max),
      chunks_(ChunkedBody::Of::request, header_count_max) {
  llhttp_init(&parser_, HTTP_REQUEST, &settings());
  // Whether there is a next request is decided here: llhttp takes Proxy-Connection into account.
  llhttp_set_lenient_keep_alive(&parser_, 1);
  parser_.data = this;
}

const llhttp_settings_t& H1Codec::settings() {
  static const llhttp_settings_t table = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_message_begin = [](llhttp_t* p) noexcept {
      codec(p).begin_head();
      return 0;
    };
    s.on_url = [](llhttp_t* p, const char* at, std::size_t length) noexcept {
      codec(p).head_.target.append(at, length);
      return 0;
    };
    s.on_header_field = [](llhttp_t* p, const char* at, std::size_t length) noexcept {
      H1Codec& self = codec(p);
      if (self.place_ == Place::head) self.name_.add({at, length});
      return 0;
    };
    s.on_header_value = [](llhttp_t* p, const char* at, std::size_t length) noexcept {
      H1Codec& self = codec(p);
      if (self.place_ == Place::head) self.value_.add({at, length});
      return 0;
    };
    s.on_header_value_complete = [](llhttp_t* p) noexcept {
      H1Codec& self = codec(p);
      if (self.place_ == Place::head) {
        self.head_.headers.add(self.name_.view(), base::trim(self.value_.view()));
      }
      self.name_.clear();
      self.value_.clear();
      return 0;
    };
    s.on_headers_complete = [](llhttp_t* p) noexcept { return codec(p).on_head_complete(); };
    s.on_body = [](llhttp_t* p, const char* at, std::size_t length) noexcept {
      return codec(p).on_body({at, length});
    };
    s.on_message_complete = [](llhttp_t* p) noexcept -> int {
      H1Codec& self = codec(p);
      if (self.place_ != Place::body) return HPE_USER;
      self.place_ = Place::complete;  // feed() goes on from here
      return HPE_PAUSED;
    };
    return s;
  }();
  return table;
}

std::size_t H1Codec::feed(std::string_view bytes) {
  if (place_ == Place::between && head_bytes_ == 0 && bytes.starts_with(tls_handshake)) {
    refuse({400,
            "this is a TLS handshake, and plain HTTP is spoken here; begin the URL with "
            "http://, or give the relay a certificate (server.tls)"});
    return bytes.size();
  }
  std::size_t taken = 0;
  while (taken < bytes.size() && place_ != Place::complete && place_ != Place::refused) {
    const std::string_view rest = bytes.substr(taken);
    taken += place_ != Place::body ? read_head(rest) : chunked_ ? read_chunks(rest) : execute(rest);
  }
  return place_ == Place::refused ? bytes.size() : taken;
}

std::size_t H1Codec::read_head(std::string_view piece) {
  piece = piece.substr(0, header_bytes_max_ - head_bytes_);
  // Nothing that is out of place gets as far as llhttp.
  piece = piece.substr(0, lines_.take(piece));
  std::size_t used = piece.size();
  if (lines_.in_request_line()) {
    // llhttp gets it whole: why it does not want a line shows only when all of it is known.
    request_line_.append(piece);
    if (!lines_.before_request_line()) place_ = Place::head;
  } else {
    if (!request_line_.empty()) execute(std::exchange(request_line_, {}));
    if (place_ != Place::refused) used = execute(piece);
  }
  head_bytes_ += used;
  if (place_ == Place::between || place_ == Place::head) check_head_bytes();
  // llhttp goes on in what it takes for another protocol.
  if (place_ == Place::head && lines_.complete()) {
    refuse({400, "the request is not valid HTTP/1.1"});
  }
  return used;
}

// Returns how many bytes were taken.
std::size_t H1Codec::read_chunks(std::string_view piece) {
  std::string_view rest = piece;
  while (place_ == Place::body) {
    const std::string_view run = chunks_.next(rest);
    if (const auto announced = chunks_.take_announced()) {
      expects_continue_ = false;
      sink_.on_request_body_due(*announced);
    }
    if (chunks_.objection().status == 431) {
      refuse({431, "chunk extensions and trailers exceed " + std::to_string(header_bytes_max_) +
                       " bytes (server.max_header_bytes)"});
    } else if (chunks_.objection().status != 0) {
      refuse(chunks_.objection());
    } else if (!run.empty()) {
      sink_.on_request_body(run);
      continue;
    } else if (chunks_.complete()) {
      place_ = Place::complete;
      expects_continue_ = false;
      sink_.on_request_end();
    }
    break;
  }
  return piece.size() - rest.size();
}

// Returns how many bytes llhttp took.
std::size_t H1Codec::execute(std::string_view piece) {
  const llhttp_errno_t error = llhttp_execute(&parser_, piece.data(), piece.size());
  name_.keep();
  value_.keep();
  std::size_t used = piece.size();
  if (error != HPE_OK && llhttp_get_error_pos(&parser_)) {
    used = static_cast<std::size_t>(llhttp_get_error_pos(&parser_) - piece.data());
  }
  after_llhttp(error);
  return used;
}

void H1Codec::begin_head() {
  place_ = Place::head;
  head_ = {};
  head_.headers.reserve(lines_.fields(), lines_.field_bytes());
  name_.clear();
  value_.clear();
}

void H1Codec::after_llhttp(llhttp_errno_t error) {
  if (place_ == Place::refused) return;
  if (place_ == Place::complete) {
    sink_.on_request_end();
  } else if (error == HPE_PAUSED) {
    // Of a chunked body llhttp has read its head; next_request() has it begin anew.
  } else if (place_ != Place::body &&
             (error == HPE_INVALID_METHOD || error == HPE_INVALID_CONSTANT ||
              error == HPE_INVALID_VERSION)) {
    // All else that the request line says is as it should be.
    refuse({405, "the method is not offered here"});
  } else if (error != HPE_OK) {
    const char* reason = llhttp_get_error_reason(&parser_);
    refuse({400, std::string("the request is not valid HTTP/1.1: ") +
                     (reason && *reason ? reason : llhttp_errno_name(error))});
  }
}

void H1Codec::check_head_bytes() {
  if (lines_.objection().status != 0) {
    refuse(lines_.objection());
  } else if (head_bytes_ < header_bytes_max_) {
    return;
  } else if (place_ == Place::between) {
    // Nothing but line ends before a request line: RFC 9112 section 2.2 asks for patience with one.
    refuse({400, "no request line"});
  } else if (lines_.in_request_line()) {
    execute(std::exchange(request_line_, {}));
    if (place_ == Place::refused) return;  // too long is not all that is wrong with it
    refuse({414, "the request target exceeds " + std::to_string(header_bytes_max_) +
                     " bytes (server.max_header_bytes)"});
  } else {
    refuse({431, "the request line and headers exceed " + std::to_string(header_bytes_max_) +
                     " bytes (server.max_header_bytes)"});
  }
}

int H1Codec::on_head_complete() {
  head_.method = llhttp_method_name(static_cast<llhttp_method_t>(parser_.method));
  head_.version_minor = parser_.http_minor;
  if (const Refusal refusal = settle_head(head_); refusal.status != 0) {
    refuse(refusal);
    return -1;
  }
  // An offer to upgrade (RFC 9110 section 7.8) may be ignored; the request is then a plain one.
  parser_.upgrade = 0;
  http_1_0_ = parser_.http_minor == 0;
  keep_alive_ = asks_to_persist(head_);
  no_body_ = head_.method == "HEAD";
  const auto expect = head_.headers.get(base::HeaderName::expect);
  expects_continue_ = expect && !http_1_0_ && base::iequals(*expect, "100-continue");
  place_ = Place::body;
  head_bytes_ = 0;
  chunked_ = head_.headers.contains(base::HeaderName::transfer_encoding);
  chunks_.begin(header_bytes_max_);
  sink_.on_request_head(std::move(head_));
  return chunked_ ? HPE_PAUSED : 0;
}

int H1Codec::on_body(std::string_view bytes) {
  expects_continue_ = false;
  if (place_ == Place::body) sink_.on_request_body(bytes);
  return 0;
}

void H1Codec::refuse(Refusal refusal) {
  if (place_ == Place::head) refusal.path = head_.path();
  place_ = Place::refused;
  request_line_ = {};
  keep_alive_ = false;
  http_1_0_ = false;
  sink_.on_refusal(std::move(refusal));
}

void H1Codec::next_request() {
  if (place_ != Place::complete) return;
  place_ = Place::between;
  head_bytes_ = 0;
  lines_.begin_request();
  expects_continue_ = false;
  // The next answer may be to bytes that never become a head.
  no_body_ = false;
  framing_ = Framing::none;
  if (chunked_) {
    llhttp_reset(&parser_);
  } else {
    llhttp_resume(&parser_);
  }
  chunked_ = false;
}

void H1Codec::write_continue(base::ByteQueue& out) {
  expects_continue_ = false;
  out.append("HTTP/1.1 100 Continue\r\n\r\n");
}

void H1Codec::write_head(base::ByteQueue& out, const ResponseHead& head, bool close,
                         std::string_view more_lines) {
  std::string_view framing;
  const auto length = head.headers.get(base::HeaderName::content_length);
  const auto number = length ? base::parse_number(*length) : std::nullopt;
  if (no_body_ || head.status == 204 || head.status == 304) {
    framing_ = Framing::none;
  } else if (number) {
    framing_ = Framing::sized;
    remaining_ = *number;
  } else if (!http_1_0_) {
    framing_ = Framing::chunked;
    framing = "transfer-encoding: chunked\r\n";
  } else {
    framing_ = Framing::until_close;
    close = true;
  }
  if (close) keep_alive_ = false;
  const std::string_view connection = !keep_alive_ ? "connection: close\r\n"
                                      : http_1_0_  ? "connection: keep-alive\r\n"
                                                   : "";
  char digits[12];
  const std::string_view status(
      digits,
      static_cast<std::size_t>(std::to_chars(digits, std::end(digits), head.status).ptr - digits));
  write_pieces(out, {"HTTP/1.1 ", status, " ", reason_phrase(head.status), "\r\n"});
  for (const Header header : head.headers) {
    write_pieces(out, {header.name, ": ", header.value, "\r\n"});
  }
  write_pieces(out, {more_lines, framing, connection, "\r\n"});
}

void H1Codec::write_body(base::ByteQueue& out, std::string_view bytes) {
  if (bytes.empty() || framing_ == Framing::none) return;
  if (framing_ == Framing::chunked) {
    char size[20];
    char* digit = size + sizeof size;
    *--digit = '\n';
    *--digit = '\r';
    for (std::size_t rest = bytes.size(); rest > 0; rest >>= 4) {
      *--digit = "0123456789abcdef"[rest & 15];
    }
    const std::string_view prefix(digit, static_cast<std::size_t>(size + sizeof size - digit));
    write_pieces(out, {prefix, bytes, "\r\n"});
    return;
  }
  if (framing_ == Framing::sized) {
    // A provider that sends more than it announced must not write into the next answer.
    bytes = bytes.substr(0, remaining_);
    remaining_ -= bytes.size();
  }
  out.append(bytes);
}

void H1Codec::write_end(base::ByteQueue& out) {
  if (framing_ == Framing::chunked) out.append("0\r\n\r\n");
}

}  // namespace ccrelay::http
