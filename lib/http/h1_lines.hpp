#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/refusal.hpp"

namespace ccrelay::http {

/// Watches over the lines of a head or a trailer section, character by character: where llhttp is
/// patient, or differs between its versions, RFC 9112 is held to. What passes here has one meaning
/// only, however it is read. Pure; bytes come in pieces of any size.
class H1Lines {
 public:
  explicit H1Lines(std::size_t fields_max) : fields_max_(fields_max) {}

  /// A request line comes next, or empty lines before it (RFC 9112 section 2.2).
  void begin_request();
  /// Fields come next, as they stand behind a chunked body (section 7.1.2).
  void begin_trailers();

  /// Takes all bytes, or those before the first that must not be where it is; says how many. What
  /// stands behind the section's end is not looked at.
  std::size_t take(std::string_view bytes);

  /// What is wrong with the byte behind those taken; its status is 0 if nothing is.
  const Refusal& objection() const { return objection_; }
  bool in_request_line() const { return place_ < Place::line; }
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

  bool accepts(char c);
  bool accepts_version(char c);
  bool frames_a_message() const;
  bool object(int status, std::string message);

  const std::size_t fields_max_;
  Place place_ = Place::before;
  std::uint8_t length_ = 0;  // of the version so far; 1 once a method or target has begun
  char major_ = 0;
  char minor_ = 0;
  std::size_t fields_ = 0;
  bool trailers_ = false;
  std::string trailer_name_;  // its beginning
  Refusal objection_{0, {}};
};

}  // namespace ccrelay::http
