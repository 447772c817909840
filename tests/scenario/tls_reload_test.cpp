#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "catch.hpp"
#include "scenario/tls_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;
using std::chrono::milliseconds;
namespace fs = std::filesystem;

namespace {

/// A relay whose certificate lies in a folder of its own.
struct Stage {
  Stage() {
    std::string name = (fs::temp_directory_path() / "ccrelay-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder = name;
    put("server", "server");
    f.config.server.tls.cert_file = folder / "cert.pem";
    f.config.server.tls.key_file = folder / "key.pem";
  }
  ~Stage() { fs::remove_all(folder); }

  // As renewing programs do it: written beside, then renamed.
  void put(const std::string& certificate, const std::string& key) {
    put_file(tls_file(certificate + ".pem"), "cert.pem");
    put_file(tls_file(key + ".key"), "key.pem");
    fs::permissions(folder / "key.pem", fs::perms::owner_read | fs::perms::owner_write);
  }
  void put_file(const std::string& from, const std::string& name) {
    fs::copy_file(from, folder / "new", fs::copy_options::overwrite_existing);
    fs::rename(folder / "new", folder / name);
  }
  // Time goes by: enough for whatever is done about a change.
  void look() {
    for (int i = 0; i < 50; ++i) f.harness.advance(milliseconds(100));
  }
  // The same until this was told so many times; files are read on another thread.
  void look_until(const std::string& event, std::ptrdiff_t times = 1) {
    const auto told = [&] {
      return std::count_if(f.observer.notes.begin(), f.observer.notes.end(),
                           [&](const Note& note) { return note.event == event; }) >= times;
    };
    for (int i = 0; i < 500 && !told(); ++i) f.harness.advance(milliseconds(100));
    REQUIRE(told());
  }
  std::string name_shown() {
    const auto client = tls_client(f);
    f.until([&] { return client->secured() || client->gone(); });
    return client->server_name();
  }
  std::string noted(const std::string& event) const {
    std::string out;
    for (const auto& note : f.observer.notes) {
      if (note.event == event) out += note.message + "\n";
    }
    return out;
  }

  fs::path folder;
  F f;
};

}  // namespace

TEST_CASE("a new certificate is taken without a restart, and nobody is cut", "[scenario][tls]") {
  Stage s;
  const auto events = Script::events("hello");
  FakeProvider& provider = s.f.add_provider("one");
  Script script = Script::stream_head();
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (i == 4) script.hold();
    script.chunk(events[i]);
  }
  provider.enqueue(script.last_chunk());
  s.f.start();
  const auto running = tls_client(s.f);
  running->send(F::post(F::body(true)));
  s.f.until([&] { return has(running->received(), events[3]); });
  CHECK(s.name_shown() == "cc-relay test server");
  s.put("wrong-host", "wrong-host");
  s.look_until("certificate_read");
  CHECK(s.name_shown() == "cc-relay test wrong-host");
  CHECK(has(s.noted("certificate_read"), "new connections get the certificate"));
  provider.release();
  s.f.until([&] { return !running->answers().empty() && running->answers()[0].complete; });
  std::string expected;
  for (const auto& event : events) expected += event;
  CHECK(running->answers()[0].body == expected);
}

TEST_CASE("a pair that does not fit changes nothing and is told of", "[scenario][tls]") {
  Stage s;
  s.f.start();
  s.put("wrong-host", "server");
  s.look_until("certificate_refused");
  CHECK(s.name_shown() == "cc-relay test server");
  CHECK(has(s.noted("certificate_refused"), "; the certificate read before stays in use"));
  const std::string once = s.noted("certificate_refused");
  s.look();
  CHECK(s.noted("certificate_refused") == once);
  // The key follows later.
  s.put("wrong-host", "wrong-host");
  s.look_until("certificate_read");
  CHECK(s.name_shown() == "cc-relay test wrong-host");
}

TEST_CASE("an expired certificate is not taken over", "[scenario][tls]") {
  Stage s;
  s.f.start();
  s.put("expired", "expired");
  s.look_until("certificate_refused");
  CHECK(s.name_shown() == "cc-relay test server");
  CHECK(has(s.noted("certificate_refused"), "the certificate expired on Jan  1 00:00:00 2021 GMT"));
}

TEST_CASE("a file that is gone for a moment does no harm", "[scenario][tls]") {
  Stage s;
  s.f.start();
  fs::remove(s.folder / "cert.pem");
  s.look();
  CHECK(s.name_shown() == "cc-relay test server");
  s.put("server", "server");
  s.look();
  CHECK(s.name_shown() == "cc-relay test server");
}

TEST_CASE("a reload reads the certificate at once", "[scenario][tls]") {
  Stage s;
  s.f.start();
  s.put("wrong-host", "wrong-host");
  REQUIRE(s.f.relay->reload(s.f.config).has_value());
  CHECK(s.name_shown() == "cc-relay test wrong-host");
  s.put("server", "wrong-host");
  const auto refused = s.f.relay->reload(s.f.config);
  REQUIRE_FALSE(refused.has_value());
  CHECK(has(refused.error().message, "the key is not the one of the certificate"));
  CHECK(s.name_shown() == "cc-relay test wrong-host");
}

TEST_CASE("a key that others can read is warned of", "[scenario][tls]") {
  Stage s;
  fs::permissions(s.folder / "key.pem", fs::perms::group_read, fs::perm_options::add);
  s.f.start();
  CHECK(s.noted("certificate_warning") == "server.tls.key_file " + (s.folder / "key.pem").string() +
                                              " can be read by others than its owner; use: chmod "
                                              "600 " +
                                              (s.folder / "key.pem").string() + "\n");
}
