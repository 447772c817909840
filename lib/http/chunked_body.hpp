#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "http/h1_lines.hpp"
#include "http/refusal.hpp"

namespace ccrelay::http {

/// Takes a chunked body out of its framing (RFC 9112 section 7.1). Extensions are read over, all
/// that the RFC allows: several, with blanks around them, quoted ones with escapes; trailers are
/// dropped. A line ends with CRLF and nothing else. No body limit holds for what stands beside the
/// body, so what is more of it than plain chunks need has the limit of a head. Pure; the same
/// whatever the cuts.
class ChunkedBody {
 public:
  /// What a chunk may carry besides its bytes: line ends and a size of 16 hex digits.
  static constexpr std::size_t free_bytes = 20;

  /// Whose body it is: of a request the trailers are held to RFC 9112 section 5, with at most
  /// `fields_max` of them. Of an answer they end with an empty line, which may end with LF alone
  /// (section 2.2), and blanks behind a size are borne.
  enum class Of : std::uint8_t { request, answer };
  explicit ChunkedBody(Of whose, std::size_t fields_max = 0)
      : is_strict_(whose == Of::request), trailers_(fields_max) {}

  /// `surplus_bytes_max`: beside the body, beyond what plain chunks need. More is status 431.
  void begin(std::size_t surplus_bytes_max);
  /// Takes bytes up to the end of a run of body, and cuts `bytes` by them; returns the run, which
  /// is empty when all was framing, or when it is complete() or refused.
  std::string_view next(std::string_view& bytes);
  /// The size of a chunk that has been announced since the last call.
  std::optional<std::uint64_t> take_announced() { return std::exchange(announced_, {}); }
  bool complete() const { return place_ == Place::complete; }
  /// Its status is 0 if nothing is wrong.
  const Refusal& objection() const { return objection_; }

 private:
  enum class Place : std::uint8_t {
    size,
    blank,  // behind the size, section 7.1.1: an extension must follow
    extension,
    quoted,  // within it, RFC 9110 section 5.6.4
    escaped,
    size_lf,
    body,
    behind_body,
    behind_body_lf,
    trailers,
    complete,
  };

  std::size_t take_plain(std::string_view bytes);
  bool accepts(char c);
  bool accepts_in_extension(char c);
  std::size_t take_trailers(std::string_view bytes);
  std::size_t skip_trailers(std::string_view bytes);
  std::size_t framing_room() const;
  void object();

  const bool is_strict_;
  H1Lines trailers_;
  Place place_ = Place::size;
  std::uint8_t digits_ = 0;
  std::uint64_t left_ = 0;  // of the chunk
  std::optional<std::uint64_t> announced_;
  std::size_t framing_bytes_ = 0;  // since the last byte of body
  std::size_t surplus_bytes_ = 0;  // before that
  std::size_t surplus_bytes_max_ = 0;
  bool line_empty_ = true;  // of a trailer that is skipped
  bool after_cr_ = false;
  Refusal objection_{0, {}};
};

}  // namespace ccrelay::http
