#include "api/doorkeeper.hpp"

#include <unistd.h>

#include <memory>
#include <string>
#include <variant>

#include "catch.hpp"
#include "manage/core.hpp"

using namespace ccrelay;
using api::Admitted;
using api::TurnedAway;
using management::Role;

namespace {

const std::string operator_token = "canary-operator-0123";
const std::string viewer_token = "canary-viewer-01234";

// A relay's rules, and who knocks.
class Door {
 public:
  Door() {
    config.manage.tokens.push_back({"ana", Secret(operator_token), Role::operator_});
    config.manage.tokens.push_back({"grafana", Secret(viewer_token), Role::viewer});
    apply();
  }
  void apply() {
    auto snapshot = std::make_shared<worker::Snapshot>();
    snapshot->config = config;
    shared_.swap(std::move(snapshot));
  }

  std::variant<Admitted, TurnedAway> knock(const RequestHead& head) {
    const api::House house{config.manage.allowed_hosts, config.manage.listen, addresses_, false};
    return api::admit(head, visitor, visitor.local ? nullptr : &house, access_);
  }
  int status(const RequestHead& head) {
    const auto decided = knock(head);
    const auto* away = std::get_if<TurnedAway>(&decided);
    return away ? away->answer.status : 200;
  }
  std::string words(const RequestHead& head) {
    const auto decided = knock(head);
    const auto* away = std::get_if<TurnedAway>(&decided);
    return away ? away->answer.body : "";
  }
  std::string caller(const RequestHead& head) {
    const auto decided = knock(head);
    const auto* in = std::get_if<Admitted>(&decided);
    return in ? in->caller.name + " " + std::string(to_string(in->caller.role)) : "nobody";
  }

  Config config;
  api::Visitor visitor{"127.0.0.1:4711", false, {}, {}};

 private:
  const std::vector<std::string> addresses_ = {"127.0.0.1:9091"};
  worker::Shared shared_{[](std::string_view) { return std::nullopt; }};
  manage::Core core_{shared_, Clock::system()};
  management::Access& access_ = core_.manager().access();
};

RequestHead asking(const std::string& method, const std::string& target, Headers headers = {}) {
  RequestHead head;
  head.method = method;
  head.target = target;
  head.headers = std::move(headers);
  if (!head.headers.contains("host")) head.headers.add("Host", "127.0.0.1:9091");
  return head;
}

RequestHead with_token(const std::string& token, const std::string& method = "GET",
                       const std::string& target = "/api/v1/info") {
  return asking(method, target,
                {{"Authorization", "Bearer " + token}, {"Content-Type", "application/json"}});
}

}  // namespace

TEST_CASE("over TCP a token tells who it is, and nothing else opens", "[api]") {
  Door door;
  CHECK(door.caller(with_token(operator_token)) == "token:ana operator");
  CHECK(door.caller(with_token(viewer_token)) == "token:grafana viewer");
  CHECK(door.caller(asking("GET", "/api/v1/info",
                           {{"authorization", "bearer   " + operator_token + " "}})) ==
        "token:ana operator");
  const std::string none = door.words(asking("GET", "/api/v1/info"));
  CHECK(none.find("UNAUTHENTICATED") != std::string::npos);
  const RequestHead wrong[] = {
      with_token("canary-operator-0124"),
      with_token(operator_token + "x"),
      with_token(operator_token.substr(1)),
      with_token(""),
      asking("GET", "/api/v1/info", {{"Authorization", operator_token}}),
      asking("GET", "/api/v1/info", {{"Authorization", "Basic " + operator_token}}),
      asking("GET", "/api/v1/info", {{"x-api-key", operator_token}}),
      asking("GET", "/api/v1/info", {{"Cookie", "token=" + operator_token}}),
      asking("GET", "/api/v1/info?token=" + operator_token),
      asking("GET", "/api/v1/info",
             {{"Authorization", "Bearer " + operator_token}, {"Authorization", "Bearer x"}}),
  };
  for (const RequestHead& head : wrong) {
    CHECK(door.status(head) == 401);
    CHECK(door.words(head) == none);  // the same for none and for a wrong one
  }
}

TEST_CASE("on the Unix socket the user is the credential", "[api]") {
  Door door;
  door.visitor.local = true;
  door.visitor.peer = "unix";
  const auto ask = [](const std::string& host = "anything.example") {
    return asking("GET", "/api/v1/info", {{"Host", host}});
  };
  door.visitor.user = ::geteuid();
  CHECK(door.caller(ask()) == "uid:" + std::to_string(::geteuid()) + " operator");
  door.visitor.user = 0;
  CHECK(door.caller(ask()) == "uid:0 operator");
  door.visitor.user = ::geteuid() + 4711;
  const std::string refused = door.words(ask());
  CHECK(door.status(ask()) == 403);
  CHECK(refused.find("PERMISSION_DENIED") != std::string::npos);
  CHECK(refused.find(std::to_string(::geteuid() + 4711)) != std::string::npos);
  CHECK(refused.find("manage.auth.users") != std::string::npos);
  // A token does not stand in for it.
  CHECK(door.status(with_token(operator_token)) == 403);
  door.config.manage.users = {std::to_string(::geteuid() + 4711)};
  door.apply();
  CHECK(door.caller(ask()) == "uid:" + std::to_string(::geteuid() + 4711) + " operator");
  door.visitor.user.reset();
  CHECK(door.status(ask()) == 403);
}

TEST_CASE("a certificate opens where clients are asked for one", "[api]") {
  Door door;
  door.visitor.certificate_subject = "CN=ana\n";
  CHECK(door.status(asking("GET", "/api/v1/info")) == 401);
  door.config.manage.tls.cert_file = "/c";
  door.config.manage.tls.client_auth = ClientAuth::optional;
  door.config.manage.client_role = Role::viewer;
  door.apply();
  CHECK(door.caller(asking("GET", "/api/v1/info")) == "cert:CN=ana? viewer");
  // A token that is shown counts.
  CHECK(door.caller(with_token(operator_token)) == "token:ana operator");
  CHECK(door.status(with_token("canary-wrong-token-1")) == 401);
  door.visitor.certificate_subject.clear();
  CHECK(door.status(asking("GET", "/api/v1/info")) == 401);
}

TEST_CASE("a foreign page is turned away before anything else is looked at", "[api]") {
  Door door;
  const auto evil = [](RequestHead head, const std::string& name, const std::string& value) {
    head.headers.set(name, value);
    return head;
  };
  for (const std::string target : {"/api/v1/info", "/", "/app.js", "/nothing"}) {
    CHECK(door.status(evil(asking("GET", target), "Host", "evil.example")) == 403);
    CHECK(door.status(evil(with_token(operator_token, "GET", target), "Origin",
                           "http://evil.example")) == 403);
    CHECK(door.status(evil(asking("OPTIONS", target), "Sec-Fetch-Site", "cross-site")) == 403);
  }
  door.config.manage.allowed_hosts = {"relay.example"};
  CHECK(door.status(evil(with_token(operator_token), "Host", "relay.example")) == 200);
}

TEST_CASE("what is no path, method or body of the API is said so", "[api]") {
  Door door;
  CHECK(door.status(asking("GET", "/nothing")) == 404);
  CHECK(door.status(asking("GET", "/health")) == 404);
  CHECK(door.status(with_token(operator_token, "GET", "/api/v1")) == 404);
  CHECK(door.status(with_token(operator_token, "GET", "/api/v2/info")) == 404);
  CHECK(door.status(with_token(operator_token, "GET", "/api/v1x/info")) == 404);
  // Without a credential nothing is told of what there is.
  CHECK(door.status(asking("DELETE", "/api/v1/info")) == 401);
  CHECK(door.status(with_token(operator_token, "DELETE")) == 405);
  CHECK(door.status(with_token(operator_token, "OPTIONS")) == 405);
  CHECK(door.status(with_token(operator_token, "HEAD")) == 200);
  const auto post = [](const std::string& type, const std::string& length = "2") {
    return asking("POST", "/api/v1/config:reload",
                  {{"Authorization", "Bearer " + operator_token},
                   {"Content-Type", type},
                   {"Content-Length", length}});
  };
  CHECK(door.status(post("application/json")) == 200);
  CHECK(door.status(post("Application/JSON; charset=utf-8")) == 200);
  CHECK(door.status(post("application/toml")) == 200);
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded",
                           "multipart/form-data; boundary=x", "application/jsonx"}) {
    CHECK(door.status(post(type)) == 415);
  }
  CHECK(door.status(post("application/json", "2097152")) == 200);
  CHECK(door.status(post("application/json", "2097153")) == 413);
}

TEST_CASE("the rest of a path goes to the API as it was sent", "[api]") {
  CHECK(api::api_path("/api/v1/info") == "/info");
  CHECK(api::api_path("/api/v1/providers/a%2Fb:disable") == "/providers/a%2Fb:disable");
  CHECK(api::api_path("/api/v1/") == "/");
  CHECK_FALSE(api::api_path("/api/v1"));
  CHECK_FALSE(api::api_path("/api/v10"));
  CHECK_FALSE(api::api_path("/"));
}
