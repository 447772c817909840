#pragma once

#include <string_view>

namespace ccrelay::wire {

/// Whether an answer says that it is the signature of a thinking block in the request, the data of
/// a redacted one or the lack of any thinking in one that the provider does not accept: what
/// leaving thinking out can repair. Any other 400 says no, also those about thinking. Only the
/// provider's own words count.
bool is_signature_refusal(int status, std::string_view body);

/// The same of the message alone.
bool refuses_signature(std::string_view message);

}  // namespace ccrelay::wire
