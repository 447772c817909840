#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/scratch_directory.hpp"
#include "scenario/clouds.hpp"
#include "scenario/seen.hpp"
#include "scenario/translate_stage.hpp"
#include "sign/keys.hpp"
#include "wire/json_text.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::seconds;

// Clients of all dialects at OpenAI's models in Azure and Google's in its own cloud, whom the relay
// asks with an identity of its own instead of a key.

namespace {

/// A provider of a cloud's, and the service that gives out tokens for it.
struct Cloudy : RelayFixture {
  explicit Cloudy(const std::string& type)
      : tokens(harness.loop()),
        vendor(type == "gemini_vertex" ? Speech::gemini : Speech::responses, "v") {
    provider = &add_provider("v");
    ProviderConfig& entry = config.providers[0];
    entry.type = type;
    entry.keys.clear();
    if (type == "gemini_vertex") {
      entry.gcp_project_id = "my-project";
      entry.gcp_region = "global";
      entry.model_mapping = {{"*", "gemini-3-real"}};
    } else {
      entry.base_url += "/openai/v1";
      entry.api = "responses";
      entry.model_mapping = {{"*", "gpt-real"}};
    }
    environment.set("AWS_EC2_METADATA_DISABLED", "true");
    environment.set("HOME", scratch.path());
    options.environment = environment.lookup();
    int number = 0;
    tokens.respond_with([number](const RecordedRequest&) mutable {
      return Script::reply(200, "application/json",
                           R"({"access_token":"token-)" + std::to_string(++number) +
                               R"(","token_type":"Bearer","expires_in":3600})",
                           {{"metadata-flavor", "Google"}});
    });
    provider->respond_with([this](const RecordedRequest& request) {
      // Google's paths have the project in front; the vendor knows its public ones.
      std::string target = request.head.target;
      const auto models = target.find("/publishers/google/models/");
      if (models != std::string::npos) target = "/v1beta/models/" + target.substr(models + 26);
      return script_of(vendor.answer(target, request.body));
    });
    vendor.will_say(saying("found"));
  }

  Said ask(Speech client, bool stream = true) {
    Agent agent(client, stream);
    agent.ask("x");
    last = RelayFixture::ask(
        post(agent.body(), "Authorization: Bearer client-canary\r\n", agent.target()));
    return agent.hear(last.status, last.headers.get("content-type").value_or(""), last.body);
  }
  std::string bearer(std::size_t request) const {
    return std::string(
        provider->requests().at(request).head.headers.get("authorization").value_or("-"));
  }

  test::ScratchDirectory scratch;
  FakeEnvironment environment;
  FakeProvider tokens;
  FakeProvider* provider;
  Vendor vendor;
  Answer last;
};

struct Source {
  const char* type;
  const char* what;
  std::function<void(Cloudy&)> set;
  const char* asked;  // the token service's path begins so
  const char* body;   // and a part of what it is told
};

std::string google_file(const Cloudy& f, const std::string& members) {
  return "{" + members + R"(,"token_uri":")" + f.tokens.url() + "/token\"}";
}

const Source sources[] = {
    {"azure_openai", "a client secret of the configuration",
     [](Cloudy& f) {
       f.environment.set("AZURE_AUTHORITY_HOST", f.tokens.url());
       ProviderConfig& entry = f.config.providers[0];
       entry.azure_tenant_id = "tenant";
       entry.azure_client_id = "client";
       entry.azure_client_secret = Secret("secret-canary");
     },
     "/tenant/oauth2/v2.0/token", "scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default"},
    {"azure_openai", "a client secret of the environment",
     [](Cloudy& f) {
       f.environment.set("AZURE_AUTHORITY_HOST", f.tokens.url());
       f.environment.set("AZURE_TENANT_ID", "tenant");
       f.environment.set("AZURE_CLIENT_ID", "client");
       f.environment.set("AZURE_CLIENT_SECRET", "secret-canary");
     },
     "/tenant/oauth2/v2.0/token", "client_secret=secret-canary"},
    {"azure_openai", "a workload identity",
     [](Cloudy& f) {
       f.environment.set("AZURE_AUTHORITY_HOST", f.tokens.url());
       f.environment.set("AZURE_TENANT_ID", "tenant");
       f.environment.set("AZURE_CLIENT_ID", "client");
       f.environment.set("AZURE_FEDERATED_TOKEN_FILE", f.scratch.write("token", "kube-canary"));
     },
     "/tenant/oauth2/v2.0/token", "client_assertion=kube-canary"},
    {"azure_openai", "an app's managed identity",
     [](Cloudy& f) {
       f.environment.set("IDENTITY_ENDPOINT", f.tokens.url() + "/msi/token");
       f.environment.set("IDENTITY_HEADER", "header-canary");
     },
     "/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fcognitiveservices.azure.com", ""},
    {"azure_openai", "a machine's managed identity",
     [](Cloudy& f) { f.environment.set("AZURE_POD_IDENTITY_AUTHORITY_HOST", f.tokens.url()); },
     "/metadata/identity/oauth2/token?api-version=2018-02-01", ""},
    {"gemini_vertex", "a service account of the configuration",
     [](Cloudy& f) {
       f.config.providers[0].gcp_credentials_file = f.scratch.write(
           "google.json",
           google_file(f, R"("type":"service_account","client_email":"me@p.example",)"
                          R"("private_key_id":"k","private_key":)" +
                              wire::json_string(rfc7515_key)));
     },
     "/token", "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"},
    {"gemini_vertex", "application default credentials",
     [](Cloudy& f) {
       f.environment.set(
           "GOOGLE_APPLICATION_CREDENTIALS",
           f.scratch.write("google.json",
                           google_file(f, R"("type":"authorized_user","client_id":"id",)"
                                          R"("client_secret":"secret-canary",)"
                                          R"("refresh_token":"refresh-canary")")));
     },
     "/token", "refresh_token=refresh-canary"},
    {"gemini_vertex", "the metadata server",
     [](Cloudy& f) { f.environment.set("GCE_METADATA_HOST", f.tokens.url().substr(7)); },
     "/computeMetadata/v1/instance/service-accounts/default/token", ""},
};

std::string refused_by(const std::string& type) {
  return type == "gemini_vertex"
             ? R"({"error":{"code":401,"message":"Request had invalid authentication )"
               R"(credentials.","status":"UNAUTHENTICATED"}})"
             : R"({"error":{"code":"401","message":"Unauthorized. Access token is missing, )"
               R"(invalid, audience is incorrect, or have expired."}})";
}

}  // namespace

TEST_CASE("an identity of a cloud's asks its models for clients of every dialect",
          "[scenario][translate]") {
  for (const Source& source : sources) {
    INFO(source.type << " with " << source.what);
    Cloudy f(source.type);
    source.set(f);
    f.start();
    for (const Speech client : all_speeches) {
      for (const bool stream : {false, true}) {
        INFO(to_string(client) << (stream ? ", streamed" : ""));
        CHECK(line_of(f.ask(client, stream)) == line_of(saying("found")));
      }
    }
    INFO(f.last.body << (f.vendor.refusals().empty() ? "" : f.vendor.refusals().back()));
    // One token for all.
    REQUIRE(f.tokens.requests().size() == 1);
    CHECK(f.tokens.requests()[0].head.target.rfind(source.asked, 0) == 0);
    CHECK(has(f.tokens.requests()[0].body, source.body));
    REQUIRE(f.provider->requests().size() == 8);
    for (const RecordedRequest& request : f.provider->requests()) {
      CHECK(request.head.headers.get("authorization") == "Bearer token-1");
      for (const char* key : {"api-key", "x-goog-api-key", "x-api-key"})
        CHECK_FALSE(request.head.headers.contains(key));
    }
    CHECK_FALSE(has(received(*f.provider) + observed(f.observer) + log_lines(f.observer) +
                        f.RelayFixture::ask(RelayFixture::get("/v1/providers")).body,
                    "canary"));
    // Before its end a new one is fetched.
    f.harness.advance(seconds(3590));
    f.ask(Speech::anthropic);
    f.until([&] { return f.tokens.requests().size() == 2; });
    f.harness.settle();
    f.ask(Speech::anthropic);
    CHECK(f.bearer(f.provider->requests().size() - 1) == "Bearer token-2");
  }
}

TEST_CASE("an identity's token that is refused is fetched anew, once, for every client",
          "[scenario][translate]") {
  for (const Source& source : {sources[0], sources[4], sources[6], sources[7]}) {
    for (const Speech client : all_speeches) {
      INFO(source.type << " with " << source.what << " for " << to_string(client));
      Cloudy f(source.type);
      source.set(f);
      f.provider->enqueue(Script::reply(401, "application/json", refused_by(source.type)));
      f.start();
      CHECK(line_of(f.ask(client)) == line_of(saying("found")));
      CHECK(tries(f.finished()) == "v:key_refused v:success");
      CHECK(f.bearer(1) == "Bearer token-2");
      // Not again at once.
      f.provider->enqueue(Script::reply(401, "application/json", refused_by(source.type)));
      const Said refused = f.ask(client);
      CHECK(refused.error.substr(0, 3) == "403");
      CHECK(has(refused.error, "refused the relay's identity"));
      CHECK(f.tokens.requests().size() == 2);
    }
  }
}

TEST_CASE("a token service that refuses is told each client in its dialect",
          "[scenario][translate]") {
  for (const Source& source : {sources[0], sources[6]}) {
    for (const Speech client : all_speeches) {
      INFO(source.type << " for " << to_string(client));
      Cloudy f(source.type);
      source.set(f);
      f.tokens.enqueue(Script::reply(400, "application/json",
                                     R"({"error":"invalid_client","error_description":"no"})"));
      f.start();
      const Said said = f.ask(client);
      CHECK(said.error.substr(0, 3) == "403");
      CHECK(has(said.error, "invalid_client"));
      CHECK_FALSE(has(said.error, "canary"));
      CHECK(f.provider->requests().empty());
    }
  }
}
