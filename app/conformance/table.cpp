#include "check.hpp"

namespace ccrelay::app::contract {

const std::vector<Check>& all_checks() {
  static const std::vector<Check> all = [] {
    std::vector<Check> made;
    for (const auto group :
         {routing_checks, surface_checks, header_checks, auth_checks, credential_checks,
          body_checks, body_structure_checks, native_body_checks, stream_content_checks,
          stream_form_checks, stream_flow_checks, http_checks, budget_checks, bedrock_checks,
          vertex_checks, error_checks}) {
      for (const Check& check : group()) made.push_back(check);
    }
    return made;
  }();
  return all;
}

}  // namespace ccrelay::app::contract
