#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "channel.hpp"
#include "request.hpp"

namespace bench {

class Client;

/// Who uses the connections. Must not destroy one inside a call.
class ClientSink {
 public:
  virtual ~ClientSink() = default;
  /// Connected, and TLS is done: it may be asked.
  virtual void on_ready(Client& client) = 0;
  /// Of the body of an answer with status 200, framing of HTTP/1.1 included.
  virtual void on_bytes(Client& client, int id, std::string_view bytes) = 0;
  virtual void on_end(Client& client, int id) = 0;
  /// Of any other status, or the connection is lost.
  virtual void on_failed(Client& client, const std::string& why) = 0;
};

/// A client's connection. Watched by its owner's epoll with the descriptor as data.
class Client {
 public:
  Client(std::unique_ptr<Channel> channel, int epoll, ClientSink& sink);
  virtual ~Client() = default;

  /// Its owner's place for it.
  std::size_t slot = 0;

  /// Sends the request once more. An id for the answer, counted from 0.
  virtual int ask() = 0;
  void on_event(std::uint32_t events);
  void fail(const std::string& why);

 protected:
  virtual void on_connected() {}
  virtual void take(std::string_view bytes) = 0;
  /// The next bytes to be sent, the same again until some were; empty if there are none.
  virtual std::string_view unsent() = 0;
  virtual void sent(std::size_t bytes) = 0;
  void flush();
  ClientSink& sink() { return sink_; }

 private:
  void connect_further();
  void receive();

  const std::unique_ptr<Channel> channel_;
  const int epoll_;
  ClientSink& sink_;
  bool connected_ = false;
  bool ready_ = false;
  bool failed_ = false;
  bool watching_writes_ = true;
};

/// Requests of HTTP/1.1, one at a time. `request` outlives the client and is the same for all.
std::unique_ptr<Client> h1_client(std::unique_ptr<Channel> channel, int epoll, ClientSink& sink,
                                  const Request& request);
/// HTTP/2 with prior knowledge.
std::unique_ptr<Client> h2_client(std::unique_ptr<Channel> channel, int epoll, ClientSink& sink,
                                  const Request& request);

}  // namespace bench
