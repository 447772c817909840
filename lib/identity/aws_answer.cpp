#include "identity/aws_answer.hpp"

#include <optional>

#include "identity/refusal.hpp"
#include "identity/xml.hpp"
#include "wire/json_members.hpp"
#include "wire/wall_time.hpp"

namespace ccrelay::identity {
namespace {

Error answer_lacks(std::string_view what) {
  return {ErrorCode::provider, "holds no " + std::string(what)};
}

Result<IssuedKeys> keys_of(const std::optional<std::string>& id,
                           const std::optional<std::string>& secret,
                           const std::optional<std::string>& token,
                           const std::optional<std::string>& expiration) {
  if (!id || id->empty()) return answer_lacks("AccessKeyId");
  if (!secret || secret->empty()) return answer_lacks("SecretAccessKey");
  IssuedKeys keys{{*id, Secret(*secret), Secret(token.value_or(""))}, std::nullopt};
  if (expiration) {
    keys.expiry = wire::parse_rfc3339(*expiration);
    if (!keys.expiry) return Error{ErrorCode::provider, "holds an Expiration that is no date"};
  }
  return keys;
}

}  // namespace

Result<IssuedKeys> read_aws_json(std::string_view json, std::string_view token_name) {
  const auto members = wire::JsonMembers::read(json);
  if (!members) return Error{ErrorCode::provider, "is " + members.error().message};
  return keys_of(members->string("AccessKeyId"), members->string("SecretAccessKey"),
                 members->string(token_name), members->string("Expiration"));
}

Result<IssuedKeys> read_aws_xml(std::string_view xml) {
  const auto token = xml_text(xml, "SessionToken");
  if (!token) return answer_lacks("SessionToken");
  return keys_of(xml_text(xml, "AccessKeyId"), xml_text(xml, "SecretAccessKey"), token,
                 xml_text(xml, "Expiration"));
}

Step aws_json_answered(const Answer& answer, std::string_view what_to_do) {
  if (!succeeded(answer)) return refused(answer, what_to_do);
  auto keys = read_aws_json(answer.body, "Token");
  if (keys) return Issued(*std::move(keys));
  // The metadata service says some errors with status 200: {"Code":"AssumeRoleUnauthorizedAccess"}.
  if (const std::string words = vendor_words(answer.body, answer.secrets); !words.empty())
    return refused(answer, what_to_do);
  return unusable(answer, "with something that " + keys.error().message);
}

}  // namespace ccrelay::identity
