#include "tls/session.hpp"

#include <openssl/ssl.h>

#include <ccrelay/clock.hpp>

#include <array>
#include <memory>
#include <string>

#include "catch.hpp"
#include "scenario/tls_stage.hpp"
#include "support/memory.hpp"
#include "tls/context.hpp"
#include "tls/keeper.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

tls::Context context_of(const std::string& certificate) {
  TlsConfig config;
  config.cert_file = tls_file(certificate + ".pem");
  config.key_file = tls_file(certificate + ".key");
  auto context = tls::load_context(config, true, Clock::system().wall());
  REQUIRE(context);
  return std::move(*context);
}

// A client of OpenSSL's, joined to a session by memory alone.
class Joined {
 public:
  explicit Joined(std::unique_ptr<tls::Session> session)
      : session_(std::move(session)), context_(SSL_CTX_new(TLS_client_method())) {
    ssl_ = SSL_new(context_);
    SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_);
    for (int i = 0; i < 4; ++i) {
      SSL_do_handshake(ssl_);
      to_session();
      session_->handshake();
      to_client(session_->output());
    }
    REQUIRE(SSL_is_init_finished(ssl_) == 1);
  }
  ~Joined() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  Joined(const Joined&) = delete;
  Joined& operator=(const Joined&) = delete;

  void send(const std::string& text) {
    SSL_write(ssl_, text.data(), static_cast<int>(text.size()));
    to_session();
  }
  bool holds_bytes() const { return session_->holds_bytes(); }
  std::string read_session() {
    std::string all;
    std::string_view plain;
    while (session_->read(plain) == tls::Session::Status::done) all += plain;
    return all;
  }
  // Both ways, all of it at once.
  void exchange(const std::string& text) {
    send(text);
    CHECK((read_session() == text));
    CHECK(session_->write(text));
    to_client(session_->output());
    CHECK((read_client() == text));
  }
  // Its session goes; what that held.
  std::size_t held_by_session() {
    const std::size_t before = memory_in_use();
    session_.reset();
    return before - memory_in_use();
  }

 private:
  void to_session() {
    BIO* output = SSL_get_wbio(ssl_);
    std::string wire(BIO_ctrl_pending(output), '\0');
    BIO_read(output, wire.data(), static_cast<int>(wire.size()));
    session_->receive(wire);
    session_->keep();
  }
  void to_client(std::string_view wire) {
    BIO_write(SSL_get_rbio(ssl_), wire.data(), static_cast<int>(wire.size()));
  }
  std::string read_client() {
    std::string all;
    std::array<char, 16 * 1024> part;
    for (int count = 0; (count = SSL_read(ssl_, part.data(), part.size())) > 0;) {
      all.append(part.data(), static_cast<std::size_t>(count));
    }
    return all;
  }

  std::unique_ptr<tls::Session> session_;
  ssl_ctx_st* context_;
  ssl_st* ssl_ = nullptr;
};

}  // namespace

TEST_CASE("an idle TLS session keeps nothing of a burst", "[scenario][tls]") {
  tls::Keeper keeper;
  keeper.use(context_of("server"));
  Joined quiet(keeper.new_session());
  quiet.exchange("hello");
  Joined busy(keeper.new_session());
  busy.exchange(std::string(512 * 1024, 'x'));
  busy.exchange("hello");
  const std::size_t quietly = quiet.held_by_session();
  const std::size_t busily = busy.held_by_session();
  CAPTURE(quietly, busily);
  CHECK(busily <= quietly + 8 * 1024);
}

TEST_CASE("a TLS session gives what was kept before what came after it", "[scenario][tls]") {
  tls::Keeper keeper;
  keeper.use(context_of("server"));
  Joined joined(keeper.new_session());
  joined.send("one ");
  CHECK(joined.holds_bytes());
  joined.send("two ");
  joined.send("three");
  CHECK((joined.read_session() == "one two three"));
  CHECK_FALSE(joined.holds_bytes());
}

TEST_CASE("a certificate that was read before a newer one was taken is dropped",
          "[scenario][tls]") {
  tls::Keeper keeper;
  keeper.use(context_of("server"));
  const std::uint64_t seen = keeper.generation();
  keeper.use(context_of("wrong-host"));
  CHECK_FALSE(keeper.use_unless_newer(context_of("server"), seen));
  CHECK(keeper.use_unless_newer(context_of("server"), keeper.generation()));
}
