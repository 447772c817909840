#pragma once

#include <ccrelay/result.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ccrelay::app::contract {

using std::chrono::milliseconds;

/// What the client sends.
struct ClientRequest {
  std::string method = "POST";
  std::string target;  ///< behind the gateway's URL
  std::vector<std::string> headers;
  std::string body;
};

/// One exchange as the client sees it. Moves not at all: libcurl writes into it.
class Exchange {
 public:
  Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange();

  int status() const { return status_; }
  const std::string& body() const { return body_; }
  /// The first header of that name, in any case of letters; empty without one.
  std::string header(std::string_view name) const;
  bool is_json() const;
  bool over() const { return over_; }
  /// Over, and as the gateway had announced it: nothing was cut off.
  bool clean() const { return over_ && trouble_.empty(); }
  /// How it broke, in words; `no answer in N ms` when it was given up.
  const std::string& trouble() const { return trouble_; }
  /// Connections that were made for it.
  long connects() const { return connects_; }

 private:
  friend class Client;
  struct Curl;
  std::unique_ptr<Curl> curl_;
  int status_ = 0;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::string body_;
  bool over_ = false;
  std::string trouble_;
  long connects_ = 0;
};

/// Talks HTTP/1.1 to the gateway, many exchanges at once, in the thread that calls. Connections are
/// kept and used again, as clients do. No proxy, no redirect leads it elsewhere.
class Client final {
 public:
  /// `url` without the `/` at its end. A gateway with TLS must be trusted by this machine, or by
  /// $NODE_EXTRA_CA_CERTS, as for Claude Code.
  explicit Client(std::string url = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Requests that are begun from now on go there.
  void point_at(std::string url) { url_ = std::move(url); }
  std::unique_ptr<Exchange> begin(ClientRequest request);
  /// Until `done`, which is asked whenever something has happened; false when that takes longer.
  bool run_until(const std::function<bool()>& done, milliseconds limit);
  /// Until the exchange is over; one that takes longer is ended, with that as its trouble.
  void finish(Exchange& exchange, milliseconds limit);
  /// Closes its connection unless it is over.
  void abandon(Exchange& exchange);
  /// Has run_until() ask again. Thread-safe.
  void wake();

 private:
  struct Multi;
  void collect();

  std::string url_;
  std::unique_ptr<Multi> multi_;
};

}  // namespace ccrelay::app::contract
