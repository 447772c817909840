#include <string>
#include <vector>

#include "identity/chains.hpp"
#include "identity/scene.hpp"
#include "wire/wall_time.hpp"

using namespace ccrelay;
using namespace ccrelay::identity;

namespace {

const AwsAccess plain{"eu-west-1", "", {}, {}, ""};

void container_at(Scene& scene) {
  scene.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = scene.url() + "/v1/credentials";
}

void metadata_at(Scene& scene) {
  scene.variables.erase("AWS_EC2_METADATA_DISABLED");
  scene.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = scene.url() + "/";
}

Ask first_ask(const Chain& chain, std::size_t link) {
  Step step = chain.links.at(link).begin({});
  REQUIRE(std::holds_alternative<Ask>(step.kind));
  return std::get<Ask>(step.kind);
}

}  // namespace

TEST_CASE("keys of the configuration are there at once and go before everything", "[identity]") {
  Scene scene;
  scene.variables["AWS_ACCESS_KEY_ID"] = "AKIAENV";
  scene.variables["AWS_SECRET_ACCESS_KEY"] = "env";
  const auto vault = scene.open(AwsAccess{"", "AKIACONF", Secret("conf"), Secret("session"), ""});
  Asker asker;
  asker.ask(*vault, scene.desk);
  REQUIRE(asker.good());
  CHECK(aws_of(asker).access_key_id == "AKIACONF");
  CHECK(aws_of(asker).secret_access_key.reveal() == "conf");
  CHECK(aws_of(asker).session_token.reveal() == "session");
  CHECK_FALSE(aws_of(asker).expiry);
  CHECK(vault->view(scene.harness.clock()).source == "configuration (aws_access_key_id)");
}

TEST_CASE("half a pair of keys is a mistake", "[identity]") {
  Scene scene;
  CHECK(scene.get(AwsAccess{"", "AKIA", {}, {}, ""}).error() ==
        "configuration (aws_access_key_id): aws_access_key_id is set and aws_secret_access_key is "
        "not");
  CHECK(scene.get(AwsAccess{"", "", Secret("s"), {}, ""}).error() ==
        "configuration (aws_access_key_id): aws_secret_access_key is set and aws_access_key_id is "
        "not");
  scene.variables["AWS_ACCESS_KEY_ID"] = "AKIA";
  CHECK(scene.get(AwsAccess{}).error() ==
        "environment (AWS_ACCESS_KEY_ID): AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is "
        "not");
  scene.variables = {{"AWS_SECRET_ACCESS_KEY", "s"}};
  CHECK(scene.get(AwsAccess{}).error() ==
        "environment (AWS_ACCESS_KEY_ID): AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is "
        "not");
}

TEST_CASE("AWS's places are tried in the order of its own tools", "[identity]") {
  Scene scene;
  container_at(scene);
  metadata_at(scene);
  scene.variables["AWS_ENDPOINT_URL_STS"] = scene.url();
  scene.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = scene.files.write("jwt", "j");
  scene.variables["AWS_ROLE_ARN"] = "arn:r";
  scene.files.write(".aws/credentials",
                    "[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n");
  scene.variables["AWS_ACCESS_KEY_ID"] = "ENV";
  scene.variables["AWS_SECRET_ACCESS_KEY"] = "s";
  scene.variables["AWS_SESSION_TOKEN"] = "t";
  scene.service.respond_with([](const RecordedRequest& request) {
    const std::string& target = request.head.target;
    if (target == "/") return Script::reply(200, "text/xml", sts_xml("STS", at_two));
    if (target == "/v1/credentials")
      return Script::reply(200, "application/json", aws_json("CONTAINER", at_two));
    if (target == "/latest/api/token") return Script::reply(200, "text/plain", "imds-token");
    if (target.back() == '/') return Script::reply(200, "text/plain", "role");
    return Script::reply(200, "application/json", aws_json("IMDS", at_two));
  });
  const auto next = [&](const char* id, const char* source) {
    const Asker asker = scene.get(plain);
    CHECK(asker.error() == "(no error)");
    CHECK(aws_of(asker).access_key_id == id);
    CHECK(scene.view.source == source);
  };
  next("ENV", "environment (AWS_ACCESS_KEY_ID)");
  scene.variables.erase("AWS_ACCESS_KEY_ID");
  scene.variables.erase("AWS_SECRET_ACCESS_KEY");
  next("STS", "web identity (AWS_WEB_IDENTITY_TOKEN_FILE)");
  scene.variables.erase("AWS_WEB_IDENTITY_TOKEN_FILE");
  next("FILE", "profile \"default\"");
  scene.files.write(".aws/credentials", "");
  next("CONTAINER", "container (AWS_CONTAINER_CREDENTIALS_*)");
  scene.variables.erase("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  next("IMDS", "EC2 metadata");
}

TEST_CASE("with nothing configured the error says what could be", "[identity]") {
  Scene scene;
  CHECK(scene.get(plain).error() ==
        "no AWS credentials are configured: set aws_access_key_id and aws_secret_access_key or "
        "aws_profile of the provider, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the "
        "environment (the EC2 metadata service is not asked: AWS_EC2_METADATA_DISABLED)");
  CHECK(scene.view.state == VaultState::failed);
  CHECK(scene.view.source == "");
}

// ---- Web identity

TEST_CASE("a web identity's token is exchanged at STS, unsigned", "[identity]") {
  Scene scene;
  scene.variables["AWS_ENDPOINT_URL_STS"] = scene.url();
  scene.variables["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/r";
  scene.variables["AWS_ROLE_SESSION_NAME"] = "me";
  scene.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = scene.files.write("jwt", " a.b.c\n");
  scene.service.enqueue(Script::reply(200, "text/xml", sts_xml("ASIA", at_two)));
  const Asker asker = scene.get(plain);
  CHECK(asker.error() == "(no error)");
  CHECK(aws_of(asker).access_key_id == "ASIA");
  CHECK(aws_of(asker).secret_access_key.reveal() == "s-ASIA");
  CHECK(aws_of(asker).session_token.reveal() == "t-ASIA");
  CHECK(aws_of(asker).expiry == wire::parse_rfc3339(at_two));
  CHECK(scene.request(0).head.method == "POST");
  CHECK(scene.request(0).head.target == "/");
  CHECK(scene.header(0, "content-type") == "application/x-www-form-urlencoded");
  CHECK(scene.header(0, "authorization") == "(none)");
  CHECK(scene.request(0).body ==
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole"
        "%2Fr&RoleSessionName=me&WebIdentityToken=a.b.c");
}

TEST_CASE("a web identity that lacks something is a mistake, and nothing else is tried",
          "[identity]") {
  Scene scene;
  container_at(scene);
  const std::string file = scene.files.path() + "/jwt";
  scene.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = file;
  const std::string before = "web identity (AWS_WEB_IDENTITY_TOKEN_FILE): ";
  CHECK(scene.get(plain).error() ==
        before + "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not");
  scene.variables["AWS_ROLE_ARN"] = "arn:r";
  CHECK(scene.get(plain).error() == before + "cannot read " + file + ": No such file or directory");
  scene.files.write("jwt", " \n");
  CHECK(scene.get(plain).error() ==
        before + "cannot read " + file + ": it is empty, and should hold a token");
  scene.files.write("jwt", std::string(70000, 'x'));
  CHECK(scene.get(plain).error() ==
        before + "cannot read " + file + ": it is larger than 65536 bytes");
  CHECK(scene.service.requests().empty());
}

TEST_CASE("what STS refuses is told in its words, without the token", "[identity]") {
  Scene scene;
  scene.variables["AWS_ENDPOINT_URL_STS"] = scene.url();
  scene.variables["AWS_ROLE_ARN"] = "arn:r";
  scene.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = scene.files.write("jwt", "canary-jwt");
  scene.service.enqueue(Script::reply(
      403, "text/xml",
      "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>Not authorized "
      "with canary-jwt</Message></Error></ErrorResponse>"));
  CHECK(scene.get(plain).error() ==
        "web identity (AWS_WEB_IDENTITY_TOKEN_FILE): the AWS security token service (POST " +
            scene.url() +
            "/) answered 403: AccessDenied: Not authorized with ***; may arn:r be assumed from "
            "here?");
}

TEST_CASE("an STS answer that makes no sense is refused and not shown", "[identity]") {
  Scene scene;
  scene.variables["AWS_ENDPOINT_URL_STS"] = scene.url();
  scene.variables["AWS_ROLE_ARN"] = "arn:r";
  scene.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = scene.files.write("jwt", "j");
  const std::string before =
      "web identity (AWS_WEB_IDENTITY_TOKEN_FILE): the AWS security token service (POST " +
      scene.url() + "/) answered 200 with ";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "something that holds no SessionToken"},
      {"{\"a\":1}", "something that holds no SessionToken"},
      {"<SessionToken>t</SessionToken>", "something that holds no AccessKeyId"},
      {"<SessionToken>t</SessionToken><AccessKeyId>a</AccessKeyId>",
       "something that holds no SecretAccessKey"},
      {sts_xml("canary", "soon"), "something that holds an Expiration that is no date"},
      {std::string(70000, 'x'), "more than 65536 bytes, which no credentials have"},
  };
  for (const auto& [body, words] : cases) {
    scene.service.enqueue(Script::reply(200, "text/xml", body));
    CHECK(scene.get(plain).error() == before + words);
  }
}

TEST_CASE("a redirect is not followed", "[identity]") {
  Scene scene;
  scene.variables["AWS_ENDPOINT_URL_STS"] = scene.url();
  scene.variables["AWS_ROLE_ARN"] = "arn:r";
  scene.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = scene.files.write("jwt", "j");
  scene.service.enqueue(
      Script::reply(307, "text/plain", "", {{"location", scene.url() + "/elsewhere"}}));
  CHECK(scene.get(plain).error() ==
        "web identity (AWS_WEB_IDENTITY_TOKEN_FILE): the AWS security token service (POST " +
            scene.url() +
            "/) answered 307 (redirects are not followed); may arn:r be assumed from here?");
  CHECK(scene.service.requests().size() == 1);
}

TEST_CASE("STS is asked in the region, over https alone", "[identity]") {
  Scene scene;
  scene.variables["AWS_ROLE_ARN"] = "arn:r";
  scene.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = scene.files.write("jwt", "j");
  const auto url = [&](const std::string& region) {
    return first_ask(aws_chain({region, "", {}, {}, ""}, scene.env()), 1).url;
  };
  CHECK(url("eu-west-1") == "https://sts.eu-west-1.amazonaws.com/");
  CHECK(url("cn-north-1") == "https://sts.cn-north-1.amazonaws.com.cn/");
  CHECK(url("") == "https://sts.amazonaws.com/");
  scene.variables["AWS_DEFAULT_REGION"] = "us-west-2";
  CHECK(url("") == "https://sts.us-west-2.amazonaws.com/");
  scene.variables["AWS_REGION"] = "us-east-2";
  CHECK(url("") == "https://sts.us-east-2.amazonaws.com/");
  CHECK(scene.get(AwsAccess{"evil.example/", "", {}, {}, ""}).error() ==
        "web identity (AWS_WEB_IDENTITY_TOKEN_FILE): \"evil.example/\" is no AWS region; they look "
        "like eu-west-1");
  scene.variables["AWS_ENDPOINT_URL_STS"] = "http://sts.example/base/";
  CHECK(scene.get(plain).error() ==
        "web identity (AWS_WEB_IDENTITY_TOKEN_FILE): the AWS security token service (POST "
        "http://sts.example/base/) is not asked: secrets would go over plain http; use https");
  scene.variables["AWS_ENDPOINT_URL_STS"] = "sts.example";
  CHECK(scene.get(AwsAccess{}).error() ==
        "web identity (AWS_WEB_IDENTITY_TOKEN_FILE): the AWS security token service: its address "
        "is not an http or https URL");
}

// ---- Container

TEST_CASE("a container's agent is asked with its token, the file's before the variable's",
          "[identity]") {
  Scene scene;
  container_at(scene);
  scene.reply(aws_json("ASIA1", at_two));
  CHECK(aws_of(scene.get(plain)).access_key_id == "ASIA1");
  CHECK(scene.header(0, "authorization") == "(none)");
  scene.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "Basic one";
  scene.reply(aws_json("ASIA2", at_two));
  CHECK(aws_of(scene.get(plain)).session_token.reveal() == "t-ASIA2");
  CHECK(scene.header(1, "authorization") == "Basic one");
  scene.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = scene.files.write("t", "two\n");
  scene.reply(aws_json("ASIA3", at_two));
  CHECK(aws_of(scene.get(plain)).access_key_id == "ASIA3");
  CHECK(scene.header(2, "authorization") == "two");
  CHECK(scene.request(2).head.method == "GET");
  CHECK(scene.request(2).head.target == "/v1/credentials");
}

TEST_CASE("a container's token does not break out of its header", "[identity]") {
  Scene scene;
  container_at(scene);
  scene.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "a\r\nx: y";
  CHECK(scene.get(plain).error() ==
        "container (AWS_CONTAINER_CREDENTIALS_*): the container's authorization token has a line "
        "break in it");
}

TEST_CASE("over plain http only agents of containers are asked", "[identity]") {
  Scene scene;
  const auto wanted = [&](const std::string& full) {
    scene.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = full;
    Step step = aws_chain(plain, scene.env()).links.at(3).begin({});
    if (const auto* error = std::get_if<Error>(&step.kind)) return error->message;
    return "asks " + std::get<Ask>(step.kind).url;
  };
  for (const char* good :
       {"https://any.example/x", "http://169.254.170.2/x", "http://169.254.170.23/v1",
        "http://[fd00:ec2::23]/v1", "http://localhost:7/x"}) {
    CHECK(wanted(good) == std::string("asks ") + good);
  }
  CHECK(wanted("http://169.254.170.3:80/x?y") ==
        "AWS_CONTAINER_CREDENTIALS_FULL_URI names http://169.254.170.3:80; over plain http only "
        "this machine and the agents of ECS and EKS (169.254.170.2, 169.254.170.23, "
        "[fd00:ec2::23]) are asked");
  CHECK(wanted("file:///x") == "AWS_CONTAINER_CREDENTIALS_FULL_URI is not an http or https URL");
  scene.variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/1";
  CHECK(wanted("https://ignored.example") == "asks http://169.254.170.2/v2/credentials/1");
  CHECK(first_ask(aws_chain(plain, scene.env()), 3).hide_path);
  scene.variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "@evil.example/";
  CHECK(wanted("") == "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must begin with '/'");
}

TEST_CASE("a container's agent that refuses or talks nonsense ends the chain", "[identity]") {
  Scene scene;
  container_at(scene);
  metadata_at(scene);
  scene.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "canary-token";
  const std::string before =
      "container (AWS_CONTAINER_CREDENTIALS_*): the container's credential service (GET " +
      scene.url() + "/v1/credentials) answered ";
  scene.reply(R"({"code":"InvalidToken","message":"canary-token is old"})", 401);
  CHECK(scene.get(plain).error() ==
        before + "401: InvalidToken: *** is old; does the task or pod have a role?");
  scene.reply("canary of an answer");
  CHECK(scene.get(plain).error() ==
        before + "200 with something that is not a JSON object: at byte 0: '{' is expected");
  scene.reply(R"({"AccessKeyId":"a","SecretAccessKey":""})");
  CHECK(scene.get(plain).error() == before + "200 with something that holds no SecretAccessKey");
  scene.reply(aws_json("a", "2026-01-01T00:59:59Z"));
  CHECK(scene.get(plain).error() ==
        "container (AWS_CONTAINER_CREDENTIALS_*): the credentials were out of date when they came; "
        "is this machine's clock right?");
}

// ---- EC2

TEST_CASE("the EC2 metadata service is asked for a token, the role and its keys", "[identity]") {
  Scene scene;
  metadata_at(scene);
  scene.service.enqueue(Script::reply(200, "text/plain", "imds-token"));
  scene.service.enqueue(Script::reply(200, "text/plain", "my role\nother"));
  scene.reply(aws_json("ASIA", at_two));
  const Asker asker = scene.get(plain);
  CHECK(asker.error() == "(no error)");
  CHECK(aws_of(asker).access_key_id == "ASIA");
  CHECK(expiry_of(asker) == wire::parse_rfc3339(at_two));
  CHECK(scene.request(0).head.method == "PUT");
  CHECK(scene.request(0).head.target == "/latest/api/token");
  CHECK(scene.header(0, "x-aws-ec2-metadata-token-ttl-seconds") == "21600");
  CHECK(scene.request(1).head.method == "GET");
  CHECK(scene.request(1).head.target == "/latest/meta-data/iam/security-credentials/");
  CHECK(scene.header(1, "x-aws-ec2-metadata-token") == "imds-token");
  CHECK(scene.request(2).head.target == "/latest/meta-data/iam/security-credentials/my%20role");
  CHECK(scene.header(2, "x-aws-ec2-metadata-token") == "imds-token");
}

TEST_CASE("each thing that the EC2 metadata service may lack is told", "[identity]") {
  Scene scene;
  metadata_at(scene);
  const std::string before = "EC2 metadata: the EC2 metadata service (";
  const std::string after =
      "; no other AWS credentials are configured: set aws_access_key_id and aws_secret_access_key "
      "or aws_profile of the provider, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the "
      "environment";
  const std::string get = "GET " + scene.url() + "/latest/meta-data/iam/security-credentials/";
  // Version 1 of the protocol would go on without a token.
  scene.service.enqueue(Script::reply(403, "text/plain", "no"));
  CHECK(scene.get(plain).error() ==
        before + "PUT " + scene.url() + "/latest/api/token) answered 403" + after);
  CHECK(scene.service.requests().size() == 1);
  scene.service.enqueue(Script::reply(200, "text/plain", "\n"));
  CHECK(scene.get(plain).error() ==
        before + "PUT " + scene.url() + "/latest/api/token) answered 200 without a token" + after);
  const auto token = [&] { scene.service.enqueue(Script::reply(200, "text/plain", "t")); };
  token();
  scene.service.enqueue(Script::reply(404, "text/html", "<html>"));
  CHECK(scene.get(plain).error() ==
        before + get + ") answered 404; does the instance have a role (an instance profile)?" +
            after);
  token();
  scene.service.enqueue(Script::reply(200, "text/plain", ""));
  CHECK(scene.get(plain).error() ==
        before + get + ") answered 200 without the name of a role" + after);
  token();
  scene.service.enqueue(Script::reply(200, "text/plain", "r"));
  scene.reply(R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"EC2 cannot assume r"})");
  CHECK(scene.get(plain).error() ==
        before + get +
            "r) answered 200: AssumeRoleUnauthorizedAccess: EC2 cannot assume r; does the instance "
            "have a role (an instance profile)?" +
            after);
}

TEST_CASE("where the EC2 metadata service is, and whether it is asked, can be set", "[identity]") {
  Scene scene;
  scene.variables.erase("AWS_EC2_METADATA_DISABLED");
  const auto url = [&] { return first_ask(aws_chain(plain, scene.env()), 4).url; };
  CHECK(url() == "http://169.254.169.254/latest/api/token");
  scene.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"] = "ipv6";
  CHECK(url() == "http://[fd00:ec2::254]/latest/api/token");
  scene.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://elsewhere";
  CHECK(url() == "http://elsewhere/latest/api/token");
  scene.variables["AWS_EC2_METADATA_DISABLED"] = "True";
  CHECK(std::holds_alternative<Pass>(aws_chain(plain, scene.env()).links.at(4).begin({}).kind));
}
