#include <fmt/format.h>

#include <string>

#include "table.hpp"

namespace ccrelay::app::checks {
namespace {

constexpr const char* listen_port_id = "listen.port";

}  // namespace

void check_listen_port(const Facts& facts, Findings& out) {
  const std::string& listen = facts.config.server.listen;
  if (!facts.not_found.empty()) {
    out.skipped(listen_port_id, "", "there is no configuration");
    return;
  }
  if (facts.contact && facts.is_ours()) {
    out.ok(listen_port_id, facts.contact->place.name(),
           fmt::format("our relay answers, version {}", facts.meeting->version));
    return;
  }
  // Known by its management, as its port shows itself to those with a certificate alone.
  if (facts.contact && facts.wants_certificate && facts.report) {
    out.ok(listen_port_id, facts.contact->place.name(),
           "our relay runs; it asks for a client's certificate (server.tls.client_auth)");
    return;
  }
  if (facts.contact && facts.meeting && facts.contact->place.listen == listen) {
    const bool relay = facts.meeting->standing == Standing::unproven;
    auto [message, advice] = halves(not_trusted(*facts.contact, *facts.meeting).message);
    // The subject says where.
    if (message.rfind(listen + ": ", 0) == 0) message.erase(0, listen.size() + 2);
    const Result<void> free = check_listen(facts.config.server);
    const std::string who = free ? std::string() : halves(free.error().message).first;
    const std::string words = who.empty() ? message : fmt::format("{} ({})", message, who);
    if (relay) {
      out.warning(listen_port_id, listen, words,
                  "stop that one, or listen on another port (server.listen)");
    } else {
      out.error(listen_port_id, listen, words,
                "stop that program, or listen on another port (server.listen)");
    }
    return;
  }
  const Result<void> free = check_listen(facts.config.server);
  if (!free) {
    const auto [message, advice] = halves(free.error().message);
    out.error(listen_port_id, listen, message, advice.empty() ? "correct server.listen" : advice);
  } else {
    out.ok(listen_port_id, listen, "free; no relay runs");
  }
}

}  // namespace ccrelay::app::checks
