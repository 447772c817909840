#pragma once

#include <simdjson.h>

#include <string_view>
#include <vector>

#include "wire/signature_scan.hpp"

namespace ccrelay::wire {

/// What a complete block of a message is signed with; empty if it is none of thinking.
std::string_view signature_of(simdjson::dom::element block);
/// The digests of the signatures in a message's content.
std::vector<SignatureDigest> signatures_in(simdjson::dom::array content);

}  // namespace ccrelay::wire
