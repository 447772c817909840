#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/refusal.hpp"

namespace ccrelay::http {

/// Watches over the lines of a head or a trailer section: where llhttp is patient, or differs
/// between its versions, RFC 9112 is held to. What passes here has one meaning only, however it is
/// read. Whole lines that are as they should be are passed over in wide steps; whatever is not is
/// looked at character by character. Pure; bytes come in pieces of any size.
class H1Lines {
 public:
  explicit H1Lines(std::size_t fields_max) : fields_max_(fields_max) {}

  /// A request line comes next, or empty lines before it (RFC 9112 section 2.2).
  void begin_request();
  /// Fields come next, as they stand behind a chunked body (section 7.1.2).
  void begin_trailers();

  /// Takes all bytes up to the section's end, or those before the first that must not be where it
  /// is; says how many.
  std::size_t take(std::string_view bytes);

  /// What is wrong with the byte behind those taken; its status is 0 if nothing is.
  const Refusal& objection() const { return objection_; }
  bool before_request_line() const { return place_ <= Place::before_lf; }
  bool in_request_line() const { return place_ < Place::line; }
  /// Header lines so far, and a bound on the bytes of their names and values.
  std::size_t fields() const { return fields_; }
  std::size_t field_bytes() const { return field_bytes_; }
  bool complete() const { return place_ == Place::complete; }

 private:
  enum class Place : std::uint8_t {
    before,  // only empty lines so far
    before_lf,
    method,
    target,
    version,
    version_lf,
    line,  // at the start of one
    name,
    value,
    value_lf,
    last_lf,
    complete,
  };

  const char* pass_over_run(const char* at, const char* end);
  const char* pass_over_fields(const char* at, const char* end);
  bool accepts(char c);
  bool accepts_version(char c);
  bool object(int status, std::string message);

  const std::size_t fields_max_;
  Place place_ = Place::before;
  std::uint8_t length_ = 0;  // of the version so far; 1 once a method or target has begun
  char major_ = 0;
  char minor_ = 0;
  std::size_t fields_ = 0;
  std::size_t field_bytes_ = 0;
  bool trailers_ = false;
  std::string trailer_name_;  // its beginning
  Refusal objection_{0, {}};
};

}  // namespace ccrelay::http
