#include <memory>
#include <string>
#include <vector>

#include "identity/limits.hpp"
#include "identity/scene.hpp"

using namespace ccrelay;
using namespace ccrelay::identity;

namespace {

const AzureAccess application{"t", "c", Secret("s")};
constexpr const char* one = R"({"access_token":"one","expires_in":3600})";
constexpr const char* two = R"({"access_token":"two","expires_in":3600})";

/// Two workers' desks; in one thread, so that every order of events can be had.
struct TwoDesks : Scene {
  TwoDesks() {
    variables["AZURE_AUTHORITY_HOST"] = url();
    vault = open(application);
  }
  /// Somebody asks at each desk: the first one fetches for both.
  void ask_at_both() {
    here.ask(*vault, *first);
    there.ask(*vault, *second);
  }
  bool until_asked(std::size_t times) {
    return harness.run_until([&] { return service.requests().size() == times; });
  }
  bool until_told(const Asker& asker) {
    return harness.run_until([&] { return asker.done(); });
  }
  /// The first desk goes, and who waits there.
  void close_first() {
    here.ticket.reset();
    first.reset();
  }
  std::unique_ptr<Desk> first = std::make_unique<Desk>(loop, client);
  std::unique_ptr<Desk> second = std::make_unique<Desk>(loop, client);
  std::shared_ptr<Vault> vault;
  Asker here;   // for the first desk
  Asker there;  // for the second
};

}  // namespace

TEST_CASE("one desk fetches for those who wait at others", "[identity]") {
  TwoDesks scene;
  scene.reply(one);
  scene.ask_at_both();
  CHECK(scene.first->fetches() == 1);
  CHECK(scene.second->fetches() == 0);
  CHECK(scene.harness.run_until([&] { return scene.here.done() && scene.there.done(); }));
  CHECK(token_of(scene.here) == "one");
  CHECK(token_of(scene.there) == "one");
  CHECK(scene.service.requests().size() == 1);
}

TEST_CASE("a desk that goes in the middle of its fetch is followed by one that waits for it",
          "[identity]") {
  TwoDesks scene;
  scene.service.enqueue(Script().hold());
  scene.reply(two);
  scene.ask_at_both();
  CHECK(scene.until_asked(1));
  scene.close_first();
  CHECK(scene.until_told(scene.there));
  CHECK(token_of(scene.there) == "two");
  CHECK(scene.here.results.empty());
  CHECK(scene.service.cancelled() == 1);
}

TEST_CASE("a fetch that was given up with its desk is begun anew by the next who asks",
          "[identity]") {
  TwoDesks scene;
  scene.service.enqueue(Script().hold());
  scene.here.ask(*scene.vault, *scene.first);
  CHECK(scene.until_asked(1));
  scene.close_first();
  CHECK(scene.vault->view(scene.harness.clock()).state == VaultState::unasked);
  scene.reply(two);
  scene.there.ask(*scene.vault, *scene.second);
  CHECK(scene.until_told(scene.there));
  CHECK(token_of(scene.there) == "two");
}

TEST_CASE("who asks before a fetch is taken over gets both waits answered by one fetch",
          "[identity]") {
  TwoDesks scene;
  scene.service.enqueue(Script().hold());
  scene.reply(two);
  Asker third;
  scene.ask_at_both();
  CHECK(scene.until_asked(1));
  scene.close_first();
  third.ask(*scene.vault, *scene.second);
  CHECK(scene.harness.run_until([&] { return scene.there.done() && third.done(); }));
  CHECK(token_of(scene.there) == "two");
  CHECK(token_of(third) == "two");
  CHECK(scene.service.requests().size() == 2);
}

TEST_CASE("nobody takes over for a wait that has ended", "[identity]") {
  TwoDesks scene;
  scene.service.enqueue(Script().hold());
  scene.ask_at_both();
  CHECK(scene.until_asked(1));
  scene.close_first();
  scene.there.ticket.reset();
  const bool desk_too = GENERATE(false, true);
  if (desk_too) scene.second.reset();
  scene.harness.settle();
  CHECK(scene.service.requests().size() == 1);
}

TEST_CASE("a desk may go while what it waited for is on the way to it", "[identity]") {
  TwoDesks scene;
  scene.reply(one);
  scene.here.react = [&] {
    scene.there.ticket.reset();
    scene.second.reset();
  };
  scene.ask_at_both();
  CHECK(scene.until_told(scene.here));
  scene.harness.settle();
  CHECK((scene.second == nullptr || scene.there.done()));
}

TEST_CASE("a wait may end at any moment", "[identity]") {
  TwoDesks scene;
  scene.reply(one);
  {
    Asker brief;
    brief.ask(*scene.vault, *scene.first);
    CHECK(scene.first->waits() == 1);
  }
  CHECK(scene.first->waits() == 0);
  // The fetch goes on: somebody will want it.
  CHECK(scene.harness.run_until([&] { return scene.first->fetches() == 0; }));
  Asker later;
  later.ask(*scene.vault, *scene.first);
  CHECK(token_of(later) == "one");
}

TEST_CASE("who is told may end its own and other waits", "[identity]") {
  TwoDesks scene;
  scene.reply(one);
  std::vector<std::unique_ptr<Asker>> askers;
  for (int i = 0; i < 5; ++i) askers.push_back(std::make_unique<Asker>());
  askers[1]->react = [&] {
    askers[0]->ticket.reset();
    askers[1]->ticket.reset();
    askers[2].reset();
    askers[4]->ticket.reset();
  };
  for (const auto& asker : askers) asker->ask(*scene.vault, *scene.first);
  CHECK(scene.harness.run_until([&] { return askers[3]->done(); }));
  scene.harness.settle();
  CHECK(askers[0]->done());
  CHECK(askers[1]->done());
  CHECK_FALSE(askers[4]->done());
  CHECK(scene.first->waits() == 0);
}

TEST_CASE("who is told may ask again at once", "[identity]") {
  TwoDesks scene;
  scene.reply(one);
  scene.service.enqueue(Script::reply(200, "application/json", two));
  Asker asker;
  Asker next;
  asker.react = [&] {
    CHECK(scene.vault->invalidate(*asker.results[0], scene.harness.clock()));
    next.ask(*scene.vault, *scene.first);
    CHECK_FALSE(next.done());
  };
  asker.ask(*scene.vault, *scene.first);
  CHECK(scene.until_told(next));
  CHECK(token_of(asker) == "one");
  CHECK(token_of(next) == "two");
}

TEST_CASE("a desk may go at any moment of a long chain", "[identity]") {
  bool completed = false;
  for (int turns = 0; !completed; ++turns) {
    REQUIRE(turns < 500);
    TwoDesks scene;
    scene.variables["AWS_ENDPOINT_URL_STS"] = scene.url();
    scene.variables.erase("AWS_EC2_METADATA_DISABLED");
    scene.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = scene.url();
    scene.files.write(".aws/config",
                      "[profile p]\nrole_arn = r\ncredential_source = Ec2InstanceMetadata\n");
    scene.service.respond_with([](const RecordedRequest& request) {
      const std::string& target = request.head.target;
      if (target == "/") return Script::reply(200, "text/xml", sts_xml("STS", at_two));
      if (target.find("/role") != std::string::npos)
        return Script::reply(200, "application/json", aws_json("EC2", at_two));
      return Script::reply(200, "text/plain", "role");
    });
    const auto vault = scene.open(AwsAccess{"", "", {}, {}, "p"});
    Asker asker;
    asker.ask(*vault, *scene.first);
    int left = turns;
    CHECK(scene.harness.run_until([&] { return asker.done() || left-- == 0; }));
    completed = asker.done();
    asker.ticket.reset();
    scene.first.reset();
    CHECK(scene.client.running() == 0);
  }
}

TEST_CASE("a token file that was written anew is read at the next refresh", "[identity]") {
  TwoDesks scene;
  scene.variables["AZURE_TENANT_ID"] = "t";
  scene.variables["AZURE_CLIENT_ID"] = "c";
  scene.variables["AZURE_FEDERATED_TOKEN_FILE"] = scene.files.write("jwt", "jwt-1");
  const auto vault = scene.open(AzureAccess{});
  scene.reply(one);
  CHECK(token_of(scene.get(*vault)) == "one");
  scene.files.write("jwt", "jwt-2");
  scene.harness.advance(1h);
  scene.reply(two);
  CHECK(token_of(scene.get(*vault)) == "two");
  CHECK(scene.request(1).body.find("client_assertion=jwt-2&") != std::string::npos);
}
