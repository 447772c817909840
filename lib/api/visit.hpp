#pragma once

#include <ccrelay/manage.hpp>

#include <memory>
#include <optional>
#include <string>

#include "api/call.hpp"
#include "base/timer_queue.hpp"
#include "loop/loop.hpp"
#include "loop/mailbox.hpp"
#include "server/handler.hpp"

namespace ccrelay::api {

/// What the requests of a front share. Outlives them.
struct Rooms {
  loop::Loop& loop;
  std::shared_ptr<loop::Mailbox> mailbox;  ///< of that loop
  management::Manager& manager;
};

/// One call of the API, or an answer that was known from its head. Belongs to its connection;
/// loop's thread. What the Manager answers later, on another thread, comes by the mailbox, and
/// finds nobody when the client has left.
class Visit final : public server::RequestHandler {
 public:
  /// `head_only`: HEAD was asked; nothing of a body is sent.
  Visit(Rooms& rooms, server::ResponseWriter& writer, Call call, bool head_only);
  /// An answer that is known; with `page` it is a file of the page.
  Visit(Rooms& rooms, server::ResponseWriter& writer, Answer answer, bool head_only,
        bool page = false);
  /// Of what is no request: answers in on_refused().
  Visit(Rooms& rooms, server::ResponseWriter& writer);

  /// Call once made: gives an answer that is known.
  void begin();

 private:
  /// Where a call from elsewhere finds it, as long as it is there. The pointer is the loop's
  /// thread's alone.
  struct Self {
    Visit* visit;
  };
  enum class Phase { reading, asked, streaming, answered };

  void on_body(std::string_view bytes) override;
  void on_end() override;
  void on_refused(const http::Refusal& refusal) override;
  void on_drained() override { pump(); }
  void on_shutdown() override;
  void on_closed(Ending ending) override;

  void ask();
  void open();
  void send(const Answer& answer);
  void on_rung();
  void pump();
  void finish_stream();
  void keep_alive();

  Rooms& rooms_;
  server::ResponseWriter& writer_;
  Call call_;
  std::optional<Answer> known_;
  bool head_only_ = false;
  bool page_ = false;
  bool is_stopping_ = false;
  Phase phase_ = Phase::reading;
  std::shared_ptr<Self> self_;
  std::unique_ptr<Stream> stream_;
  base::Timer silence_;
  base::Timer rest_;
  bool is_rung_ = false;
};

}  // namespace ccrelay::api
