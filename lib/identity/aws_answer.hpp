#pragma once

#include <string>
#include <string_view>

#include "identity/step.hpp"

namespace ccrelay::identity {

/// Keys as the container and metadata services and credential_process write them:
/// {"AccessKeyId","SecretAccessKey",TOKEN,"Expiration"}. The error is what is wrong with it,
/// without a subject: "holds no …".
Result<IssuedKeys> read_aws_json(std::string_view json, std::string_view token_name);
/// The same inside of an STS answer, in XML.
Result<IssuedKeys> read_aws_xml(std::string_view xml);

/// The step that a service's answer leads to.
Step aws_json_answered(const Answer& answer, std::string_view what_to_do);

}  // namespace ccrelay::identity
