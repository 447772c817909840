#include "http/answer_reader.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "base/header_name.hpp"
#include "http/runs.hpp"

namespace ccrelay::http {

namespace {

AnswerReader& reader(llhttp_t* parser) {
  return *static_cast<AnswerReader*>(parser->data);
}

}  // namespace

AnswerReader::AnswerReader(Sink& sink) : sink_(sink) {
  init_parser();
}

void AnswerReader::init_parser() {
  llhttp_init(&parser_, HTTP_RESPONSE, &settings());
  parser_.data = this;
  // Of two framings the chunks hold (RFC 9112 section 6.3); without this, llhttp refuses. The
  // connection is then closed behind the answer.
  llhttp_set_lenient_chunked_length(&parser_, 1);
}

void AnswerReader::begin(bool answers_head) {
  answers_head_ = answers_head;
}

const llhttp_settings_t& AnswerReader::settings() {
  static const llhttp_settings_t table = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_status = [](llhttp_t* p, const char*, std::size_t length) noexcept -> int {
      return reader(p).count_line(length) ? 0 : HPE_USER;
    };
    s.on_status_complete = [](llhttp_t* p) noexcept {
      reader(p).begun_ = reader(p).status_line_read_ = true;
      reader(p).line_bytes_ = 0;
      return 0;
    };
    s.on_header_field = [](llhttp_t* p, const char* at, std::size_t length) noexcept -> int {
      AnswerReader& self = reader(p);
      if (self.place_ == Place::body) return 0;  // of a trailer
      if (!self.count_line(length)) return HPE_USER;
      self.name_.add({at, length});
      return 0;
    };
    s.on_header_field_complete = [](llhttp_t* p) noexcept {
      reader(p).in_value_ = true;
      return 0;
    };
    s.on_header_value = [](llhttp_t* p, const char* at, std::size_t length) noexcept -> int {
      AnswerReader& self = reader(p);
      if (self.place_ == Place::body) return 0;
      if (!self.count_line(length)) return HPE_USER;
      self.on_value({at, length});
      return 0;
    };
    s.on_header_value_complete = [](llhttp_t* p) noexcept { return reader(p).on_field_complete(); };
    s.on_headers_complete = [](llhttp_t* p) noexcept { return reader(p).on_head_complete(); };
    s.on_body = [](llhttp_t* p, const char* at, std::size_t length) noexcept {
      return reader(p).on_body({at, length});
    };
    s.on_message_complete = [](llhttp_t* p) noexcept -> int {
      AnswerReader& self = reader(p);
      if (self.place_ == Place::body) {
        self.keeps_alive_ = llhttp_should_keep_alive(p) != 0 && !self.misframed_;
        self.place_ = Place::complete;
      }
      return HPE_PAUSED;  // feed() goes on from here
    };
    return s;
  }();
  return table;
}

AnswerReader::Step AnswerReader::feed(std::string_view bytes, std::size_t& taken) {
  taken = 0;
  if (!untaken_.empty()) {
    untaken_ = {};
    if (!chunked_) llhttp_resume(&parser_);
  }
  // Once even without bytes: what follows a pause may need none.
  do {
    std::string_view piece = bytes.substr(taken);
    std::size_t used = 0;
    Step step;
    if (chunked_) {
      step = feed_chunks(piece, used);
    } else {
      const bool in_head = place_ == Place::head;
      if (in_head) {
        piece = piece.substr(0, head_bytes_max - head_bytes_);
        piece = piece.substr(0, lines_.take(piece));
      }
      begin_piece(piece);
      const llhttp_errno_t error = llhttp_execute(&parser_, piece.data(), piece.size());
      end_piece(piece);
      used = piece.size();
      if (error != HPE_OK && llhttp_get_error_pos(&parser_))
        used = static_cast<std::size_t>(llhttp_get_error_pos(&parser_) - piece.data());
      if (in_head) head_bytes_ += used;
      step = step_of(error);
    }
    taken += used;
    if (step != Step::more) return step;
  } while (taken < bytes.size());
  return Step::more;
}

// After llhttp has read on.
AnswerReader::Step AnswerReader::step_of(llhttp_errno_t error) {
  if (stopped_) return Step::stopped;
  if (!problem_.empty()) return Step::refused;
  if (!untaken_.empty()) return Step::paused;
  if (place_ == Place::complete) return Step::complete;
  if (error != HPE_OK && error != HPE_PAUSED) {
    refuse(words_for(error));
    return Step::refused;
  }
  if (lines_.bare_cr()) {
    refuse("a CR stands without its LF in its head");
    return Step::refused;
  }
  if (place_ == Place::interim) {
    place_ = Place::head;
    status_line_read_ = false;
    init_parser();
  } else if (error == HPE_PAUSED && !chunked_) {
    llhttp_resume(&parser_);
  }
  if (place_ == Place::head && head_bytes_ >= head_bytes_max) {
    refuse("its head is larger than 256 KiB");
    return Step::refused;
  }
  return Step::more;
}

AnswerReader::Step AnswerReader::feed_chunks(std::string_view piece, std::size_t& used) {
  std::string_view rest = piece;
  while (true) {
    const std::string_view run = chunks_.next(rest);
    used = piece.size() - rest.size();
    if (chunks_.objection().status != 0) {
      refuse(chunks_.objection().status == 431 ? "its head is larger than 256 KiB"
                                               : chunks_.objection().message);
      return Step::refused;
    }
    if (run.empty()) break;
    if (on_body(run) != 0) return stopped_ ? Step::stopped : Step::paused;
  }
  if (!chunks_.complete()) return Step::more;
  place_ = Place::complete;
  return Step::complete;
}

AnswerReader::Step AnswerReader::finish() {
  if (place_ != Place::body || chunked_) return Step::more;
  llhttp_finish(&parser_);
  return place_ == Place::complete ? Step::complete : Step::more;
}

void AnswerReader::begin_piece(std::string_view piece) {
  // A value that had reached the end of the last piece goes on at the beginning of this one.
  if (value_end_) value_end_ = piece.data();
}

void AnswerReader::end_piece(std::string_view piece) {
  name_.keep();
  value_.keep();
  if (value_end_ != piece.data() + piece.size()) value_end_ = nullptr;
}

bool AnswerReader::count_line(std::size_t bytes) {
  line_bytes_ += bytes;
  if (line_bytes_ <= line_bytes_max) return true;
  refuse("a line of its head is too long");
  return false;
}

void AnswerReader::on_value(std::string_view piece) {
  // Obsolete folding (RFC 9112 section 5.2): the line goes on the one before it.
  const bool folded = !value_.view().empty() && piece.data() != value_end_;
  value_end_ = piece.data() + piece.size();
  if (folded) {
    value_.fold();
    at_fold_ = true;
  }
  if (at_fold_) {
    // The blanks of the fold, which may end in a later piece. Those at the piece's end may stand
    // within the value.
    piece.remove_prefix(std::min(piece.find_first_not_of(" \t"), piece.size()));
    if (piece.empty()) return;
    at_fold_ = false;
  }
  value_.add(piece);
}

int AnswerReader::on_field_complete() {
  in_value_ = false;
  line_bytes_ = 0;
  if (place_ == Place::body) return 0;
  head_.headers.add(name_.view(), base::trim(value_.view()));
  if (head_.headers.known_name(head_.headers.size() - 1) == base::HeaderName::other &&
      !is_token(name_.view())) {
    return refuse("a line of its head is no header field");
  }
  name_.clear();
  value_.clear();
  value_end_ = nullptr;
  at_fold_ = false;
  return 0;
}

// Returns what llhttp wants: 1 = there is no body.
int AnswerReader::on_head_complete() {
  parser_.upgrade = 0;
  const int status = parser_.status_code;
  if (parser_.http_major != 1 || status < 100) return refuse("its status line is not valid");
  if (status == 101) return refuse("it switches to a protocol nobody asked for");
  head_.status = status;
  const bool has_body = settle_framing();
  if (status < 200) {
    place_ = Place::interim;
    head_ = ResponseHead();
    return 1;
  }
  if (std::string problem = has_body ? framing_problem() : ""; !problem.empty())
    return refuse(std::move(problem));
  chunked_ = has_body && (parser_.flags & F_CHUNKED) != 0;
  place_ = Place::body;
  name_.release();
  value_.release();
  if (!sink_.on_answer_head(std::exchange(head_, ResponseHead()))) {
    stopped_ = true;
    return HPE_USER;
  }
  if (!has_body) return 1;
  if (!chunked_) return 0;
  chunks_.begin(head_bytes_max - std::min(head_bytes_max, head_bytes_));
  keeps_alive_ = llhttp_should_keep_alive(&parser_) != 0 && !misframed_;
  return HPE_PAUSED;  // and never resumed
}

// Whether it has a body. Where the fields that say so are not as they must be, nobody else is asked
// on this connection: a proxy on the way may have seen another end.
bool AnswerReader::settle_framing() {
  const bool coded = head_.headers.contains(base::HeaderName::transfer_encoding);
  const bool sized = head_.headers.contains(base::HeaderName::content_length);
  // RFC 9112 section 6.1: the chunks hold, and HTTP/1.0 has none.
  if (coded && (sized || parser_.http_minor == 0)) misframed_ = true;
  // RFC 9110 section 8.6 and RFC 9112 section 6.1: neither field may be there.
  if (head_.status < 200 || head_.status == 204) {
    if (coded || sized) misframed_ = true;
    head_.headers.remove("content-length");
    head_.headers.remove("transfer-encoding");
    return false;
  }
  return !answers_head_ && head_.status != 304;
}

// A body in an encoding that is not undone here would reach the client as it is, and unnamed.
std::string AnswerReader::framing_problem() const {
  std::size_t encodings = 0;
  for (std::size_t i = 0; i < head_.headers.size(); ++i) {
    if (head_.headers.known_name(i) != base::HeaderName::transfer_encoding) continue;
    if (++encodings > 1 || !base::iequals(head_.headers[i].value, "chunked"))
      return "the only Transfer-Encoding understood is chunked";
  }
  return {};
}

// Returns what llhttp wants.
int AnswerReader::on_body(std::string_view bytes) {
  // llhttp, resumed behind the last byte that it had.
  if (bytes.empty()) return 0;
  switch (sink_.on_answer_body(bytes)) {
    case Take::taken:
      return 0;
    case Take::pause:
      untaken_ = bytes;
      return HPE_PAUSED;
    case Take::stop:
      break;
  }
  stopped_ = true;
  return HPE_USER;
}

std::string AnswerReader::words_for(llhttp_errno_t error) const {
  if (status_line_read_ && place_ == Place::head && error != HPE_INVALID_CONTENT_LENGTH &&
      error != HPE_UNEXPECTED_CONTENT_LENGTH && error != HPE_INVALID_TRANSFER_ENCODING) {
    return in_value_ ? "a header line contains a control character"
                     : "a line of its head is no header field";
  }
  const char* reason = llhttp_get_error_reason(&parser_);
  return reason && *reason ? reason : llhttp_errno_name(error);
}

int AnswerReader::refuse(std::string why) {
  problem_ = std::move(why);
  return HPE_USER;
}

}  // namespace ccrelay::http
