#pragma once

#include <curl/curl.h>

#include <string>
#include <string_view>

#include "upstream/client.hpp"

namespace ccrelay::upstream {

/// What is known when a transfer has ended; valid during the call of explain().
struct TransferFacts {
  const Destination& destination;
  CURLcode code = CURLE_OK;
  bool request_sent = false;
  bool head_begun = false;
  bool head_complete = false;
  int system_error = 0;          ///< errno of the connect; 0 = unknown
  bool exhausted = false;        ///< a dial failed for want of descriptors or memory
  long proxy_status = 0;         ///< a proxy's answer to CONNECT
  std::string_view curl_text{};  ///< curl's error buffer
  std::string_view refusal{};    ///< why the relay itself refused the answer
};

/// Says what happened, where, and what to do about it. Never shows a header value or a credential.
TransferResult explain(const TransferFacts& outcome);

}  // namespace ccrelay::upstream
