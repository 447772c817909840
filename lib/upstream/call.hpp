#pragma once

#include <memory>
#include <string>

#include "http/answer_reader.hpp"
#include "upstream/client.hpp"
#include "upstream/connection_pool.hpp"
#include "upstream/dial_queue.hpp"
#include "upstream/outgoing.hpp"
#include "upstream/transfer_result.hpp"

namespace ccrelay::upstream {

class Call;

/// What a call needs of the client.
class CallHost {
 public:
  /// Its begin() at the end of this turn, or its go_on().
  virtual void begin_later(Call& call) = 0;
  virtual void go_on_later(Call& call) = 0;
  /// Neither is to happen any more.
  virtual void forget(Call& call) = 0;
  /// It does not run any more.
  virtual void note_end() = 0;

  virtual loop::Loop& loop() = 0;
  virtual DialQueue& dials(OriginPool& pool) = 0;
  virtual ConnectionPool& pool() = 0;
  /// For bytes that are used before anything else is received: one buffer for all calls.
  virtual char* buffer() = 0;

  static constexpr std::size_t buffer_bytes = 64 * 1024;

 protected:
  ~CallHost() = default;
};

/// One request and its answer: gets a connection, sends, reads, tells the sink. What it holds while
/// the answer goes on is small. Belongs to the client's handle, which cuts it off from the sink and
/// buries it: a call may be on the stack whenever the sink is.
class Call final : private ConnectionUser, private DialSink, private http::AnswerReader::Sink {
 public:
  Call(CallHost& host, const Request& request, TransferSink& sink);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  /// At the end of a turn.
  void begin();
  void go_on();

  void resume();
  bool needs_body() const { return outgoing_.holds_body(); }
  /// The sink hears nothing from here on, and the request is not read.
  void cut();

  /// The client's: where it is listed.
  bool queued = false;
  bool going_on = false;

 private:
  // The bytes that a paused call holds.
  struct Held {
    std::string bytes;
    std::size_t body = 0;  // the first of them, which the sink did not take
    std::size_t at = 0;    // taken before that
  };

  void on_ready(Link& connection, int events) override;
  void on_dialed(std::unique_ptr<Channel> channel) override;
  void on_dial_failed(const DialFailure& failure) override;
  bool on_answer_head(ResponseHead head) override;
  http::AnswerReader::Take on_answer_body(std::string_view bytes) override;

  void dial();
  void use(std::unique_ptr<Link> connection);
  void send();
  void on_send_lost();
  void receive();
  bool feed(std::string_view bytes);
  bool deliver_held();
  void hold(std::string_view bytes);
  void on_closed();
  void wait();
  void complete(bool surplus);
  void fail(TransferFacts outcome);
  void fail_lost(CURLcode code);
  void end(const TransferResult& result);
  void drop_connection();
  bool ended() const { return sink_ == nullptr; }

  CallHost& host_;
  TransferSink* sink_;
  const Destination& destination_;
  OriginPool& pool_;
  const bool fresh_;
  const bool may_be_repeated_;
  bool url_is_valid_ = true;
  bool request_sent_ = false;
  bool send_lost_ = false;  // and what the other side had said before may still come
  bool dialing_ = false;    // a place in the queue, or a dial
  bool paused_ = false;
  bool more_buffered_ = false;  // perhaps, by TLS
  TimePoint last_sent_{};       // when something of the request went out last
  Outgoing outgoing_;
  std::unique_ptr<Link> connection_;
  http::AnswerReader reader_;
  std::unique_ptr<Held> held_;
};

}  // namespace ccrelay::upstream
