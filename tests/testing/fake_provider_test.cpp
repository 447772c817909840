#include <openssl/ssl.h>
#include <ccrelay/testing/fake_provider.hpp>
#include <ccrelay/testing/loop_harness.hpp>

#include <algorithm>
#include <memory>
#include <string>

#include "catch.hpp"
#include "support/raw_client.hpp"

#ifndef CCRELAY_TEST_DATA
#define CCRELAY_TEST_DATA "tests/data"
#endif

using namespace ccrelay;
using namespace ccrelay::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::string post(std::string_view target, std::string_view body) {
  std::string out = "POST ";
  out.append(target).append(" HTTP/1.1\r\nhost: fake\r\ncontent-length: ");
  return out.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

std::string messages(std::string_view body = "{}") {
  return post("/v1/messages", body);
}

/// A loop, a provider on the loop's clock, and a client that is connected to it.
struct Scene {
  explicit Scene(FakeProvider::Options options = {})
      : provider(harness.loop(), with_clock(std::move(options), harness.clock())),
        client(harness.loop(), provider.port()) {}

  static FakeProvider::Options with_clock(FakeProvider::Options options, const Clock& clock) {
    if (options.clock == nullptr) options.clock = &clock;
    return options;
  }
  /// Turns the loop until the client has that many complete answers; gives them back.
  std::vector<Answer> answers(std::size_t count) {
    const auto complete = [this, count] {
      const std::vector<Answer> all = client.answers();
      return all.size() >= count && all[count - 1].complete;
    };
    REQUIRE(harness.run_until(complete));
    REQUIRE(client.answers().size() == count);
    return client.answers();
  }
  bool receives(std::string_view text) {
    return harness.run_until(
        [this, text] { return client.received().find(text) != std::string::npos; });
  }

  LoopHarness harness;
  FakeProvider provider;
  RawClient client;
};

/// The least of a TLS client: what comes in on `wire` is decrypted, what is sent is encrypted.
class TlsClient {
 public:
  explicit TlsClient(RawClient& wire) : wire_(wire), context_(SSL_CTX_new(TLS_client_method())) {
    static constexpr unsigned char protocols[] = "\x02h2\x08http/1.1";
    SSL_CTX_load_verify_locations(context_, CCRELAY_TEST_DATA "/tls/ca.pem", nullptr);
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    ssl_ = SSL_new(context_);
    SSL_set_alpn_protos(ssl_, protocols, sizeof protocols - 1);
    SSL_set1_host(ssl_, "localhost");
    SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_);
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  void send(std::string_view text) { unsent_.append(text); }
  /// Call after each turn.
  void exchange() {
    const std::string_view wire = std::string_view(wire_.received()).substr(taken_);
    taken_ += wire.size();
    if (!wire.empty()) BIO_write(SSL_get_rbio(ssl_), wire.data(), static_cast<int>(wire.size()));
    SSL_do_handshake(ssl_);
    if (SSL_is_init_finished(ssl_) && !unsent_.empty()) {
      SSL_write(ssl_, unsent_.data(), static_cast<int>(unsent_.size()));
      unsent_.clear();
    }
    char part[4096];
    for (int count = 0; (count = SSL_read(ssl_, part, sizeof part)) > 0;)
      received.append(part, static_cast<std::size_t>(count));
    closed = (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0;
    std::string out(BIO_ctrl_pending(SSL_get_wbio(ssl_)), '\0');
    if (out.empty()) return;
    BIO_read(SSL_get_wbio(ssl_), out.data(), static_cast<int>(out.size()));
    wire_.send(out);
  }
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &name, &size);
    return std::string(reinterpret_cast<const char*>(name), size);
  }
  long verified() const { return SSL_get_verify_result(ssl_); }

  std::string received;
  bool closed = false;

 private:
  RawClient& wire_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  std::string unsent_;
  std::size_t taken_ = 0;
};

}  // namespace

TEST_CASE("a provider nobody told anything answers with a message", "[testing]") {
  Scene scene;
  scene.client.send(messages());
  const Answer answer = scene.answers(1)[0];
  CHECK(answer.status == 200);
  CHECK(answer.headers.get("content-type") == "application/json");
  CHECK(answer.headers.get("request-id") == "req_fake");
  CHECK(answer.body ==
        R"({"id":"msg_fake","type":"message","role":"assistant","model":"claude-fake",)"
        R"("content":[{"type":"text","text":"Hello from the fake provider."}],)"
        R"("stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":11,)"
        R"("cache_creation_input_tokens":3,"cache_read_input_tokens":5,"output_tokens":7}})");
}

TEST_CASE("a provider nobody told anything streams when it is asked to", "[testing]") {
  Scene scene;
  scene.client.send(messages("{\"stream\" :\n true}"));
  const Answer answer = scene.answers(1)[0];
  CHECK(answer.headers.get("content-type") == "text/event-stream; charset=utf-8");
  std::string expected;
  for (const std::string& event : Script::events("Hello from the fake provider."))
    expected += event;
  CHECK(answer.body == expected);
}

TEST_CASE("a provider nobody told anything counts tokens and lists models", "[testing]") {
  Scene scene;
  scene.client.send(post("/v1/messages/count_tokens?beta=true", "{}"));
  scene.client.send("GET /v1/models HTTP/1.1\r\nhost: fake\r\n\r\n");
  const std::vector<Answer> answers = scene.answers(2);
  CHECK(answers[0].body == R"({"input_tokens":42})");
  CHECK(answers[1].body.find(R"("id":"claude-fake")") != std::string::npos);
}

TEST_CASE("the events of a stream are Anthropic's", "[testing]") {
  const std::vector<std::string> events = Script::events("a \"b\"\n");
  REQUIRE(events.size() == 8);
  CHECK(events[0] ==
        "event: message_start\n"
        R"(data: {"type":"message_start","message":{"id":"msg_fake","type":"message",)"
        R"("role":"assistant","model":"claude-fake","content":[],"stop_reason":null,)"
        R"("stop_sequence":null,"usage":{"input_tokens":11,"cache_creation_input_tokens":3,)"
        R"("cache_read_input_tokens":5,"output_tokens":1}}})"
        "\n\n");
  CHECK(events[1] == "event: ping\ndata: {\"type\":\"ping\"}\n\n");
  CHECK(events[2] ==
        "event: content_block_start\n"
        R"(data: {"type":"content_block_start","index":0,)"
        R"("content_block":{"type":"text","text":""}})"
        "\n\n");
  CHECK(events[3] ==
        "event: content_block_delta\n"
        R"(data: {"type":"content_block_delta","index":0,)"
        R"("delta":{"type":"text_delta","text":"a"}})"
        "\n\n");
  CHECK(events[4] ==
        "event: content_block_delta\n"
        R"(data: {"type":"content_block_delta","index":0,)"
        R"("delta":{"type":"text_delta","text":" \"b\"\n"}})"
        "\n\n");
  CHECK(events[5] ==
        "event: content_block_stop\n"
        R"(data: {"type":"content_block_stop","index":0})"
        "\n\n");
  CHECK(events[6] ==
        "event: message_delta\n"
        R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn",)"
        R"("stop_sequence":null},"usage":{"output_tokens":7}})"
        "\n\n");
  CHECK(events[7] == "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
}

TEST_CASE("a reply is on the wire as it was scripted", "[testing]") {
  Scene scene;
  scene.provider.enqueue(
      Script::error(429, "rate_limit_error", "slow \x01 down", {{"Retry-After", "7"}}));
  scene.client.send(messages());
  scene.answers(1);
  CHECK(scene.client.received() ==
        "HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\n"
        "content-length: 81\r\nRetry-After: 7\r\n\r\n"
        R"({"type":"error","error":{"type":"rate_limit_error","message":"slow \u0001 down"}})");
}

TEST_CASE("scripts are used in the order they were given, then the responder", "[testing]") {
  Scene scene;
  scene.provider.enqueue(Script::reply(200, "text/plain", "first"));
  scene.provider.enqueue(Script::reply(200, "text/plain", "second"));
  scene.provider.respond_with([](const RecordedRequest& request) {
    return Script::reply(200, "text/plain", request.head.target);
  });
  scene.client.send(messages() + messages() + messages());
  const std::vector<Answer> answers = scene.answers(3);
  CHECK(answers[0].body == "first");
  CHECK(answers[1].body == "second");
  CHECK(answers[2].body == "/v1/messages");
}

TEST_CASE("a request is recorded alike however it is cut", "[testing]") {
  const std::string request =
      "POST /v1/messages?beta=true HTTP/1.1\r\nHost: fake\r\nX-Empty:\r\nx-key:  v \r\n"
      "Transfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n3\r\n:1}\r\n0\r\nx-trailer: t\r\n\r\n";
  Scene scene;
  for (std::size_t cut = 1; cut <= request.size(); ++cut) {
    scene.client.send(request.substr(0, cut));
    // The next turn or two bring it over, together with the rest or not: both must do.
    if (cut % 8 == 0) scene.harness.settle();
    scene.client.send(request.substr(cut));
  }
  scene.answers(request.size());
  REQUIRE(scene.provider.requests().size() == request.size());
  for (const RecordedRequest& recorded : scene.provider.requests()) {
    CHECK(recorded.head.method == "POST");
    CHECK(recorded.head.target == "/v1/messages?beta=true");
    CHECK(recorded.head.version_minor == 1);
    REQUIRE(recorded.head.headers.size() == 4);
    CHECK(recorded.head.headers[0].name == "Host");
    CHECK(recorded.head.headers.get("x-empty") == "");
    CHECK(recorded.head.headers.get("x-key") == "v");
    CHECK(recorded.body == "{\"a\":1}");
    CHECK(recorded.connection == 0);
  }
}

TEST_CASE("nothing is recorded once that is switched off", "[testing]") {
  Scene scene;
  scene.provider.record(false);
  scene.client.send(messages());
  scene.answers(1);
  CHECK(scene.provider.requests().empty());
}

TEST_CASE("a client that expects 100 gets it before the body", "[testing]") {
  Scene scene;
  scene.client.send(
      "POST / HTTP/1.1\r\nhost: fake\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n");
  CHECK(scene.answers(1)[0].status == 100);
  scene.client.send("{}");
  CHECK(scene.answers(2)[1].status == 200);
  CHECK(scene.provider.requests()[0].body == "{}");
}

TEST_CASE("what is no HTTP is refused with the reason", "[testing]") {
  Scene scene;
  scene.client.send("hello\r\n\r\n");
  CHECK(scene.answers(1)[0].status == 400);
  CHECK(scene.answers(1)[0].body == "Invalid method encountered");
  CHECK(scene.harness.run_until([&scene] { return scene.client.eof(); }));
}

TEST_CASE("a client that asks for it is left after the answer", "[testing]") {
  Scene scene;
  scene.client.send("GET / HTTP/1.1\r\nhost: fake\r\nconnection: close\r\n\r\n");
  scene.answers(1);
  CHECK(scene.harness.run_until([&scene] { return scene.client.eof(); }));
}

TEST_CASE("a script on hold goes on when it is released", "[testing]") {
  Scene scene;
  Script script = Script::stream_head();
  scene.provider.enqueue(script.chunk("one").hold().chunk("two").hold().last_chunk());
  scene.client.send(messages() + messages());
  REQUIRE(scene.receives("one"));
  scene.harness.settle();
  CHECK(scene.client.received().find("two") == std::string::npos);
  scene.provider.release();
  REQUIRE(scene.receives("two"));
  CHECK(scene.provider.requests().size() == 1);  // the pipelined one waits
  scene.provider.release();
  CHECK(scene.answers(2)[0].body == "onetwo");
}

TEST_CASE("a pause lasts as long as the manual clock says", "[testing]") {
  Scene scene;
  scene.provider.enqueue(Script().pause(seconds(30)).send("late"));
  scene.client.send(messages());
  REQUIRE(scene.harness.run_until([&scene] { return !scene.provider.requests().empty(); }));
  scene.harness.advance(seconds(29));
  CHECK(scene.client.received().empty());
  scene.harness.advance(seconds(1));
  CHECK(scene.client.received() == "late");
}

TEST_CASE("pauses of the real clock end by themselves", "[testing]") {
  FakeProvider::Options options;
  options.clock = &Clock::system();
  Scene scene(options);
  RawClient other(scene.harness.loop(), scene.provider.port());
  scene.provider.enqueue(Script().pause(milliseconds(30)).send("late"));
  scene.provider.enqueue(Script().pause(milliseconds(2)).send("soon"));
  const auto start = std::chrono::steady_clock::now();
  scene.client.send(messages());
  REQUIRE(scene.harness.run_until([&scene] { return scene.provider.requests().size() == 1; }));
  other.send(messages());
  REQUIRE(scene.harness.run_until([&other] { return other.received() == "soon"; }));
  REQUIRE(scene.receives("late"));
  CHECK(std::chrono::steady_clock::now() - start >= milliseconds(30));
}

TEST_CASE("close() ends the connection after everything was sent", "[testing]") {
  Scene scene;
  const std::string big(8 << 20, 'x');
  scene.provider.enqueue(Script().send(big).close());
  scene.client.send(messages());
  REQUIRE(scene.harness.run_until([&scene] { return scene.client.gone(); }));
  CHECK(scene.client.eof());
  CHECK(scene.client.received().size() == big.size());
  CHECK(scene.provider.cancelled() == 0);
}

TEST_CASE("close() is orderly even if the client has sent more", "[testing]") {
  Scene scene;
  scene.provider.enqueue(Script().hold().send("bye").close());
  scene.client.send(messages());
  REQUIRE(scene.harness.run_until([&scene] { return !scene.provider.requests().empty(); }));
  scene.provider.pause_reading(true);
  scene.client.send(messages());
  scene.harness.settle();
  scene.provider.release();
  REQUIRE(scene.harness.run_until([&scene] { return scene.client.gone(); }));
  CHECK(scene.client.eof());
  CHECK_FALSE(scene.client.was_reset());
  CHECK(scene.client.received() == "bye");
}

TEST_CASE("reset() cuts the connection", "[testing]") {
  Scene scene;
  scene.provider.enqueue(Script().send("half").hold().reset());
  scene.client.send(messages());
  REQUIRE(scene.receives("half"));
  scene.provider.release();
  REQUIRE(scene.harness.run_until([&scene] { return scene.client.gone(); }));
  CHECK(scene.client.was_reset());
  CHECK(scene.provider.connections_open() == 0);
  CHECK(scene.provider.cancelled() == 0);
}

TEST_CASE("a client that leaves during a script is counted", "[testing]") {
  const auto leave = GENERATE(&RawClient::close, &RawClient::reset, &RawClient::shutdown_write);
  Scene scene;
  scene.provider.enqueue(Script::stream_head().hold());
  scene.client.send(messages());
  REQUIRE(scene.receives("200 OK"));
  CHECK(scene.provider.connections_open() == 1);
  (scene.client.*leave)();
  REQUIRE(scene.harness.run_until([&scene] { return scene.provider.connections_open() == 0; }));
  CHECK(scene.provider.cancelled() == 1);
}

TEST_CASE("a client that leaves before the rest of an answer was sent is counted", "[testing]") {
  Scene scene;
  scene.provider.enqueue(Script().send(std::string(16 << 20, 'x')));
  scene.client.pause_reading(true);
  scene.client.send(messages());
  REQUIRE(scene.harness.run_until([&scene] { return !scene.provider.requests().empty(); }));
  scene.harness.settle();
  scene.client.close();
  REQUIRE(scene.harness.run_until([&scene] { return scene.provider.connections_open() == 0; }));
  CHECK(scene.provider.cancelled() == 1);
}

TEST_CASE("a client that leaves between requests is not counted", "[testing]") {
  Scene scene;
  scene.client.send(messages());
  scene.answers(1);
  scene.client.close();
  REQUIRE(scene.harness.run_until([&scene] { return scene.provider.connections_open() == 0; }));
  CHECK(scene.provider.cancelled() == 0);
  CHECK(scene.provider.connections_accepted() == 1);
}

TEST_CASE("close_connections() closes idle connections and busy ones", "[testing]") {
  Scene scene;
  RawClient busy(scene.harness.loop(), scene.provider.port());
  scene.provider.enqueue(Script().hold());
  busy.send(messages());
  REQUIRE(scene.harness.run_until([&scene] {
    return !scene.provider.requests().empty() && scene.provider.connections_open() == 2;
  }));
  scene.provider.close_connections();
  REQUIRE(scene.harness.run_until([&] { return scene.client.gone() && busy.gone(); }));
  CHECK(scene.client.eof());
  CHECK(busy.eof());
  CHECK(scene.provider.connections_open() == 0);
  CHECK(scene.provider.cancelled() == 0);
}

TEST_CASE("a responder may close the connection it is asked for", "[testing]") {
  Scene scene;
  scene.provider.respond_with([&scene](const RecordedRequest&) {
    scene.provider.close_connections();
    return Script::message("too late");
  });
  scene.client.send(messages() + messages());
  REQUIRE(scene.harness.run_until([&scene] { return scene.client.gone(); }));
  CHECK(scene.client.received().empty());
}

TEST_CASE("a provider that does not read lets the client's writes pile up", "[testing]") {
  Scene scene;
  scene.provider.pause_reading(true);
  scene.client.send(messages(std::string(32 << 20, ' ')));
  scene.harness.settle();
  CHECK(scene.client.unsent() > 0);
  scene.provider.pause_reading(false);
  CHECK(scene.answers(1)[0].status == 200);
  CHECK(scene.client.unsent() == 0);
}

TEST_CASE("a provider may go at any step of a script", "[testing]") {
  const int turns = GENERATE(range(0, 12));
  LoopHarness harness;
  auto provider = std::make_unique<FakeProvider>(harness.loop());
  RawClient client(harness.loop(), provider->port());
  provider->enqueue(Script::stream_head().chunk("a").pause(seconds(60)));
  provider->enqueue(Script().send(std::string(16 << 20, 'x')).close());
  client.send(messages() + messages());
  int turn = 0;
  REQUIRE(harness.run_until([&turn, turns] { return turn++ == turns; }));
  if (turns % 2 == 0) provider->close_connections();
  provider.reset();
  CHECK(harness.run_until([&client] { return client.gone(); }));
}

TEST_CASE("a provider says where it is", "[testing]") {
  LoopHarness harness;
  const FakeProvider provider(harness.loop());
  CHECK(provider.url() == "http://127.0.0.1:" + std::to_string(provider.port()));
}

TEST_CASE("a provider that cannot listen throws", "[testing]") {
  LoopHarness harness;
  FakeProvider::Options options;
  options.address = "nowhere";
  CHECK_THROWS_WITH(FakeProvider(harness.loop(), options),
                    "FakeProvider: cannot listen on nowhere: invalid argument");
  options.address = "127.0.0.1";
  options.certificate_file = "/nonexistent.pem";
  CHECK_THROWS_AS(FakeProvider(harness.loop(), options), std::runtime_error);
}

TEST_CASE("a provider with a certificate serves TLS", "[testing]") {
  FakeProvider::Options options;
  options.certificate_file = CCRELAY_TEST_DATA "/tls/server.pem";
  options.key_file = CCRELAY_TEST_DATA "/tls/server.key";
  Scene scene(options);
  CHECK(scene.provider.url() == "https://127.0.0.1:" + std::to_string(scene.provider.port()));
  TlsClient tls(scene.client);
  scene.provider.enqueue(Script::stream("over TLS"));
  scene.provider.enqueue(Script().send(std::string(100'000, 'x')).close());
  tls.send(messages());
  const auto first = [&tls] {
    tls.exchange();
    return tls.received.ends_with("0\r\n\r\n");
  };
  REQUIRE(scene.harness.run_until(first));
  CHECK(parse_answers(tls.received)[0].status == 200);
  CHECK(tls.protocol() == "http/1.1");
  CHECK(tls.verified() == X509_V_OK);

  tls.received.clear();
  tls.send(messages());
  const auto second = [&] {
    tls.exchange();
    return scene.client.eof();
  };
  REQUIRE(scene.harness.run_until(second));
  CHECK(tls.received.size() == 100'000);
  CHECK(tls.closed);  // close_notify came before FIN
}

TEST_CASE("a client that speaks no TLS to a TLS provider is sent away", "[testing]") {
  FakeProvider::Options options;
  options.certificate_file = CCRELAY_TEST_DATA "/tls/server.pem";
  options.key_file = CCRELAY_TEST_DATA "/tls/server.key";
  Scene scene(options);
  scene.client.send(messages());
  CHECK(scene.harness.run_until([&scene] { return scene.client.gone(); }));
  CHECK(scene.provider.requests().empty());
}
