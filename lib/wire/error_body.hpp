#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/http.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::wire {

/// Where in an error a code stands. Vendors number their errors alike and mean different things:
/// the place tells them apart.
enum class CodePlace : std::uint8_t {
  code,       ///< `error.code`, Tencent's `Response.Error.Code`
  top_code,   ///< `code` or `error_code` beside the message, with no object around both
  type,       ///< `error.type`, `error.status`, a top `type` other than "error", a `reason`
  exception,  ///< AWS's `x-amzn-errortype`, `:exception-type` or `__type`, without its namespace
  base_resp,  ///< MiniMax's `base_resp.status_code`, or "(1008)" at the end of its message
  bracket,    ///< "[1211]" in front of Z.AI's message
};

struct SaidCode {
  CodePlace place;
  std::string text;  ///< as it stands there, numbers too
};

/// What an error's body says, whichever of the vendors' shapes it has: Anthropic's, OpenAI's,
/// Google's (alone, in an array), AWS's, a cloud's around a vendor's whole envelope, a plain
/// string, FastAPI's `detail`. A value; nothing in it points into the body.
struct ErrorBody {
  bool is_page = false;  ///< HTML: it comes from something in front of the provider
  bool is_json = false;
  bool is_error = false;  ///< there is something in it that says it is one, whatever the status
  std::vector<SaidCode> codes;  ///< most telling place first is not promised
  std::string message;          ///< in the words of who answered
  std::string param;            ///< the part of the request it points at, if it says so
  /// Who answered is a gateway and quotes what its own upstream said: its body or its words.
  bool quotes = false;
  std::string quoted;
  int status = 0;                 ///< an HTTP status that the body names (400 to 599), or 0
  std::optional<Duration> wait;   ///< a field that says how long to wait
  std::optional<WallTime> until;  ///< a field that says until when
};

/// `unwraps`: a message that is a whole JSON document is the vendor's own envelope in a cloud's;
/// else it is what a gateway quotes.
ErrorBody read_error_body(const Headers& headers, std::string_view body, bool unwraps);

}  // namespace ccrelay::wire
