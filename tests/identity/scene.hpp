#pragma once

#include <ccrelay/testing/fake_provider.hpp>
#include <ccrelay/testing/loop_harness.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "catch.hpp"
#include "config/scratch_directory.hpp"
#include "identity/desk.hpp"
#include "identity/vaults.hpp"
#include "loop/loop.hpp"
#include "upstream/client.hpp"

namespace ccrelay::identity {

using testing::FakeProvider;
using testing::LoopHarness;
using testing::RecordedRequest;
using testing::Script;
using namespace std::chrono_literals;

/// Somebody who asks a vault, and what came of it.
class Asker final : public Waiter {
 public:
  std::function<void()> react = [] {};
  std::unique_ptr<Ticket> ticket;
  std::vector<Result<Held>> results;

  void ask(Vault& vault, Desk& desk) {
    auto got = vault.get(desk, *this);
    if (auto* held = std::get_if<Held>(&got)) results.emplace_back(*held);
    if (auto* error = std::get_if<Error>(&got)) results.emplace_back(*error);
    if (auto* wait = std::get_if<std::unique_ptr<Ticket>>(&got)) ticket = std::move(*wait);
  }
  bool done() const { return !results.empty(); }
  bool good() const { return done() && results.back().has_value(); }
  std::string error() const {
    return done() && !results.back() ? results.back().error().message : "(no error)";
  }

 private:
  void on_credentials(const Result<Held>& result) override {
    results.push_back(result);
    react();
  }
};

/// One worker's desk and a service that plays every vendor's, on one loop. The variables are the
/// whole environment.
struct Scene {
  Scene() {
    variables["HOME"] = files.path();
    variables["AWS_EC2_METADATA_DISABLED"] = "true";
    variables["NO_GCE_CHECK"] = "true";
  }

  std::string url() const { return service.url(); }
  Environment env() const {
    return [this](std::string_view name) -> std::optional<std::string> {
      const auto found = variables.find(std::string(name));
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
  }
  WallTime wall() const { return harness.clock().wall(); }

  std::shared_ptr<Vault> open(const decltype(Description::access)& access) {
    return vaults.open({access, {}});
  }
  /// Asks, and waits until there is an answer.
  Asker get(Vault& vault) {
    Asker asker;
    asker.ask(vault, desk);
    CHECK(harness.run_until([&] { return asker.done(); }));
    asker.ticket.reset();
    return asker;
  }
  /// The same with a new vault; the view is the vault's then.
  Asker get(const decltype(Description::access)& access) {
    const auto vault = open(access);
    Asker asker = get(*vault);
    view = vault->view(harness.clock());
    return asker;
  }

  void reply(std::string_view body, int status = 200) {
    service.enqueue(Script::reply(status, "application/json", body));
  }
  const RecordedRequest& request(std::size_t index) const { return service.requests().at(index); }
  std::string header(std::size_t index, std::string_view name) const {
    return std::string(request(index).head.headers.get(name).value_or("(none)"));
  }

  test::ScratchDirectory files;
  std::map<std::string, std::string> variables;
  LoopHarness harness;
  loop::Loop loop{harness.loop(), harness.clock()};
  FakeProvider service{harness.loop()};
  upstream::Client client{loop};
  Desk desk{loop, client};
  Vaults vaults{env()};
  VaultView view;
};

inline IssuedKeys aws_of(const Asker& asker) {
  return asker.good() ? std::get<IssuedKeys>(**asker.results.back())
                      : IssuedKeys{{"(none)", {}, {}}, {}};
}
inline std::string token_of(const Asker& asker) {
  if (!asker.good()) return "(none)";
  return std::string(std::get<IssuedToken>(**asker.results.back()).token.reveal());
}
inline std::optional<WallTime> expiry_of(const Asker& asker) {
  return asker.good() ? expiry_of(**asker.results.back()) : std::nullopt;
}

/// What the services answer. A scene begins at 2026-01-01T01:00:00Z.
inline std::string aws_json(const std::string& id, const std::string& expiration,
                            const std::string& token_name = "Token") {
  return R"({"Code":"Success","AccessKeyId":")" + id + R"(","SecretAccessKey":"s-)" + id + "\",\"" +
         token_name + R"(":"t-)" + id + R"(","Expiration":")" + expiration + "\"}";
}
inline std::string sts_xml(const std::string& id, const std::string& expiration) {
  return "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>" + id +
         "</AccessKeyId><SecretAccessKey>s-" + id + "</SecretAccessKey><SessionToken>t-" + id +
         "</SessionToken><Expiration>" + expiration +
         "</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
}
inline constexpr const char* at_two = "2026-01-01T02:00:00Z";
inline constexpr const char* token_json =
    R"({"access_token":"tok-1","expires_in":3600,"token_type":"Bearer"})";

}  // namespace ccrelay::identity
