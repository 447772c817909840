#pragma once

#include <ccrelay/http.hpp>

#include <string>
#include <string_view>

namespace ccrelay::exchange {

/// An answer that the relay itself gives, as data: which dialect its client speaks matters only
/// when it is printed (exchange/dialect.hpp). Either an error in the relay's own words or a body
/// that is complete: JSON of its own, or the error of a provider as it was said.
struct Answer {
  int status = 0;
  Headers headers;             ///< what it has besides its length and the request's id
  std::string message;         ///< of an error, in the relay's own words
  std::string_view type = {};  ///< of that error, a fixed word; empty = the usual of the status
  /// Of that error, for clients in whose dialect errors have them (OpenAI's): a word beside the
  /// type, where it is not the type's own, and the field that is at fault.
  std::string code = {};
  std::string param = {};
  std::string body;  ///< where there is no message
};

/// An error in the relay's own words. `more` headers go along.
Answer error_answer(int status, std::string_view message, const Headers& more = {});
/// JSON of the relay's own.
Answer json_answer(int status, std::string body);

}  // namespace ccrelay::exchange
