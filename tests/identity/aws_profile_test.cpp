#include <fstream>
#include <string>
#include <vector>

#include "identity/chains.hpp"
#include "identity/scene.hpp"
#include "sign/aws4_sign.hpp"
#include "wire/wall_time.hpp"

using namespace ccrelay;
using namespace ccrelay::identity;

namespace {

AwsAccess profile(const std::string& name) {
  return {"eu-west-1", "", {}, {}, name};
}

void write_config(const Scene& scene, const std::string& text) {
  scene.files.write(".aws/config", text);
}

// What signing the request that arrived gives, with the time of the signature that it came with.
std::string signed_again(const RecordedRequest& request, const IssuedKeys& keys,
                         const std::string& region, WallTime now) {
  Headers headers;
  for (const char* name : {"content-type", "host"})
    headers.add(name, request.head.headers.get(name).value_or(""));
  const std::string_view body[] = {request.body};
  sign::Aws4Key key({keys.access_key_id, keys.secret_access_key, keys.session_token},
                    {region, "sts"});
  const auto signature =
      sign::aws4_sign(key, {request.head.method, request.head.target, headers, body}, now);
  return std::string(signature.headers.get("authorization").value_or("(none)"));
}

}  // namespace

TEST_CASE("a profile's keys come from both shared files, the credentials file first",
          "[identity]") {
  Scene scene;
  scene.files.write(".aws/credentials", "[default]\naws_access_key_id = ONE\n");
  write_config(scene,
               "[default]\naws_access_key_id = NOT\naws_secret_access_key = s1\n"
               "[profile two]\naws_access_key_id = TWO\naws_secret_access_key = s2\n"
               "aws_session_token = t2\n[three]\naws_access_key_id = NOT\n");
  const Asker one = scene.get(AwsAccess{});
  CHECK(aws_of(one).access_key_id == "ONE");
  CHECK(aws_of(one).secret_access_key.reveal() == "s1");
  scene.variables["AWS_PROFILE"] = "two";
  const Asker two = scene.get(AwsAccess{});
  CHECK(aws_of(two).access_key_id == "TWO");
  CHECK(aws_of(two).session_token.reveal() == "t2");
  CHECK(scene.view.source == "profile \"two\" (AWS_PROFILE)");
  CHECK(scene.get(profile("three")).error() ==
        "profile \"three\" (aws_profile): profile \"three\" is neither in " + scene.files.path() +
            "/.aws/credentials nor in " + scene.files.path() + "/.aws/config");
}

TEST_CASE("a profile of the configuration goes before the environment", "[identity]") {
  Scene scene;
  scene.variables["AWS_ACCESS_KEY_ID"] = "ENV";
  scene.variables["AWS_SECRET_ACCESS_KEY"] = "s";
  write_config(scene, "[profile p]\naws_access_key_id = P\naws_secret_access_key = s\n");
  CHECK(aws_of(scene.get(profile("p"))).access_key_id == "P");
}

TEST_CASE("the shared files are where the environment says", "[identity]") {
  Scene scene;
  scene.variables["AWS_SHARED_CREDENTIALS_FILE"] =
      scene.files.write("a", "[default]\naws_access_key_id = A\n");
  scene.variables["AWS_CONFIG_FILE"] = "~/b";
  scene.files.write("b", "[profile default]\naws_secret_access_key = s\n");
  CHECK(aws_of(scene.get(AwsAccess{})).access_key_id == "A");
  scene.variables["AWS_CONFIG_FILE"] = "~/absent";
  CHECK(scene.get(AwsAccess{}).error() == "profile \"default\": cannot read " + scene.files.path() +
                                              "/absent: No such file or directory");
  scene.variables["AWS_CONFIG_FILE"] = "~/";
  CHECK(scene.get(AwsAccess{}).error() ==
        "profile \"default\": cannot read " + scene.files.path() + "/: it is not a regular file");
}

TEST_CASE("a default profile without credentials passes, one that was named does not",
          "[identity]") {
  Scene scene;
  write_config(scene, "[default]\nregion = x\n[profile p]\nregion = x\n");
  CHECK(scene.get(AwsAccess{}).error().rfind("no AWS credentials are configured", 0) == 0);
  CHECK(scene.get(profile("p")).error() ==
        "profile \"p\" (aws_profile): profile \"p\" has no credentials");
  CHECK(scene.get(profile("default")).error() ==
        "profile \"default\" (aws_profile): profile \"default\" has no credentials");
  scene.files.write(".aws/credentials", "[p]\naws_access_key_id = P\n");
  CHECK(scene.get(profile("p")).error() ==
        "profile \"p\" (aws_profile): profile \"p\" has aws_access_key_id but no "
        "aws_secret_access_key");
}

TEST_CASE("a role is assumed with the source profile's keys, signed", "[identity]") {
  Scene scene;
  scene.variables["AWS_ENDPOINT_URL_STS"] = scene.url();
  write_config(scene,
               "[profile r]\nrole_arn = arn:r\nsource_profile = keys\nexternal_id = e/1\n"
               "duration_seconds = 900\nrole_session_name = me\nregion = us-west-2\n"
               "[profile keys]\naws_access_key_id = AKIA\naws_secret_access_key = canary-secret\n"
               "aws_session_token = canary-session\n");
  scene.service.enqueue(Script::reply(200, "text/xml", sts_xml("ASIA", at_two)));
  const Asker asker = scene.get(profile("r"));
  CHECK(asker.error() == "(no error)");
  CHECK(aws_of(asker).access_key_id == "ASIA");
  CHECK(expiry_of(asker) == wire::parse_rfc3339(at_two));
  CHECK(scene.request(0).body ==
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Ar&RoleSessionName=me&ExternalId=e%2F1&"
        "DurationSeconds=900");
  CHECK(scene.header(0, "x-amz-date") == "20260101T010000Z");
  CHECK(scene.header(0, "x-amz-security-token") == "canary-session");
  CHECK(scene.header(0, "authorization") ==
        signed_again(scene.request(0),
                     {"AKIA", Secret("canary-secret"), Secret("canary-session"), {}}, "us-west-2",
                     scene.wall()));
}

TEST_CASE("a role in a region that is none is a mistake", "[identity]") {
  Scene scene;
  write_config(scene,
               "[profile r]\nrole_arn = arn:r\nsource_profile = k\nregion = EU (Ireland)\n"
               "[profile k]\naws_access_key_id = A\naws_secret_access_key = s\n");
  CHECK(scene.get(profile("r")).error() ==
        "profile \"r\" (aws_profile): \"EU (Ireland)\" is no AWS region; they look like eu-west-1");
}

TEST_CASE("a role may be assumed with another role's keys", "[identity]") {
  Scene scene;
  scene.variables["AWS_ENDPOINT_URL_STS"] = scene.url();
  write_config(scene,
               "[profile a]\nrole_arn = arn:a\nsource_profile = b\n"
               "[profile b]\nrole_arn = arn:b\nsource_profile = b\naws_access_key_id = AKIA\n"
               "aws_secret_access_key = s\n");
  scene.service.enqueue(Script::reply(200, "text/xml", sts_xml("FIRST", at_two)));
  scene.service.enqueue(Script::reply(200, "text/xml", sts_xml("SECOND", at_two)));
  CHECK(aws_of(scene.get(profile("a"))).access_key_id == "SECOND");
  REQUIRE(scene.service.requests().size() == 2);
  CHECK(scene.request(0).body.find("RoleArn=arn%3Ab") != std::string::npos);
  CHECK(scene.header(0, "x-amz-security-token") == "(none)");
  CHECK(scene.header(0, "authorization").find("Credential=AKIA/20260101/eu-west-1/sts/") !=
        std::string::npos);
  CHECK(scene.request(1).body.find("RoleArn=arn%3Aa") != std::string::npos);
  CHECK(scene.header(1, "x-amz-security-token") == "t-FIRST");
}

TEST_CASE("profiles that lead in circles or nowhere are told", "[identity]") {
  Scene scene;
  std::string chain;
  for (int i = 0; i < 9; ++i)
    chain += "[profile c" + std::to_string(i) + "]\nrole_arn = arn:c\nsource_profile = c" +
             std::to_string(i + 1) + "\n";
  write_config(scene,
               "[profile a]\nrole_arn = arn:a\nsource_profile = b\n"
               "[profile b]\nrole_arn = arn:b\nsource_profile = a\n"
               "[profile self]\nrole_arn = arn:s\nsource_profile = self\n"
               "[profile lost]\nrole_arn = arn:s\nsource_profile = nowhere\n"
               "[profile both]\nrole_arn = r\nsource_profile = a\ncredential_source = x\n"
               "[profile none]\nrole_arn = r\n"
               "[profile odd]\nrole_arn = r\ncredential_source = Elsewhere\n"
               "[profile env]\nrole_arn = r\ncredential_source = Environment\n" +
                   chain);
  const auto said = [&](const std::string& name) {
    const std::string before = "profile \"" + name + "\" (aws_profile): ";
    const std::string error = scene.get(profile(name)).error();
    CHECK(error.rfind(before, 0) == 0);
    return error.substr(std::min(before.size(), error.size()));
  };
  CHECK(said("a") == "profile \"a\" is its own source_profile");
  CHECK(said("self") == "profile \"self\" is its own source_profile");
  CHECK(said("lost").rfind("profile \"nowhere\" is neither in ", 0) == 0);
  CHECK(said("both") ==
        "profile \"both\" has a role_arn: it needs either source_profile or credential_source "
        "beside it");
  CHECK(said("none") ==
        "profile \"none\" has a role_arn: it needs either source_profile or credential_source "
        "beside it");
  CHECK(said("odd") ==
        "profile \"odd\" has credential_source \"Elsewhere\"; known are Environment, "
        "Ec2InstanceMetadata and EcsContainer");
  CHECK(said("env") == "profile \"env\" has a source without credentials");
  CHECK(said("c0") == "profile \"c6\" is reached through more than 5 profiles by source_profile");
}

TEST_CASE("a role may be assumed with what the environment, a container or EC2 gives",
          "[identity]") {
  Scene scene;
  scene.variables["AWS_ENDPOINT_URL_STS"] = scene.url();
  write_config(scene,
               "[profile env]\nrole_arn = r\ncredential_source = Environment\n"
               "[profile ecs]\nrole_arn = r\ncredential_source = EcsContainer\n"
               "[profile ec2]\nrole_arn = r\ncredential_source = Ec2InstanceMetadata\n");
  const auto sts = [&](const std::string& id) {
    scene.service.enqueue(Script::reply(200, "text/xml", sts_xml(id, at_two)));
  };
  scene.variables["AWS_ACCESS_KEY_ID"] = "ENV";
  scene.variables["AWS_SECRET_ACCESS_KEY"] = "s";
  sts("ONE");
  CHECK(aws_of(scene.get(profile("env"))).access_key_id == "ONE");
  CHECK(scene.header(0, "authorization").find("Credential=ENV/") != std::string::npos);
  scene.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = scene.url() + "/c";
  scene.reply(aws_json("CONTAINER", at_two));
  sts("TWO");
  CHECK(aws_of(scene.get(profile("ecs"))).access_key_id == "TWO");
  CHECK(scene.header(2, "authorization").find("Credential=CONTAINER/") != std::string::npos);
  scene.variables.erase("AWS_EC2_METADATA_DISABLED");
  scene.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = scene.url();
  scene.service.enqueue(Script::reply(200, "text/plain", "imds"));
  scene.service.enqueue(Script::reply(200, "text/plain", "role"));
  scene.reply(aws_json("EC2", at_two));
  sts("THREE");
  CHECK(aws_of(scene.get(profile("ec2"))).access_key_id == "THREE");
  CHECK(scene.header(6, "authorization").find("Credential=EC2/") != std::string::npos);
  CHECK(scene.header(6, "x-amz-security-token") == "t-EC2");
}

TEST_CASE("a profile may have a web identity", "[identity]") {
  Scene scene;
  scene.variables["AWS_ENDPOINT_URL_STS"] = scene.url();
  scene.files.write("jwt", "a.b.c");
  write_config(scene, "[profile w]\nrole_arn = arn:w\nweb_identity_token_file = ~/jwt\n");
  scene.service.enqueue(Script::reply(200, "text/xml", sts_xml("WEB", at_two)));
  CHECK(aws_of(scene.get(profile("w"))).access_key_id == "WEB");
  CHECK(scene.request(0).body.find("WebIdentityToken=a.b.c") != std::string::npos);
  CHECK(scene.header(0, "authorization") == "(none)");
}

TEST_CASE("what takes a person is refused in words", "[identity]") {
  Scene scene;
  write_config(scene,
               "[profile sso]\nsso_session = s\n[profile old]\nsso_start_url = u\n"
               "[profile mfa]\nrole_arn = r\nsource_profile = x\nmfa_serial = m\n");
  const std::string hint =
      ", which takes a person at a browser; let `aws configure export-credentials` be its "
      "credential_process";
  CHECK(scene.get(profile("sso")).error() ==
        "profile \"sso\" (aws_profile): profile \"sso\" signs in with sso_session" + hint);
  CHECK(scene.get(profile("old")).error() ==
        "profile \"old\" (aws_profile): profile \"old\" signs in with sso_start_url" + hint);
  CHECK(scene.get(profile("mfa")).error() ==
        "profile \"mfa\" (aws_profile): profile \"mfa\" needs a code of an MFA device "
        "(mfa_serial), which nobody is here to enter");
}

TEST_CASE("what STS refuses of a signed request shows none of the keys", "[identity]") {
  Scene scene;
  scene.variables["AWS_ENDPOINT_URL_STS"] = scene.url();
  write_config(scene,
               "[profile r]\nrole_arn = arn:r\nsource_profile = keys\n[profile keys]\n"
               "aws_access_key_id = A\naws_secret_access_key = canary-secret\n"
               "aws_session_token = canary-session\n");
  scene.service.enqueue(Script::reply(
      400, "text/xml",
      "<Error><Code>X</Code><Message>canary-secret and canary-session</Message></Error>"));
  CHECK(scene.get(profile("r")).error() ==
        "profile \"r\" (aws_profile): the AWS security token service (POST " + scene.url() +
            "/) answered 400: X: *** and ***; may arn:r be assumed from here?");
}

// ---- credential_process

namespace {

std::string with_process(Scene& scene, const std::string& command) {
  write_config(scene, "[profile p]\ncredential_process = " + command + "\n");
  const std::string error = scene.get(profile("p")).error();
  const std::string before =
      "profile \"p\" (aws_profile): the credential_process of profile \"p\" ";
  return error.rfind(before, 0) == 0 ? error.substr(before.size()) : error;
}

}  // namespace

TEST_CASE("a command gives keys, with or without an end", "[identity]") {
  Scene scene;
  scene.files.write("out", R"({"Version":1,)" + aws_json("PROC", at_two, "SessionToken").substr(1));
  write_config(scene, "[profile p]\ncredential_process = cat " + scene.files.path() + "/out\n");
  const Asker asker = scene.get(profile("p"));
  CHECK(asker.error() == "(no error)");
  CHECK(aws_of(asker).access_key_id == "PROC");
  CHECK(aws_of(asker).session_token.reveal() == "t-PROC");
  CHECK(expiry_of(asker) == wire::parse_rfc3339(at_two));
  scene.files.write("out", R"({"Version":1,"AccessKeyId":"P","SecretAccessKey":"s"})");
  const Asker lasting = scene.get(profile("p"));
  CHECK(aws_of(lasting).access_key_id == "P");
  CHECK_FALSE(expiry_of(lasting));
}

TEST_CASE("a command that fails is told without its output", "[identity]") {
  Scene scene;
  CHECK(with_process(scene, "echo canary; exit 3") ==
        "ended with status 3; run it by hand to see what it says");
  CHECK(with_process(scene, "/no/such/program canary") ==
        "ended with status 127; run it by hand to see what it says");
  CHECK(with_process(scene, "kill -9 $$") == "was ended by signal 9");
  CHECK(with_process(scene, "echo canary") ==
        "printed something that is not a JSON object: at byte 0: '{' is expected");
  CHECK(with_process(scene, "true") ==
        "printed something that is not a JSON object: at byte 0: '{' is expected");
  CHECK(with_process(scene, R"(echo '{"Version":2,"AccessKeyId":"canary"}')") ==
        "printed JSON whose \"Version\" is not 1");
  CHECK(with_process(scene, R"(echo '{"Version":1,"AccessKeyId":"canary"}')") ==
        "printed something that holds no SecretAccessKey");
  CHECK(with_process(scene, "yes canary") == "printed more than 65536 bytes");
}

TEST_CASE("a command that stalls is killed after five seconds, with what it started",
          "[identity]") {
  Scene scene;
  const std::string mark = scene.files.path() + "/pid";
  write_config(scene, "[profile p]\ncredential_process = sleep 1000 & echo $! > " + mark +
                          "; echo x; wait\n");
  const auto vault = scene.open(profile("p"));
  Asker asker;
  asker.ask(*vault, scene.desk);
  int child = 0;
  REQUIRE(scene.harness.run_until([&] { return std::ifstream(mark) >> child && child > 0; }));
  scene.harness.advance(4999ms);
  CHECK_FALSE(asker.done());
  scene.harness.advance(1ms);
  CHECK(asker.error() ==
        "profile \"p\" (aws_profile): the credential_process command took longer than the 5 s "
        "there are for getting credentials; it is tried again after a while");
  // Gone, or a zombie that waits for whoever adopted it.
  const auto alive = [&] {
    std::ifstream status("/proc/" + std::to_string(child) + "/stat");
    std::string pid, name, state;
    return bool(status >> pid >> name >> state) && state != "Z" && state != "X";
  };
  CHECK(scene.harness.run_until([&] { return !alive(); }));
}

TEST_CASE("a command dies with the desk that runs it", "[identity]") {
  test::ScratchDirectory files;
  LoopHarness harness;
  loop::Loop loop(harness.loop(), harness.clock());
  bool told = false;
  {
    auto child = loop::ChildProcess::start(loop, "sleep 1000", 100,
                                           [&](const loop::ChildOutcome&) { told = true; });
    REQUIRE(child);
  }
  harness.settle();
  CHECK_FALSE(told);
}

TEST_CASE("a command that leaves something behind which holds its output is waited for",
          "[identity]") {
  LoopHarness harness;
  loop::Loop loop(harness.loop(), harness.clock());
  std::vector<loop::ChildOutcome> outcomes;
  const test::ScratchDirectory files;
  const std::string go = files.path() + "/go";
  auto child = loop::ChildProcess::start(
      loop, "(while ! [ -e " + go + " ]; do sleep 0.01; done; echo late) & echo early; exit 2", 100,
      [&](loop::ChildOutcome outcome) { outcomes.push_back(std::move(outcome)); });
  REQUIRE(child);
  harness.settle();
  CHECK(outcomes.empty());
  files.write("go", "");
  REQUIRE(harness.run_until([&] { return !outcomes.empty(); }));
  CHECK(outcomes[0].output == "early\nlate\n");
  CHECK(outcomes[0].exit_status == 2);
}
