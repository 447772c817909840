#include "api/entrance.hpp"

#include <optional>
#include <utility>
#include <variant>

#include "api/doorkeeper.hpp"
#include "api/page.hpp"
#include "base/header_name.hpp"
#include "loop/stream.hpp"

namespace ccrelay::api {
namespace {

constexpr int connections_max = 256;

// Its own, and not [timeouts], which are about clients of the relay. Who reads nothing of a stream
// costs a queue and nothing else; a terminal may be stopped for a while.
server::ConnectionLimits limits_of(milliseconds handshake_timeout) {
  TimeoutConfig timeouts;
  timeouts.client_write = std::chrono::hours(1);
  timeouts.client_linger = milliseconds(300);
  server::ConnectionLimits limits{16 << 10, 100, 64 << 10, timeouts};
  limits.handshake_timeout = handshake_timeout;
  return limits;
}

Visitor visitor_of(const server::ResponseWriter& writer, const std::string& peer, bool local) {
  Visitor visitor{peer, local, {}, {}};
  const loop::Stream* stream = writer.stream();
  if (!stream) return visitor;
  if (local) {
    visitor.user = stream->user();
  } else {
    visitor.certificate_subject = stream->certificate_subject();
  }
  return visitor;
}

Call call_of(const RequestHead& head, management::Caller caller) {
  Call call;
  call.method = head.method == "HEAD" ? "GET" : head.method;
  call.path = api_path(head.path()).value_or("");
  call.query = head.query();
  call.content_type = head.headers.get(base::HeaderName::content_type).value_or("");
  call.accept = head.headers.get("accept").value_or("");
  call.caller = std::move(caller);
  return call;
}

Answer page_answer(std::string_view path) {
  const auto file = page_file(path);
  return {200, std::string(file->type), std::string(file->bytes)};
}

}  // namespace

Entrance::Entrance(Rooms& rooms, bool local, milliseconds handshake_timeout, ConfigNow config)
    : rooms_(rooms),
      local_(local),
      config_(std::move(config)),
      server_(rooms.loop, *this, limits_of(handshake_timeout), common_) {
  common_.connections_max = connections_max;
}

std::vector<std::string> Entrance::addresses() const {
  const std::lock_guard lock(mutex_);
  return addresses_;
}

void Entrance::listens() {
  std::vector<std::string> addresses;
  for (const auto& address : server_.addresses()) addresses.push_back(address.text());
  const std::lock_guard lock(mutex_);
  addresses_ = std::move(addresses);
}

std::unique_ptr<server::RequestHandler> Entrance::make(RequestHead head,
                                                       server::ResponseWriter& writer,
                                                       const std::string& peer) {
  const bool head_only = head.method == "HEAD";
  const auto config = config_();
  const std::vector<std::string> bound = addresses();
  const House house{config->manage.allowed_hosts, config->manage.listen, bound,
                    common_.tls.enabled()};
  const Visitor visitor = visitor_of(writer, peer, local_);
  management::Access& access = rooms_.manager.access();
  auto decided = admit(head, visitor, local_ ? nullptr : &house, access);
  std::unique_ptr<Visit> visit;
  if (auto* away = std::get_if<TurnedAway>(&decided)) {
    if (away->suspicious) {
      access.refused(peer, away->answer.status == 401 ? "it showed no credential that opens it"
                                                      : "its request is none that may come in");
    }
    visit = std::make_unique<Visit>(rooms_, writer, std::move(away->answer), head_only);
  } else if (auto& admitted = std::get<Admitted>(decided); admitted.to == Admitted::To::page) {
    visit = std::make_unique<Visit>(rooms_, writer, page_answer(head.path()), head_only, true);
  } else {
    visit = std::make_unique<Visit>(rooms_, writer, call_of(head, std::move(admitted.caller)),
                                    head_only);
  }
  visit->begin();
  return visit;
}

std::unique_ptr<server::RequestHandler> Entrance::make_for_refusal(server::ResponseWriter& writer,
                                                                   const std::string&) {
  return std::make_unique<Visit>(rooms_, writer);
}

}  // namespace ccrelay::api
