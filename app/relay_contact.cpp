#include "relay_contact.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "http_get.hpp"
#include "printable.hpp"
#include "proof.hpp"
#include "token_file.hpp"

namespace ccrelay::app {
namespace {

constexpr std::size_t token_bytes_max = 64 << 10;

Result<std::string> token_of(const std::string& file) {
  Result<std::string> token = token_in(file, token_bytes_max);
  if (token) return token;
  return Error{ErrorCode::config,
               fmt::format("--token-file {} {}; a file with the relay's token, and nothing else in "
                           "it, is needed",
                           file, token.error().message)};
}

Result<LenientConfig> settings_of(const std::string& asked) {
  const Environment env = process_environment();
  const Result<std::string> path = find_config(asked, env);
  if (!path) return path.error();
  Result<LenientConfig> settings = LenientConfig{};
  if (path->empty()) {
    settings->config = default_config(env);
  } else {
    settings = load_config_leniently(*path, env);
  }
  if (settings) set_own_defaults(settings->config);
  return settings;
}

bool listens_at(const RunningRelay& relay, const RelayPlace& place) {
  return is_among(relay.addresses, place);
}

// The relay at the place; else, unless the place was named, the latest one with this configuration.
const RunningRelay* look_for(const std::vector<RunningRelay>& relays, const RelayContact& contact) {
  const RunningRelay* same_config = nullptr;
  const std::string config = absolute_path(contact.settings.config.source);
  for (const RunningRelay& relay : relays) {
    if (listens_at(relay, contact.place)) return &relay;
    if (relay.config == config && !relay.addresses.empty()) same_config = &relay;
  }
  return contact.named ? nullptr : same_config;
}

RelayPlace place_of(const RunningRelay& relay) {
  RelayPlace place(relay.addresses.front());
  place.tls.cert_file = relay.cert_file;
  return place;
}

// What is looked for at a URL that is an address of this configuration shows its certificate.
RelayPlace named_place(std::string url, const ServerConfig& server) {
  RelayPlace place = RelayPlace::at(std::move(url));
  const HostAndPort there = host_and_port(place.url);
  const HostAndPort here = host_and_port(server.listen);
  const bool same = there.port == here.port && (there.host == here.host || is_loopback(there.host));
  if (same && server.tls.enabled() && place.url.rfind("https://", 0) == 0) place.tls = server.tls;
  return place;
}

Result<RelayContact> contact_of(const AskedRelay& asked, LenientConfig settings) {
  const ServerConfig& server = settings.config.server;
  if (asked.url.empty()) return RelayContact{server, false, {}, false, std::move(settings), {}, {}};
  if (asked.url.rfind("unix:", 0) == 0) {
    return RelayContact{asked.url, true, {}, false, std::move(settings), {}, {}};
  }
  Result<std::string> url = checked_url(asked.url, "--url");
  if (!url) return url.error();
  RelayPlace place = named_place(*std::move(url), server);
  return RelayContact{std::move(place), true, {}, false, std::move(settings), {}, {}};
}

// Of this user or of root, who may read everything anyway.
bool is_own_socket(const RelayPlace& place) {
  struct stat info {};
  return place.is_unix() && ::stat(place.unix_path().c_str(), &info) == 0 &&
         (info.st_uid == ::geteuid() || info.st_uid == 0);
}

std::string words_of(const HttpAnswer& answer) {
  std::string words = fmt::format("it answered {}", answer.status);
  if (!answer.server.empty())
    words += fmt::format(", by the name of \"{}\"", printable(answer.server));
  return words;
}

}  // namespace

bool is_among(const std::vector<std::string>& addresses, const RelayPlace& place) {
  const HostAndPort wanted = host_and_port(place.listen);
  return std::any_of(addresses.begin(), addresses.end(), [&](const auto& address) {
    if (address == place.listen) return true;
    if (place.is_unix() || address.rfind("unix:", 0) == 0) return false;
    const HostAndPort bound = host_and_port(address);
    const bool everywhere = wanted.host.empty() || wanted.host == "0.0.0.0" ||
                            wanted.host == "[::]" || bound.host == "0.0.0.0" ||
                            bound.host == "[::]";
    return bound.port == wanted.port &&
           (everywhere || (is_loopback(bound.host) && is_loopback(wanted.host)));
  });
}

Result<RelayContact> find_relay(const AskedRelay& asked) {
  Result<LenientConfig> settings = settings_of(asked.config);
  if (!settings) return settings.error();
  Result<RelayContact> contact = contact_of(asked, *std::move(settings));
  if (!contact) return contact;

  const Result<RuntimeFolder> folder = runtime_folder(process_environment());
  std::vector<RunningRelay> relays;
  if (folder) relays = running_relays(*folder);
  for (const RunningRelay& relay : relays) contact->proof_keys.push_back(relay.start_token);
  if (const RunningRelay* relay = look_for(relays, *contact)) {
    if (!listens_at(*relay, contact->place)) contact->place = place_of(*relay);
    contact->running = *relay;
  }
  const LenientConfig& read = contact->settings;
  const bool no_place =
      read.unreadable.count("server.listen") != 0 || !urls_to_try(contact->place).has_value();
  if (!contact->named && !contact->running && no_place && !read.mistakes.empty()) {
    return Error{ErrorCode::config, read.mistakes};
  }

  const AuthConfig& auth = read.config.server.auth;
  if (!asked.token_file.empty()) {
    Result<std::string> token = token_of(asked.token_file);
    if (!token) return token.error();
    contact->token = *std::move(token);
  } else if (contact->running && !contact->running->client_token.empty()) {
    contact->token = contact->running->client_token;
  } else {
    contact->token = relay_secret(auth);
    contact->token_unknown =
        contact->token.empty() && (read.unreadable.count("server.auth.api_key") != 0 ||
                                   read.unreadable.count("server.api_key") != 0 ||
                                   read.unreadable.count("server.auth.bearer_secret") != 0);
  }
  for (const std::string& secret : {contact->token, std::string(auth.api_key.reveal()),
                                    std::string(auth.bearer_secret.reveal())}) {
    if (!secret.empty()) contact->proof_keys.push_back(proof_key(secret));
  }
  return contact;
}

Result<Meeting> meet(const RelayContact& contact, std::chrono::milliseconds timeout) {
  const std::string nonce = new_nonce();
  const Result<HttpAnswer> answer = http_get(contact.place, "/?nonce=" + nonce, timeout);
  if (!answer) return answer.error();
  Meeting meeting;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view name;
  std::string_view version;
  if (answer->status != 200 || parser.parse(answer->body).get(root) || root["name"].get(name) ||
      name != "cc-relay" || root["version"].get(version)) {
    meeting.words = words_of(*answer);
    return meeting;
  }
  meeting.version = printable(version);
  std::vector<std::string> proofs;
  simdjson::dom::array shown;
  if (!root["proofs"].get(shown)) {
    for (const simdjson::dom::element each : shown) {
      std::string_view text;
      if (!each.get(text)) proofs.emplace_back(text);
    }
  }
  // Who has the certificate's key is who is meant, and so is who has the file of the socket.
  const bool proven = contact.place.tls.enabled() || is_own_socket(contact.place) ||
                      proves(proofs, contact.proof_keys, nonce, answer->peer);
  meeting.standing = proven          ? Standing::proven
                     : contact.named ? Standing::named
                                     : Standing::unproven;
  return meeting;
}

Error not_trusted(const RelayContact& contact, const Meeting& meeting) {
  const std::string& name = contact.place.name();
  if (meeting.standing == Standing::stranger) {
    return {ErrorCode::network,
            fmt::format("{}: what answers there is not cc-relay ({})", name, meeting.words)};
  }
  const Result<std::string> url = local_url(contact.place);
  return {ErrorCode::network,
          fmt::format("{}: a cc-relay answers there that can't show that it is yours: another "
                      "user may have started it, or the service manager. If it is the one you "
                      "mean, name it: --url {}",
                      name, url ? *url : name)};
}

}  // namespace ccrelay::app
