#include <string>
#include <vector>

#include "base/base64.hpp"
#include "identity/chains.hpp"
#include "identity/scene.hpp"
#include "sign/jwt.hpp"
#include "sign/keys.hpp"
#include "sign/rsa_key.hpp"
#include "wire/json_text.hpp"
#include "wire/wall_time.hpp"

using namespace ccrelay;
using namespace ccrelay::identity;

namespace {

GoogleAccess file(const std::string& path) {
  return {path};
}

std::string service_account(const Scene& scene) {
  return R"({"type":"service_account","client_email":"me@p.example","private_key_id":"k\"1",)"
         R"("private_key":)" +
         wire::json_string(testing::rfc7515_key) + R"(,"token_uri":")" + scene.url() + "/token\"}";
}

std::string user(const Scene& scene) {
  return R"({"type":"authorized_user","client_id":"c&1","client_secret":"canary-client",)"
         R"("refresh_token":"canary-refresh","token_uri":")" +
         scene.url() + "/token\"}";
}

std::string external(const Scene& scene, const std::string& source, const std::string& more = "") {
  return R"({"type":"external_account","audience":"//aud","subject_token_type":"urn:jwt",)"
         R"("token_url":")" +
         scene.url() + R"(/exchange","credential_source":)" + source + more + "}";
}

// Of one link of the chain with this file.
std::string error_with(Scene& scene, const std::string& text) {
  const std::string path = scene.files.write("file.json", text);
  const std::string before = "configuration (gcp_credentials_file): ";
  const std::string error = scene.get(file(path)).error();
  CHECK(error.rfind(before, 0) == 0);
  std::string rest = error.substr(std::min(before.size(), error.size()));
  const auto at = rest.find(path);
  if (at != std::string::npos) rest.replace(at, path.size(), "FILE");
  return rest;
}

const std::string form_prefix =
    "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&audience=%2F%2Faud&scope="
    "https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform&requested_token_type=urn%3Aietf%3A"
    "params%3Aoauth%3Atoken-type%3Aaccess_token&subject_token_type=urn%3Ajwt&subject_token=";

}  // namespace

TEST_CASE("a service account signs for its token", "[identity]") {
  Scene scene;
  scene.reply(token_json);
  const Asker asker = scene.get(file(scene.files.write("sa.json", service_account(scene))));
  CHECK(asker.error() == "(no error)");
  CHECK(token_of(asker) == "tok-1");
  CHECK(expiry_of(asker) == scene.wall() + 1h);
  CHECK(scene.view.source == "configuration (gcp_credentials_file)");
  CHECK(scene.request(0).head.method == "POST");
  CHECK(scene.request(0).head.target == "/token");
  CHECK(scene.header(0, "content-type") == "application/x-www-form-urlencoded");
  const std::string& body = scene.request(0).body;
  const std::string before =
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
  REQUIRE(body.rfind(before, 0) == 0);
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(scene.wall().time_since_epoch()).count();
  const auto key = sign::RsaKey::from_pem(Secret(testing::rfc7515_key));
  REQUIRE(key);
  const auto wanted = sign::jwt_rs256(
      *key, R"({"alg":"RS256","typ":"JWT","kid":"k\"1"})",
      R"({"iss":"me@p.example","scope":"https://www.googleapis.com/auth/cloud-platform","aud":")" +
          scene.url() + R"(/token","iat":)" + std::to_string(seconds) +
          ",\"exp\":" + std::to_string(seconds + 3600) + "}");
  REQUIRE(wanted);
  CHECK(body.substr(before.size()) == *wanted);
}

TEST_CASE("a user's refresh token is exchanged", "[identity]") {
  Scene scene;
  scene.reply(R"({"access_token":"tok-2","expires_in":"3599"})");
  const Asker asker = scene.get(file(scene.files.write("user.json", user(scene))));
  CHECK(token_of(asker) == "tok-2");
  CHECK(expiry_of(asker) == scene.wall() + 3599s);
  CHECK(scene.request(0).body ==
        "grant_type=refresh_token&client_id=c%261&client_secret=canary-client&refresh_token="
        "canary-refresh");
}

TEST_CASE("what Google refuses is told in its words, without secrets", "[identity]") {
  Scene scene;
  const std::string path = scene.files.write("user.json", user(scene));
  scene.reply(R"({"error":"invalid_grant","error_description":"canary-refresh has been revoked"})",
              400);
  CHECK(scene.get(file(path)).error() ==
        "configuration (gcp_credentials_file): Google's token service (POST " + scene.url() +
            "/token) answered 400: invalid_grant: *** has been revoked; `gcloud auth "
            "application-default login` signs in again");
}

TEST_CASE("a token answer that makes no sense is refused and not shown", "[identity]") {
  Scene scene;
  const std::string text = user(scene);
  const std::string before =
      "Google's token service (POST " + scene.url() + "/token) answered 200 ";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"canary", "with something that is not a JSON object: at byte 0: '{' is expected"},
      {"{\"access_token\":7,\"expires_in\":1}", "without an access_token"},
      {"{\"access_token\":\"canary\"}", "without saying when the token expires (expires_in)"},
      {"{\"access_token\":\"canary\",\"expires_in\":\"soon\"}",
       "without saying when the token expires (expires_in)"},
      {std::string(66000, ' '), "with more than 65536 bytes, which no credentials have"},
  };
  for (const auto& [body, words] : cases) {
    scene.reply(body);
    CHECK(error_with(scene, text) == before + words);
  }
  scene.reply(R"({"access_token":"canary","expires_in":0})");
  CHECK(error_with(scene, text) ==
        "the credentials were out of date when they came; is this machine's clock right?");
  scene.reply(R"({"access_token":"t","expires_in":9000000000000000000})");
  CHECK(expiry_of(scene.get(file(scene.files.write("u.json", text)))) == scene.wall() + 24h * 366);
}

TEST_CASE("files that cannot be used are told in words", "[identity]") {
  Scene scene;
  CHECK(error_with(scene, "canary") == "FILE is not a JSON object: at byte 0: '{' is expected");
  CHECK(error_with(scene, "{}") == "FILE holds no \"type\"");
  CHECK(error_with(scene, R"({"type":"impersonated_service_account"})") ==
        "FILE is of type \"impersonated_service_account\"; known are service_account, "
        "authorized_user and external_account");
  CHECK(error_with(scene, R"({"type":"canary\n"})") ==
        "FILE is of an odd type; known are service_account, authorized_user and external_account");
  CHECK(error_with(scene, R"({"type":"service_account"})") == "FILE holds no \"client_email\"");
  CHECK(error_with(scene, R"({"type":"service_account","client_email":"e"})") ==
        "FILE holds no \"private_key\"");
  CHECK(error_with(scene, R"({"type":"service_account","client_email":"e","private_key":"canary"})")
            .rfind("FILE: private_key: ", 0) == 0);
  CHECK(scene.view.last_error.find("canary") == std::string::npos);
  CHECK(error_with(scene, R"({"type":"authorized_user","client_id":"c","client_secret":"s"})") ==
        "FILE holds no \"refresh_token\"");
  CHECK(error_with(scene, R"({"type":"external_account"})") == "FILE holds no \"audience\"");
  CHECK(error_with(scene, R"({"type":"external_account","audience":"a"})") ==
        "FILE holds no \"subject_token_type\"");
  CHECK(
      error_with(scene, R"({"type":"external_account","audience":"a","subject_token_type":"t"})") ==
      "FILE holds no \"credential_source\"");
  CHECK(scene.get(file("/no/such.json")).error() ==
        "configuration (gcp_credentials_file): cannot read /no/such.json: No such file or "
        "directory");
}

TEST_CASE("Google's secrets go over https, or to this machine", "[identity]") {
  Scene scene;
  CHECK(error_with(scene,
                   R"({"type":"authorized_user","client_id":"c","client_secret":"canary",)"
                   R"("refresh_token":"canary","token_uri":"http://token.example/t?canary"})") ==
        "Google's token service (POST http://token.example/t) is not asked: secrets would go over "
        "plain http; use https");
}

TEST_CASE("Google's places are tried in the order of its own tools", "[identity]") {
  Scene scene;
  scene.service.respond_with([](const RecordedRequest& request) {
    if (request.head.target.rfind("/computeMetadata", 0) == 0)
      return Script::reply(200, "application/json", R"({"access_token":"meta","expires_in":600})",
                           {{"Metadata-Flavor", "Google"}});
    const bool is = request.body.find("client_id=env") != std::string::npos;
    const bool other = request.body.find("client_id=other") != std::string::npos;
    return Script::reply(200, "application/json",
                         std::string(R"({"expires_in":600,"access_token":")") +
                             (is      ? "env"
                              : other ? "other"
                                      : "default") +
                             "\"}");
  });
  scene.variables.erase("NO_GCE_CHECK");
  scene.variables["GCE_METADATA_HOST"] = scene.url().substr(7);
  const auto user_file = [&](const std::string& path, const std::string& id) {
    return scene.files.write(
        path, R"({"type":"authorized_user","client_secret":"s","refresh_token":"r","client_id":")" +
                  id + R"(","token_uri":")" + scene.url() + "\"}");
  };
  scene.variables["GOOGLE_APPLICATION_CREDENTIALS"] = user_file("e.json", "env");
  user_file(".config/gcloud/application_default_credentials.json", "default");
  user_file("cloudsdk/application_default_credentials.json", "other");
  const auto next = [&](const char* token, const char* source) {
    const Asker asker = scene.get(GoogleAccess{});
    CHECK(asker.error() == "(no error)");
    CHECK(token_of(asker) == token);
    CHECK(scene.view.source == source);
  };
  next("env", "file (GOOGLE_APPLICATION_CREDENTIALS)");
  scene.variables.erase("GOOGLE_APPLICATION_CREDENTIALS");
  next("default", "gcloud's default file");
  scene.variables["CLOUDSDK_CONFIG"] = scene.files.path() + "/cloudsdk";
  next("other", "gcloud's default file");
  scene.variables["CLOUDSDK_CONFIG"] = scene.files.path() + "/none";
  next("meta", "Google metadata");
  scene.variables["NO_GCE_CHECK"] = "true";
  CHECK(scene.get(GoogleAccess{}).error() ==
        "the metadata server is not asked (NO_GCE_CHECK), and no other Google credentials are "
        "configured: set gcp_credentials_file of the provider or GOOGLE_APPLICATION_CREDENTIALS, "
        "or sign in with `gcloud auth application-default login`");
}

TEST_CASE("a file that is configured and fails ends the chain", "[identity]") {
  Scene scene;
  scene.variables.erase("NO_GCE_CHECK");
  scene.variables["GCE_METADATA_HOST"] = scene.url().substr(7);
  scene.variables["GOOGLE_APPLICATION_CREDENTIALS"] = "/no/such.json";
  CHECK(scene.get(GoogleAccess{}).error() ==
        "file (GOOGLE_APPLICATION_CREDENTIALS): cannot read /no/such.json: No such file or "
        "directory");
  CHECK(scene.service.requests().empty());
}

TEST_CASE("the metadata server says that it is Google's", "[identity]") {
  Scene scene;
  scene.variables.erase("NO_GCE_CHECK");
  scene.variables["GCE_METADATA_HOST"] = scene.url().substr(7);
  scene.service.enqueue(
      Script::reply(200, "application/json", token_json, {{"Metadata-Flavor", "Google"}}));
  CHECK(token_of(scene.get(GoogleAccess{})) == "tok-1");
  CHECK(scene.header(0, "metadata-flavor") == "Google");
  CHECK(scene.request(0).head.target ==
        "/computeMetadata/v1/instance/service-accounts/default/token?scopes=https%3A%2F%2Fwww."
        "googleapis.com%2Fauth%2Fcloud-platform");
  const std::string who = "Google metadata: Google's metadata server (GET " + scene.url() +
                          "/computeMetadata/v1/instance/service-accounts/default/token) answered ";
  const std::string after =
      "; no other Google credentials are configured: set gcp_credentials_file of the provider or "
      "GOOGLE_APPLICATION_CREDENTIALS, or sign in with `gcloud auth application-default login`";
  scene.reply(token_json);
  CHECK(scene.get(GoogleAccess{}).error() ==
        who + "200 without the header Metadata-Flavor: Google: this is something else" + after);
  scene.reply("no such account", 404);
  CHECK(scene.get(GoogleAccess{}).error() ==
        who + "404; does the instance have a service account?" + after);
}

// ---- Workload identity federation

TEST_CASE("a subject token in a file is exchanged", "[identity]") {
  Scene scene;
  scene.files.write("text", " sub.ject\n");
  scene.files.write("json", R"({"a":"sub-2"})");
  scene.reply(token_json);
  const std::string text = external(scene, R"({"file":"~/text"})");
  CHECK(token_of(scene.get(file(scene.files.write("e1.json", text)))) == "tok-1");
  CHECK(scene.request(0).head.target == "/exchange");
  CHECK(scene.request(0).body == form_prefix + "sub.ject");
  CHECK(scene.header(0, "authorization") == "(none)");
  scene.reply(token_json);
  const std::string json = external(
      scene, R"({"file":"~/json","format":{"type":"json","subject_token_field_name":"a"}})",
      R"(,"client_id":"id","client_secret":"canary")");
  CHECK(token_of(scene.get(file(scene.files.write("e2.json", json)))) == "tok-1");
  CHECK(scene.request(1).body == form_prefix + "sub-2");
  CHECK(scene.header(1, "authorization") == "Basic " + base::base64_encoded("id:canary"));
  scene.reply(token_json);
  const std::string pool =
      external(scene, R"({"file":"~/text"})", R"(,"workforce_pool_user_project":"p1")");
  CHECK(token_of(scene.get(file(scene.files.write("e3.json", pool)))) == "tok-1");
  CHECK(scene.request(2).body ==
        form_prefix + "sub.ject&options=%7B%22userProject%22%3A%22p1%22%7D");
}

TEST_CASE("a subject token from an address is exchanged, and that for a service account's",
          "[identity]") {
  Scene scene;
  const std::string text =
      external(scene,
               R"({"url":")" + scene.url() +
                   R"(/subject?x=1","headers":{"X-Key":"canary-key"},"format":{"type":"json",)"
                   R"("subject_token_field_name":"id"}})",
               R"(,"service_account_impersonation_url":")" + scene.url() +
                   R"(/sa:generateAccessToken","service_account_impersonation":)"
                   R"({"token_lifetime_seconds":1200})");
  const std::string path = scene.files.write("e.json", text);
  scene.reply(R"({"id":"subject"})");
  scene.reply(token_json);
  scene.reply(R"({"accessToken":"tok-sa","expireTime":"2026-01-01T02:00:00Z"})");
  const Asker asker = scene.get(file(path));
  CHECK(asker.error() == "(no error)");
  CHECK(token_of(asker) == "tok-sa");
  CHECK(expiry_of(asker) == wire::parse_rfc3339(at_two));
  CHECK(scene.request(0).head.target == "/subject?x=1");
  CHECK(scene.header(0, "x-key") == "canary-key");
  CHECK(scene.request(1).body == form_prefix + "subject");
  CHECK(scene.request(2).head.target == "/sa:generateAccessToken");
  CHECK(scene.header(2, "authorization") == "Bearer tok-1");
  CHECK(scene.request(2).body ==
        R"({"scope":["https://www.googleapis.com/auth/cloud-platform"],"lifetime":"1200s"})");
}

TEST_CASE("each step of a federation may fail, and tells no secret", "[identity]") {
  Scene scene;
  const std::string text = external(
      scene, R"({"url":")" + scene.url() + R"(/subject","headers":{"X-Key":"canary-key"}})",
      R"(,"service_account_impersonation_url":")" + scene.url() + "/sa\"");
  scene.reply(R"({"message":"canary-key is wrong"})", 401);
  CHECK(error_with(scene, text) == "the source of the subject token (GET " + scene.url() +
                                       "/subject) answered 401: *** is wrong");
  scene.reply(" ");
  CHECK(error_with(scene, text) ==
        "the source of the subject token (GET " + scene.url() +
            "/subject) answered 200 with no subject token: it is empty, and should hold a token");
  scene.reply("canary-subject");
  scene.reply(R"({"error":"invalid_request","error_description":"canary-subject is bad"})", 400);
  CHECK(error_with(scene, text) ==
        "Google's token exchange (POST " + scene.url() +
            "/exchange) answered 400: invalid_request: *** is bad; does the identity pool accept "
            "this subject token?");
  scene.reply("canary-subject");
  scene.reply(R"({"access_token":"canary-token","expires_in":60})");
  scene.reply(R"({"error":{"code":403,"message":"canary-token","status":"PERMISSION_DENIED"}})",
              403);
  CHECK(error_with(scene, text) ==
        "Google's service account credentials service (POST " + scene.url() +
            "/sa) answered 403: PERMISSION_DENIED: ***; may the federated identity create tokens "
            "for the service account?");
  scene.reply("s");
  scene.reply(token_json);
  scene.reply(R"({"accessToken":"canary"})");
  CHECK(error_with(scene, text) ==
        "Google's service account credentials service (POST " + scene.url() +
            "/sa) answered 200 without saying when the token expires (expireTime)");
}

TEST_CASE("sources of subject tokens that are not known are refused in words", "[identity]") {
  Scene scene;
  for (const char* other : {"environment_id", "executable", "certificate"}) {
    CHECK(error_with(scene, external(scene, std::string("{\"") + other + "\":\"x\"}")) ==
          std::string("FILE: credential_source has \"") + other +
              "\"; subject tokens are read from a \"file\" or a \"url\"");
  }
  CHECK(error_with(scene, external(scene, "{}")) ==
        "FILE: credential_source has neither a \"file\" nor a \"url\"");
  CHECK(error_with(scene, external(scene, R"({"format":{"type":"json"}})")) ==
        "FILE: credential_source.format has no \"subject_token_field_name\"");
  scene.files.write("bad", "{}");
  CHECK(error_with(scene, external(scene, R"({"file":"~/bad","format":{"type":"json",)"
                                          R"("subject_token_field_name":"t"}})")) ==
        "no subject token in " + scene.files.path() + "/bad: it has no \"t\"");
  CHECK(error_with(scene, external(scene, R"({"url":"http://subject.example/"})")) ==
        "the source of the subject token (GET http://subject.example/) is not asked: secrets would "
        "go over plain http; use https");
}
