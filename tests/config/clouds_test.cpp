#include "config/clouds.hpp"

#include <ccrelay/config_load.hpp>

#include <string>

#include "catch.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::said_about;

namespace {

std::string provider(const std::string& type, const std::string& more) {
  return "[[providers]]\nname = \"a\"\ntype = \"" + type + "\"\n" + more;
}

Config parsed(const std::string& toml, const Environment& env) {
  auto config = parse_config(toml, "c.toml", env);
  INFO((config ? std::string() : config.error().message));
  REQUIRE(config);
  return *config;
}

Environment with(std::string name, std::string value) {
  return [=](std::string_view asked) -> std::optional<std::string> {
    if (asked == name) return value;
    return std::nullopt;
  };
}

const Environment nothing = [](std::string_view) { return std::nullopt; };

}  // namespace

TEST_CASE("each cloud's settings are read", "[config]") {
  const Config config = parsed(
      provider("bedrock",
               "aws_region = \"eu-west-1\"\naws_access_key_id = \"AK\"\n"
               "aws_secret_access_key = \"s\"\naws_session_token = \"t\"\n"
               "[[providers.unsupported]]\nmodels = [\"m*\"]\nbetas = [\"b\"]\n"
               "fields = [\"tools[].strict\"]\n") +
          "[[providers]]\nname = \"v\"\ntype = \"vertex\"\ngcp_project_id = \"p\"\n"
          "gcp_region = \"us\"\ngcp_credentials_file = \"/f\"\n"
          "[[providers]]\nname = \"z\"\ntype = \"azure\"\nazure_resource_name = \"r\"\n"
          "azure_tenant_id = \"t\"\nazure_client_id = \"c\"\nazure_client_secret = \"s\"\n"
          "azure_scope = \"sc\"\n"
          "[[providers]]\nname = \"p\"\ntype = \"anthropic_aws\"\naws_region = \"us-east-1\"\n"
          "aws_profile = \"work\"\nworkspace_id = \"w\"\n",
      nothing);
  const ProviderConfig& bedrock = config.providers[0];
  CHECK(bedrock.aws_region == "eu-west-1");
  CHECK(bedrock.aws_access_key_id == "AK");
  CHECK(bedrock.aws_secret_access_key.reveal() == "s");
  CHECK(bedrock.aws_session_token.reveal() == "t");
  REQUIRE(bedrock.unsupported.size() == 1);
  CHECK(bedrock.unsupported[0].fields == std::vector<std::string>{"tools[].strict"});
  CHECK(config.providers[1].gcp_credentials_file == "/f");
  CHECK(config.providers[2].azure_scope == "sc");
  CHECK(config.providers[3].workspace_id == "w");
  // What is shown is read again, secrets apart.
  const std::string shown = show_config(config);
  CHECK(shown.find("aws_secret_access_key = \"***\"") != std::string::npos);
  CHECK(shown.find("aws_session_token = \"***\"") != std::string::npos);
  CHECK(shown.find("azure_client_secret = \"***\"") != std::string::npos);
  CHECK(shown.find("fields = [\"tools[].strict\"]") != std::string::npos);
  const auto again = parse_config(shown, "shown", nothing);
  INFO((again ? std::string() : again.error().message));
  CHECK(again);
}

TEST_CASE("where a provider is may stand in the environment, as its own tools have it",
          "[config]") {
  CHECK(parsed(provider("bedrock", ""), with("AWS_REGION", "r1")).providers[0].aws_region == "r1");
  CHECK(parsed(provider("bedrock", ""), with("AWS_DEFAULT_REGION", "r2")).providers[0].aws_region ==
        "r2");
  CHECK(parsed(provider("bedrock", "aws_region = \"own\""), with("AWS_REGION", "r1"))
            .providers[0]
            .aws_region == "own");
  const auto vertex =
      parsed(provider("vertex", ""), with("GOOGLE_CLOUD_PROJECT", "p-1")).providers[0];
  CHECK(vertex.gcp_project_id == "p-1");
  CHECK(vertex.gcp_region == "global");
  CHECK(parsed(provider("vertex", "gcp_project_id = \"p\""), with("CLOUD_ML_REGION", "eu"))
            .providers[0]
            .gcp_region == "eu");
  CHECK(parsed(provider("azure", ""), with("ANTHROPIC_FOUNDRY_RESOURCE", "res"))
            .providers[0]
            .azure_resource_name == "res");
  CHECK(parsed(provider("azure", "base_url = \"http://a\""),
               with("ANTHROPIC_FOUNDRY_RESOURCE", "res"))
            .providers[0]
            .azure_resource_name.empty());
}

TEST_CASE("a key made for one service is taken from the environment, if nobody is named",
          "[config]") {
  const Environment key = with("AWS_BEARER_TOKEN_BEDROCK", "bk");
  const std::string region = "aws_region = \"r\"\n";
  const auto taken = parsed(provider("bedrock", region), key).providers[0];
  REQUIRE(taken.keys.size() == 1);
  CHECK(taken.keys[0].key.reveal() == "bk");
  CHECK(parsed(provider("bedrock", region + "aws_profile = \"p\""), key).providers[0].keys.empty());
  CHECK(parsed(provider("bedrock", region + "[[providers.keys]]\nkey = \"own\""), key)
            .providers[0]
            .keys[0]
            .key.reveal() == "own");
  CHECK(parsed(provider("anthropic", ""), key).providers[0].keys.empty());
}

TEST_CASE("what a cloud's provider lacks is said with what to do", "[config]") {
  struct Case {
    std::string toml;
    std::string said;
  };
  const Case cases[] = {
      {provider("bedrock", ""),
       "c.toml:1:1: providers[0].aws_region is missing, and type \"bedrock\" needs it; set it, or "
       "AWS_REGION or AWS_DEFAULT_REGION"},
      {provider("vertex", ""),
       "c.toml:1:1: providers[0].gcp_project_id is missing, and type \"vertex\" needs it; set it, "
       "or ANTHROPIC_VERTEX_PROJECT_ID or GOOGLE_CLOUD_PROJECT"},
      {provider("azure", ""),
       "c.toml:1:1: providers[0].azure_resource_name is missing, and type \"azure\" needs it; set "
       "it, or ANTHROPIC_FOUNDRY_RESOURCE"},
      {provider("anthropic_aws", "aws_region = \"r\""),
       "c.toml:1:1: providers[0].workspace_id is missing, and type \"anthropic_aws\" needs it; set "
       "it, or ANTHROPIC_AWS_WORKSPACE_ID"},
      {provider("anthropic", "aws_region = \"r\""),
       "c.toml:4:14: providers[0].aws_region is for type bedrock or anthropic_aws, this provider's "
       "is \"anthropic\"; remove it"},
      {provider("bedrock", "aws_region = \"r/x\""),
       "c.toml:4:14: providers[0].aws_region \"r/x\" is not a region; it is made of letters, "
       "digits "
       "and \"-\""},
      {provider("bedrock", "aws_region = \"r\"\naws_access_key_id = \"a\""),
       "c.toml:1:1: providers[0].aws_secret_access_key is missing: aws_access_key_id and "
       "aws_secret_access_key belong together"},
      {provider("azure", "azure_resource_name = \"r\"\nbase_url = \"http://a\""),
       "c.toml:4:23: providers[0].azure_resource_name and base_url say two things; remove one of "
       "them"},
      {provider("azure", "azure_resource_name = \"r\"\nazure_client_secret = \"s\""),
       "c.toml:5:23: providers[0].azure_client_secret needs azure_tenant_id and azure_client_id "
       "beside it"},
      {provider("bedrock", "aws_region = \"r\"\n[[providers.unsupported]]\nmodels = [\"m\"]"),
       "c.toml:5:1: providers[0].unsupported[0] names nothing; write betas or fields"},
      {provider("bedrock",
                "aws_region = \"r\"\n[[providers.unsupported]]\nfields = [\"messages\"]"),
       "c.toml:6:10: providers[0].unsupported[0].fields has \"messages\", which no request can do "
       "without"},
  };
  for (const auto& [toml, said] : cases) {
    CAPTURE(toml);
    CHECK(said_about(toml) == said);
  }
}
