#include "upstream/call.hpp"

#include <chrono>
#include <utility>

#include "upstream/request_head.hpp"

namespace ccrelay::upstream {

namespace {

using Reader = http::AnswerReader;

// How often a call may receive or send before others have their turn.
constexpr int rounds_max = 32;
// A body up to this goes into one TLS record with its head, at the price of a copy.
constexpr std::size_t joined_bytes_max = 14 * 1024;
// A provider that was closing a pooled connection when the request went out says so within a round
// trip. Later it may well have read the request and begun to work on it (RFC 9110 section 9.2.2).
constexpr std::chrono::seconds moment{1};

}  // namespace

Call::Call(CallHost& host, const Request& request, TransferSink& sink)
    : host_(host),
      sink_(&sink),
      destination_(request.destination),
      pool_(host.pool().of(request.destination)),
      fresh_(request.fresh),
      may_be_repeated_(request.may_be_repeated),
      reader_(*this) {
  std::string scratch;
  const auto target = pool_.origin.target(request.url, scratch);
  url_is_valid_ = target.has_value();
  if (!url_is_valid_) return;
  std::uint64_t body_bytes = 0;
  for (const std::string_view piece : request.body) body_bytes += piece.size();
  outgoing_.assign(print_request_head(request.method, *target, pool_.origin.head_lines(),
                                      request.headers, body_bytes),
                   request.body);
  reader_.begin(request.method == "HEAD");
}

void Call::cut() {
  host_.forget(*this);
  if (ended()) return;
  sink_ = nullptr;
  outgoing_.clear();
  if (std::exchange(dialing_, false)) host_.dials(pool_).forget(*this);
  drop_connection();
  host_.note_end();
}

// ---- A connection

void Call::begin() {
  if (!url_is_valid_) return fail({destination_, CURLE_URL_MALFORMAT});
  if (!fresh_) {
    const bool surely = !may_be_repeated_;
    if (auto connection = host_.pool().take(pool_, surely)) return use(std::move(connection));
  }
  dial();
}

void Call::dial() {
  dialing_ = true;
  host_.dials(pool_).want(*this);
}

void Call::on_dialed(std::unique_ptr<Channel> channel) {
  dialing_ = false;
  use(std::make_unique<Link>(host_.loop(), std::move(channel), pool_));
}

void Call::on_dial_failed(const DialFailure& failure) {
  dialing_ = false;
  TransferFacts outcome{destination_, failure.code};
  outcome.system_error = failure.system_error;
  outcome.exhausted = failure.exhausted;
  outcome.proxy_status = failure.proxy_status;
  outcome.curl_text = failure.text;
  fail(outcome);
}

void Call::use(std::unique_ptr<Link> connection) {
  connection_ = std::move(connection);
  connection_->set_user(*this);
  if (connection_->channel().sends_one_place()) outgoing_.join(joined_bytes_max);
  request_sent_ = true;
  sink_->on_connected(connection_->reused);
  if (!ended()) send();
}

void Call::drop_connection() {
  if (!connection_) return;
  connection_->close();
  host_.loop().bury(std::move(connection_));
}

// ---- The request

void Call::on_ready(Link&, int events) {
  // What has come goes first: it may be an answer to a request that nobody reads to its end.
  const bool more = std::exchange(more_buffered_, false);
  if (!paused_ && ((events & UV_READABLE) != 0 || more)) receive();
  if (ended() || !connection_ || (events & UV_WRITABLE) == 0) return;
  send();
}

void Call::send() {
  for (int round = 0; round < rounds_max && !outgoing_.empty(); ++round) {
    const Moved moved = connection_->channel().send(outgoing_);
    if (moved.state == Moved::State::later) break;
    if (moved.state != Moved::State::some) return on_send_lost();
    outgoing_.advance(moved.bytes);
    last_sent_ = host_.loop().now();
  }
  wait();
}

// An answer may have been given before, such as one that the request is too large.
void Call::on_send_lost() {
  send_lost_ = true;
  outgoing_.clear();
  wait();
}

void Call::wait() {
  const bool write = !outgoing_.empty() || (more_buffered_ && !paused_);
  connection_->want((paused_ ? 0 : UV_READABLE) | (write ? UV_WRITABLE : 0));
}

// ---- The answer

void Call::receive() {
  Channel& channel = connection_->channel();
  for (int round = 0; round < rounds_max; ++round) {
    const Moved moved = channel.receive(host_.buffer(), CallHost::buffer_bytes);
    switch (moved.state) {
      case Moved::State::some:
        if (!feed({host_.buffer(), moved.bytes})) return;
        // The poller tells whether there is more.
        if (!channel.buffers()) return sink_->on_all_given();
        break;
      case Moved::State::later:
        wait();
        return sink_->on_all_given();
      case Moved::State::closed:
        return on_closed();
      case Moved::State::lost:
        return fail_lost(send_lost_ ? CURLE_SEND_ERROR : CURLE_RECV_ERROR);
    }
  }
  // Others have their turn. The socket may not show what TLS has read from it: that it can be
  // written to is what wakes us.
  more_buffered_ = true;
  wait();
  sink_->on_all_given();
}

// False when there is no more to be read now.
bool Call::feed(std::string_view bytes) {
  std::size_t taken = 0;
  switch (reader_.feed(bytes, taken)) {
    case Reader::Step::more:
      return true;
    case Reader::Step::paused:
      hold(bytes.substr(taken - reader_.untaken().size()));
      return false;
    case Reader::Step::complete:
      complete(taken < bytes.size());
      return false;
    case Reader::Step::refused: {
      TransferFacts outcome{destination_};
      outcome.refusal = reader_.problem();
      fail(outcome);
      return false;
    }
    case Reader::Step::stopped:
      return false;
  }
  return false;
}

bool Call::on_answer_head(ResponseHead head) {
  sink_->on_head(std::move(head));
  return !ended();
}

Reader::Take Call::on_answer_body(std::string_view bytes) {
  const Flow flow = sink_->on_body(bytes);
  if (ended()) return Reader::Take::stop;
  return flow == Flow::taken ? Reader::Take::taken : Reader::Take::pause;
}

void Call::on_closed() {
  if (reader_.finish() == Reader::Step::complete) return complete(true);
  fail_lost(CURLE_GOT_NOTHING);
}

// ---- Pauses

void Call::hold(std::string_view bytes) {
  const std::size_t body = reader_.untaken().size();
  if (held_) {
    // They are in there already.
    held_->at = static_cast<std::size_t>(bytes.data() - held_->bytes.data());
  } else {
    held_ = std::make_unique<Held>();
    held_->bytes = bytes;
  }
  held_->body = body;
  paused_ = true;
  wait();
}

void Call::resume() {
  if (!ended()) host_.go_on_later(*this);
}

void Call::go_on() {
  if (ended() || !connection_) return;
  if (held_ && !deliver_held()) return;
  paused_ = false;
  wait();
  // TLS may hold what the socket does not show.
  if (connection_->channel().buffers()) receive();
}

// False when that was not the end of what was held.
bool Call::deliver_held() {
  const std::string_view bytes = std::string_view(held_->bytes).substr(held_->at);
  const std::size_t body = held_->body;
  switch (on_answer_body(bytes.substr(0, body))) {
    case Reader::Take::pause:
    case Reader::Take::stop:
      return false;
    case Reader::Take::taken:
      break;
  }
  if (!feed(bytes.substr(body))) return false;
  held_.reset();
  return true;
}

// ---- The end

void Call::complete(bool surplus) {
  // What it may still send nobody asked for, and what it has not read yet would be read as the next
  // request.
  if (surplus || !reader_.keeps_alive() || !outgoing_.empty() || send_lost_) {
    drop_connection();
  } else {
    host_.pool().give(std::move(connection_), std::chrono::seconds(destination_.idle_seconds_max));
  }
  end(explain({destination_, CURLE_OK, true, true, true}));
}

void Call::fail_lost(CURLcode code) {
  TransferFacts outcome{destination_, code};
  // Most likely the provider was closing it already when the request went out.
  const bool stale =
      connection_->reused && !reader_.begun() && host_.loop().now() - last_sent_ <= moment;
  if (stale) outcome.code = CURLE_GOT_NOTHING;
  drop_connection();
  outcome.request_sent = true;
  outcome.head_begun = reader_.begun();
  outcome.head_complete = reader_.head_complete();
  TransferResult result = explain(outcome);
  result.stale = stale;
  end(result);
}

void Call::fail(TransferFacts outcome) {
  drop_connection();
  outcome.request_sent = request_sent_;
  outcome.head_begun = reader_.begun();
  outcome.head_complete = reader_.head_complete();
  end(explain(outcome));
}

void Call::end(const TransferResult& result) {
  TransferSink& sink = *std::exchange(sink_, nullptr);
  outgoing_.clear();
  host_.forget(*this);
  host_.note_end();
  sink.on_done(result);
}

}  // namespace ccrelay::upstream
