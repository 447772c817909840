#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::app {

/// How a relay shows a program on the same machine who it is before that says anything secret: it
/// signs what it is given (RelayOptions::proofs) with a key that both have, and with the address it
/// listens on, so that another program can't pass the question on to it and the answer back.

/// 32 hexadecimal digits that were never there before. Empty when the system has no randomness.
std::string new_nonce();
/// 64 of them: what one start of a relay is known by.
std::string new_start_token();

/// The key that is made of a secret of people. Slow on purpose (milliseconds), because people's
/// secrets can be guessed, and one who has seen a proof could do it without asking again.
std::string proof_key(std::string_view secret);

std::string proof(std::string_view key, std::string_view nonce, std::string_view address);

/// Whether one of `proofs` is one for `peer`, which is where the answer came from. A relay on all
/// addresses proves just that.
bool proves(const std::vector<std::string>& proofs, const std::vector<std::string>& keys,
            std::string_view nonce, const std::string& peer);

}  // namespace ccrelay::app
