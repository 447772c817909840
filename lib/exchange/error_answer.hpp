#pragma once

#include <ccrelay/http.hpp>
#include <ccrelay/observer.hpp>
#include <ccrelay/provider.hpp>

#include <cstddef>
#include <string>
#include <string_view>

#include "exchange/client_request.hpp"
#include "exchange/failure.hpp"
#include "exchange/interpreter.hpp"
#include "exchange/target.hpp"
#include "identity/credentials.hpp"
#include "worker/tools.hpp"

namespace ccrelay::exchange {

/// Of an error's body no more is kept; the client then gets its status in the relay's own words.
inline constexpr std::size_t error_body_bytes_max = 64 * 1024;

/// An answer that is not passed on as it comes: an error, or what can be no answer. Its body is
/// read whole, decoded where it is encoded, and then it is known what it means for the request.
/// JSON goes to the client as it was said, or in its own dialect where the provider speaks another;
/// a page or a text becomes an error in the relay's words that quotes it. Of one attempt, which
/// owns it.
class ErrorAnswer final {
 public:
  /// What the attempt had sent.
  struct Sent {
    ProviderRequest request;
    const identity::Held& identity;
    const Interpreter* interpreter = nullptr;  ///< if there is one
  };

  /// `outcome` is what the status alone means.
  ErrorAnswer(worker::Tools& tools, const ClientRequest& request, const Target& target,
              Outcome outcome, ResponseHead head);

  void feed(std::string_view bytes);
  /// All of it has come, or no more will. An identity that was refused is given up.
  Failure end(bool whole, const Sent& sent);

 private:
  void undo_coding();
  void put_into_words();
  void translate(const Sent& sent);
  void judge(bool whole, const ProviderRequest& sent);
  void look_for_what_was_refused(const Sent& sent);
  void give_up_identity(const identity::Held& used);

  worker::Tools& tools_;
  const ClientRequest& request_;
  const Target& target_;
  const bool translates_;
  bool blames_credentials_ = false;
  bool too_long_ = false;
  bool is_filtered_ = false;
  std::string said_;  // the message, in the provider's words
  Failure failure_;
};

}  // namespace ccrelay::exchange
