#include "why.hpp"

#include <fmt/format.h>

#include "read.hpp"
#include "text.hpp"

namespace ccrelay::app::top {
namespace {

// `cc-relay/0.2.0` in the header Server.
std::string version_in(const std::string& server) {
  constexpr std::string_view name = "cc-relay/";
  return server.rfind(name, 0) == 0 ? server.substr(name.size()) : std::string();
}

std::vector<std::string> no_token(const Place& place, const std::string& message) {
  std::vector<std::string> out;
  out.push_back(place.token.empty()
                    ? fmt::format("{} asks for a token", place.name)
                    : fmt::format("{} does not know the token{}", place.name,
                                  place.token_from.empty() ? "" : " in " + place.token_from));
  if (!message.empty()) out.push_back("it says: " + message);
  out.emplace_back(
      "name a file with one: --token-file FILE; it is one of [[manage.auth.tokens]], or the one "
      "that "
      "the relay made, PORT.token beside its socket");
  return out;
}

}  // namespace

std::vector<std::string> why_not(const Place& place, const Reply& reply) {
  const std::string message = shown(read_error(reply.body));
  if (reply.refused_here) return why_not_mine(place);
  if (reply.status == 0 && reply.not_there) {
    if (const std::string version = version_without_management(place); !version.empty()) {
      return {fmt::format("this relay ({}) has no management API: restart it with the new version",
                          shown(version)),
              "a new one has it at " + shown(place.name) + ", unless manage.socket says otherwise"};
    }
    return {"no relay answers at " + shown(place.name), "start one with: cc-relay serve",
            "or name it: cc-relay top --address …"};
  }
  if (reply.status == 0) return {fmt::format("{}: {}", place.name, shown(reply.failure))};
  if (reply.status == 401) return no_token(place, message);
  if (reply.status == 403) {
    std::vector<std::string> out = place.socket.empty()
                                       ? std::vector<std::string>{"no permission at " + place.name}
                                       : why_not_mine(place);
    if (!message.empty()) out.insert(out.begin() + 1, "it says: " + message);
    return out;
  }
  if (reply.status == 404 || reply.status == 200) {
    const std::string version = shown(version_in(reply.server));
    if (reply.server.rfind("cc-relay", 0) != 0) {
      return {"what answers at " + place.name + " is not the management of cc-relay"};
    }
    return {fmt::format("this relay{} has no management API: restart it with the new version",
                        version.empty() ? "" : " (" + version + ")"),
            "where it has one, --address names manage.listen or its socket, not server.listen"};
  }
  return {fmt::format("{} answers {}{}", place.name, reply.status,
                      message.empty() ? "" : ": " + message)};
}

}  // namespace ccrelay::app::top
