#include "upstream/head_reader.hpp"

#include "base/ascii.hpp"
#include "upstream/token.hpp"

namespace ccrelay::upstream {

namespace {

std::string_view without_line_end(std::string_view line) {
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

}  // namespace

void HeadReader::reset() {
  head_ = ResponseHead();
  name_.clear();
  value_.clear();
  problem_.clear();
  bytes_ = 0;
  in_block_ = false;
  complete_ = false;
}

HeadReader::Step HeadReader::line(std::string_view line) {
  bytes_ += line.size();
  if (bytes_ > bytes_max) return refuse("its head is larger than 256 KiB");
  if (complete_) return Step::more;
  line = without_line_end(line);
  if (!in_block_) return status_line(line);
  if (line.empty()) return end_of_block();
  return field(line);
}

// "HTTP/1.1 200 OK": curl has already looked at it, and refused what is no HTTP.
HeadReader::Step HeadReader::status_line(std::string_view line) {
  const std::size_t blank = line.find(' ');
  const auto status = blank == std::string_view::npos
                          ? std::nullopt
                          : base::parse_number(base::trim(line.substr(blank + 1)).substr(0, 3));
  if (!status || *status < 100 || *status > 999) return refuse("its status line is not valid");
  head_ = ResponseHead();
  head_.status = static_cast<int>(*status);
  in_block_ = true;
  return Step::more;
}

HeadReader::Step HeadReader::field(std::string_view line) {
  if (line.find('\r') != std::string_view::npos || line.find('\0') != std::string_view::npos)
    return refuse("a header line contains a control character");
  // Obsolete folding (RFC 9112 section 5.2): the line goes on the one before it.
  if ((line.front() == ' ' || line.front() == '\t') && !name_.empty()) {
    value_.append(" ").append(base::trim(line));
    return Step::more;
  }
  flush_field();
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return refuse("a line of its head is no header field");
  name_ = line.substr(0, colon);
  value_ = base::trim(line.substr(colon + 1));
  return Step::more;
}

HeadReader::Step HeadReader::end_of_block() {
  flush_field();
  in_block_ = false;
  if (head_.status == 101) return refuse("it switches to a protocol nobody asked for");
  if (head_.status < 200) return Step::more;
  complete_ = true;
  return Step::complete;
}

void HeadReader::flush_field() {
  if (name_.empty()) return;
  head_.headers.add(name_, base::trim(value_));
  name_.clear();
}

HeadReader::Step HeadReader::refuse(std::string why) {
  problem_ = std::move(why);
  return Step::refused;
}

}  // namespace ccrelay::upstream
