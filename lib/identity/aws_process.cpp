#include "identity/aws_answer.hpp"
#include "identity/aws_links.hpp"
#include "identity/limits.hpp"
#include "wire/json_members.hpp"

namespace ccrelay::identity {
namespace {

// Its output is not shown: that is where the secrets are. Nor is the command, which may have one in
// its arguments.
Error failed(const std::string& profile, const std::string& what) {
  return {ErrorCode::provider, "the credential_process of profile \"" + profile + "\" " + what};
}

// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
Step printed(const Printed& printed, const std::string& profile) {
  if (printed.too_long)
    return failed(profile, "printed more than " + std::to_string(text_bytes_max) + " bytes");
  if (printed.signal != 0)
    return failed(profile, "was ended by signal " + std::to_string(printed.signal));
  if (printed.exit_status != 0)
    return failed(profile, "ended with status " + std::to_string(printed.exit_status) +
                               "; run it by hand to see what it says");
  const auto members = wire::JsonMembers::read(printed.output);
  if (members && members->integer("Version") != 1)
    return failed(profile, "printed JSON whose \"Version\" is not 1");
  auto keys = read_aws_json(printed.output, "SessionToken");
  if (!keys) return failed(profile, "printed something that " + keys.error().message);
  return Issued(*std::move(keys));
}

}  // namespace

Step aws_process(const std::string& command, const std::string& profile) {
  return Command{command, [profile](const Printed& output) { return printed(output, profile); }};
}

}  // namespace ccrelay::identity
