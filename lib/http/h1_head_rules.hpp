#pragma once

#include <ccrelay/http.hpp>

#include "http/refusal.hpp"

namespace ccrelay::http {

/// What a request's head as a whole must be (RFC 9112 sections 3.2 and 6, RFC 9110 section 10.1.1).
/// The status of what is returned is 0 if nothing is wrong. Else the head stands for origin form:
/// an absolute target becomes path and query, and its authority the Host (RFC 9112 section 3.2.2).
Refusal settle_head(RequestHead& head);

/// Whether the client wants the connection to go on (RFC 9112 section 9.3).
bool asks_to_persist(const RequestHead& head);

}  // namespace ccrelay::http
