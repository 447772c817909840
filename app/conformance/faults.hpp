#pragma once

#include <ccrelay/http.hpp>
#include <ccrelay/testing/fake_provider.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "check.hpp"

namespace ccrelay::app::contract {

/// An error of a provider, in its format's words.
struct Fault {
  int status = 0;
  std::string_view type;  ///< OpenAI's `code`, or its `type` where that has none; Google's `status`
  std::string_view message;
  /// A gateway may have tried elsewhere, and then tells what came of that.
  bool may_fail_over = false;
};

/// Those that are passed on. What may set a gateway's only key aside comes last.
const std::vector<Fault>& faults_of(Format format);

/// Blanks, an escape and a member that nobody knows: whoever writes it anew writes another.
std::string fault_body(Format format, const Fault& fault);
Headers fault_headers(Format format, const Fault& fault);
testing::Script fault_script(Format format, const Fault& fault);

}  // namespace ccrelay::app::contract
