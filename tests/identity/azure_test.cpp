#include <string>

#include "identity/chains.hpp"
#include "identity/scene.hpp"

using namespace ccrelay;
using namespace ccrelay::identity;

namespace {

const AzureAccess configured{"ten/ant", "client", Secret("canary-secret")};
const std::string scope = "https%3A%2F%2Fcognitiveservices.azure.com%2F.default";

Ask managed(const Scene& scene, const AzureAccess& access = {}) {
  Step step = azure_chain(access, scene.env()).links.at(2).begin({});
  REQUIRE(std::holds_alternative<Ask>(step.kind));
  return std::get<Ask>(step.kind);
}

}  // namespace

TEST_CASE("a client secret of the configuration is exchanged at Entra", "[identity]") {
  Scene scene;
  scene.variables["AZURE_AUTHORITY_HOST"] = scene.url() + "/";
  scene.variables["AZURE_CLIENT_SECRET"] = "not this";
  scene.reply(token_json);
  const Asker asker = scene.get(configured);
  CHECK(asker.error() == "(no error)");
  CHECK(token_of(asker) == "tok-1");
  CHECK(expiry_of(asker) == scene.wall() + 1h);
  CHECK(scene.view.source == "configuration (azure_client_secret)");
  CHECK(scene.request(0).head.method == "POST");
  CHECK(scene.request(0).head.target == "/ten%2Fant/oauth2/v2.0/token");
  CHECK(scene.header(0, "content-type") == "application/x-www-form-urlencoded");
  CHECK(scene.request(0).body == "client_secret=canary-secret&client_id=client&scope=" + scope +
                                     "&grant_type=client_credentials");
  AzureAccess other = configured;
  other.scope = "api://x/.default";
  scene.reply(token_json);
  CHECK(scene.get(other).good());
  CHECK(scene.request(1).body.find("scope=api%3A%2F%2Fx%2F.default") != std::string::npos);
}

TEST_CASE("what Entra refuses is told in its words, without the secret", "[identity]") {
  Scene scene;
  scene.variables["AZURE_AUTHORITY_HOST"] = scene.url();
  scene.reply(
      R"({"error":"invalid_client","error_description":"AADSTS7000215: canary-secret\r\nTrace"})",
      401);
  CHECK(scene.get(configured).error() ==
        "configuration (azure_client_secret): Entra (POST " + scene.url() +
            "/ten%2Fant/oauth2/v2.0/token) answered 401: invalid_client: AADSTS7000215: ***  "
            "Trace");
}

TEST_CASE("Entra is asked over https, where the environment says", "[identity]") {
  Scene scene;
  const auto url = [&] {
    return std::get<Ask>(azure_chain(configured, scene.env()).links.at(0).begin({}).kind).url;
  };
  CHECK(url() == "https://login.microsoftonline.com/ten%2Fant/oauth2/v2.0/token");
  scene.variables["AZURE_AUTHORITY_HOST"] = "login.microsoftonline.us";
  CHECK(url() == "https://login.microsoftonline.us/ten%2Fant/oauth2/v2.0/token");
  scene.variables["AZURE_AUTHORITY_HOST"] = "http://login.example";
  CHECK(scene.get(configured).error() ==
        "configuration (azure_client_secret): Entra (POST "
        "http://login.example/ten%2Fant/oauth2/v2.0/token) is not asked: secrets would go over "
        "plain http; use https");
}

TEST_CASE("Azure's places are tried in the order of its own tools", "[identity]") {
  Scene scene;
  scene.variables["AZURE_AUTHORITY_HOST"] = scene.url();
  scene.variables["AZURE_TENANT_ID"] = "t";
  scene.variables["AZURE_CLIENT_ID"] = "c";
  scene.variables["AZURE_CLIENT_SECRET"] = "s";
  scene.variables["AZURE_FEDERATED_TOKEN_FILE"] = scene.files.write("jwt", "a.b.c\n");
  scene.variables["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = scene.url();
  const auto next = [&](const char* source) {
    scene.reply(token_json);
    CHECK(scene.get(AzureAccess{}).error() == "(no error)");
    CHECK(scene.view.source == source);
    return scene.service.requests().back();
  };
  CHECK(next("environment (AZURE_CLIENT_SECRET)").body ==
        "client_secret=s&client_id=c&scope=" + scope + "&grant_type=client_credentials");
  scene.variables.erase("AZURE_CLIENT_SECRET");
  const auto workload = next("workload identity (AZURE_FEDERATED_TOKEN_FILE)");
  CHECK(workload.head.target == "/t/oauth2/v2.0/token");
  CHECK(workload.body ==
        "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&"
        "client_assertion=a.b.c&client_id=c&scope=" +
            scope + "&grant_type=client_credentials");
  scene.variables.erase("AZURE_FEDERATED_TOKEN_FILE");
  const auto machine = next("managed identity");
  CHECK(machine.head.method == "GET");
  CHECK(machine.head.target ==
        "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2F"
        "cognitiveservices.azure.com&client_id=c");
  CHECK(machine.head.headers.get("metadata") == "true");
}

TEST_CASE("an application that lacks a part is a mistake, and nothing else is tried",
          "[identity]") {
  Scene scene;
  scene.variables["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = scene.url();
  CHECK(scene.get(AzureAccess{"", "c", Secret("s")}).error() ==
        "configuration (azure_client_secret): azure_client_secret is set, but not a tenant "
        "(azure_tenant_id or AZURE_TENANT_ID)");
  CHECK(scene.get(AzureAccess{"t", "", Secret("s")}).error() ==
        "configuration (azure_client_secret): azure_client_secret is set, but not a client "
        "(azure_client_id or AZURE_CLIENT_ID)");
  scene.variables["AZURE_CLIENT_SECRET"] = "s";
  CHECK(scene.get(AzureAccess{}).error() ==
        "environment (AZURE_CLIENT_SECRET): AZURE_CLIENT_SECRET is set, but not a tenant "
        "(azure_tenant_id or AZURE_TENANT_ID)");
  scene.variables.erase("AZURE_CLIENT_SECRET");
  scene.variables["AZURE_TENANT_ID"] = "t";
  scene.variables["AZURE_FEDERATED_TOKEN_FILE"] = "/no/such";
  CHECK(scene.get(AzureAccess{}).error() ==
        "workload identity (AZURE_FEDERATED_TOKEN_FILE): AZURE_FEDERATED_TOKEN_FILE is set, but "
        "not a client (azure_client_id or AZURE_CLIENT_ID)");
  scene.variables["AZURE_CLIENT_ID"] = "c";
  CHECK(scene.get(AzureAccess{}).error() ==
        "workload identity (AZURE_FEDERATED_TOKEN_FILE): cannot read /no/such: No such file or "
        "directory");
  scene.variables["AZURE_CLIENT_CERTIFICATE_PATH"] = "/c.pem";
  CHECK(scene.get(AzureAccess{}).error() ==
        "environment (AZURE_CLIENT_SECRET): AZURE_CLIENT_CERTIFICATE_PATH is set; signing in with "
        "a certificate is not supported: set AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE");
  CHECK(scene.service.requests().empty());
}

TEST_CASE("App Service gives a token against its header", "[identity]") {
  Scene scene;
  scene.variables["IDENTITY_ENDPOINT"] = scene.url() + "/msi/token";
  scene.variables["IDENTITY_HEADER"] = "canary-header";
  scene.reply(R"({"access_token":"tok-app","expires_on":"1767232800","resource":"r"})");
  const Asker asker = scene.get(AzureAccess{});
  CHECK(asker.error() == "(no error)");
  CHECK(token_of(asker) == "tok-app");
  CHECK(expiry_of(asker) == WallTime(1767232800s));
  CHECK(scene.request(0).head.target ==
        "/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fcognitiveservices.azure.com");
  CHECK(scene.header(0, "x-identity-header") == "canary-header");
  scene.reply(R"({"statusCode":400,"message":"no identity for canary-header"})", 400);
  CHECK(scene.get(AzureAccess{}).error() ==
        "managed identity: Azure's managed identity service (GET " + scene.url() +
            "/msi/token) answered 400: no identity for ***; does this machine or app have a "
            "managed identity?; no other Azure credentials are configured: set azure_tenant_id, "
            "azure_client_id and azure_client_secret of the provider, or AZURE_TENANT_ID, "
            "AZURE_CLIENT_ID and AZURE_CLIENT_SECRET in the environment");
}

TEST_CASE("App Service's header goes to this machine or its link alone", "[identity]") {
  Scene scene;
  scene.variables["IDENTITY_HEADER"] = "canary-header";
  scene.variables["IDENTITY_ENDPOINT"] = "http://169.254.130.4:8081/msi/token";
  CHECK(managed(scene).plain == Plain::link_local);
  scene.variables["IDENTITY_ENDPOINT"] = "http://elsewhere.example/msi/token";
  const std::string error = scene.get(AzureAccess{}).error();
  CHECK(error.rfind("managed identity: Azure's managed identity service (GET "
                    "http://elsewhere.example/msi/token) is not asked: secrets would go over plain "
                    "http; use https",
                    0) == 0);
  scene.variables.erase("IDENTITY_HEADER");
  CHECK(scene.get(AzureAccess{})
            .error()
            .rfind("managed identity: IDENTITY_ENDPOINT is set and IDENTITY_HEADER is not", 0) ==
        0);
}

TEST_CASE("ways of Azure that are not known are refused in words", "[identity]") {
  Scene scene;
  scene.variables["IDENTITY_ENDPOINT"] = scene.url();
  scene.variables["IMDS_ENDPOINT"] = "http://localhost:40342";
  CHECK(
      scene.get(AzureAccess{})
          .error()
          .rfind(
              "managed identity: IMDS_ENDPOINT is set, as Azure Arc does it; its way of giving out "
              "tokens is not supported: set azure_tenant_id",
              0) == 0);
  scene.variables.erase("IMDS_ENDPOINT");
  scene.variables["IDENTITY_HEADER"] = "h";
  scene.variables["IDENTITY_SERVER_THUMBPRINT"] = "x";
  CHECK(
      scene.get(AzureAccess{})
          .error()
          .rfind(
              "managed identity: IDENTITY_SERVER_THUMBPRINT is set, as Service Fabric does it; its "
              "way of giving out tokens is not supported: set azure_tenant_id",
              0) == 0);
  CHECK(scene.service.requests().empty());
}

TEST_CASE("a machine's identity is asked for where Azure has it", "[identity]") {
  Scene scene;
  CHECK(managed(scene).url ==
        "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource="
        "https%3A%2F%2Fcognitiveservices.azure.com");
  AzureAccess access;
  access.client_id = "mine";
  access.scope = "https://ai.azure.com/.default";
  CHECK(managed(scene, access).url.find("resource=https%3A%2F%2Fai.azure.com&client_id=mine") !=
        std::string::npos);
  scene.variables["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = scene.url();
  scene.reply(R"({"access_token":"tok-vm","expires_in":"86399","expires_on":"9"})");
  const Asker asker = scene.get(AzureAccess{});
  CHECK(token_of(asker) == "tok-vm");
  CHECK(expiry_of(asker) == scene.wall() + 86399s);
}
