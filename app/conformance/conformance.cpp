#include <fmt/format.h>
#include <openssl/rand.h>
#include <signal.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench.hpp"
#include "commands.hpp"
#include "descriptor_limit.hpp"
#include "printable.hpp"
#include "relay_place.hpp"
#include "report.hpp"
#include "self.hpp"

namespace ccrelay::app {
namespace contract {
namespace {

constexpr int not_reached = 2;  // as a wrong command line
constexpr std::size_t detail_bytes_max = 500;

int say_not_reached(std::string_view message) {
  complain(message);
  return not_reached;
}

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

Result<Address> address_of(const std::string& text) {
  const HostAndPort parts = host_and_port(text);
  Address out;
  out.host = parts.host == "localhost" || parts.host.empty() ? "127.0.0.1" : parts.host;
  if (out.host.front() == '[') out.host = out.host.substr(1, out.host.size() - 2);
  const char* end = parts.port.data() + parts.port.size();
  const auto [at, error] = std::from_chars(parts.port.data(), end, out.port);
  if (error == std::errc() && at == end && !parts.port.empty()) return out;
  return Error{ErrorCode::config,
               fmt::format("--upstream: an address and a port are needed, such as 127.0.0.1:9000, "
                           "not {}",
                           printable(text))};
}

// What opens a gateway that asks for nothing; told apart from everything else at the provider.
std::string made_up_key() {
  unsigned char random[12] = {};
  RAND_bytes(random, sizeof random);
  std::string out = "conformance-client-";
  for (const unsigned char each : random) out += fmt::format("{:02x}", each);
  return out;
}

// Why a check is not run; empty when it is.
std::string why_not(const Check& check, const ConformanceOptions& options, Format format) {
  if ((check.formats & format) == 0)
    return fmt::format("means nothing in the format {}", to_string(format));
  if (options.live && check.needs_script) return "needs the scripted provider";
  if (check.is_slow && !options.slow) return "takes half a minute: --slow";
  return {};
}

bool is_among(const std::vector<std::string>& ids, std::string_view id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

// Whether the gateway answers at all, and by the provider that it was to be led to.
std::optional<std::string> why_not_reached(Bench& bench, const ConformanceOptions& options) {
  const Seen seen = bench.ask({});
  const std::string& url = bench.subject().url;
  if (seen.client->status() == 0)
    return fmt::format("{}: {}; is the gateway running there?", url, bench.told(*seen.client));
  if (options.live) {
    if (seen.client->status() == 200) return std::nullopt;
    return fmt::format("{}: a message was answered with {}; see to --key and --model", url,
                       bench.told(*seen.client));
  }
  if (seen.reached()) return std::nullopt;
  return fmt::format(
      "{} answered {}, but nothing has reached the scripted provider at {}: let the gateway "
      "forward there, with the credential {}, and pass its own as --key",
      url, bench.told(*seen.client), bench.provider().url(), upstream_key);
}

Report run(Bench& bench, const ConformanceOptions& options) {
  Report report;
  report.url = bench.subject().url;
  for (const Check& check : all_checks()) {
    const bool is_wanted = options.only.empty() || is_among(options.only, check.id);
    if (!is_wanted || is_among(options.skip, check.id)) continue;
    const std::string reason = why_not(check, options, bench.format());
    Verdict verdict = reason.empty() ? check.judge(bench) : skipped(reason);
    verdict.detail = printable(bench.redacted(std::move(verdict.detail)), detail_bytes_max);
    report.findings.push_back({&check, std::move(verdict)});
  }
  return report;
}

int tell(const Report& report, const ConformanceOptions& options) {
  if (!options.junit.empty()) {
    std::ofstream file(options.junit, std::ios::binary);
    file << junit(report);
    file.close();
    if (!file) return complain(fmt::format("{} could not be written", printable(options.junit)));
  }
  if (options.json) {
    print_json(report);
  } else {
    print_text(report);
  }
  return report.ok() ? 0 : 1;
}

}  // namespace
}  // namespace contract

int conformance(const ConformanceOptions& options) {
  using namespace contract;
  raise_descriptor_limit();
  ::signal(SIGPIPE, SIG_IGN);  // of a gateway that closes; libcurl leaves it to us
  Subject subject;
  subject.has_key = !options.key.empty();
  subject.key = options.key.empty() ? made_up_key() : options.key;
  subject.budget_key = options.budget_key;
  subject.format = format_named(options.format);
  subject.model = options.model.empty() ? usual_model(subject.format) : options.model;
  subject.is_live = options.live;
  if (!options.self) {
    const Result<std::string> url = checked_url(options.url, "URL");
    if (!url) return say_not_reached(url.error().message);
    if (url->find('@') != std::string::npos)
      return say_not_reached("URL: a name and a password don't belong into it; give --key");
    subject.url = *url;
  }

  // The provider wakes the client, and the relay asks the provider: they end the other way round.
  Client client;
  std::unique_ptr<ScriptedProvider> provider;
  std::unique_ptr<Relay> relay;
  if (!options.live) {
    const Result<Address> address = address_of(options.upstream);
    if (!address) return say_not_reached(address.error().message);
    auto started = ScriptedProvider::start(address->host, address->port, subject.model,
                                           [&client] { client.wake(); });
    if (!started) return say_not_reached(started.error().message);
    provider = *std::move(started);
  }
  if (options.self) {
    auto started = start_self(*provider, subject);
    if (!started) return say_not_reached(started.error().message);
    relay = *std::move(started);
  } else if (provider) {
    say(
        fmt::format("The scripted provider listens on {}; the gateway has to forward there, with "
                    "the credential {}.\n",
                    provider->url(), upstream_key));
  }
  client.point_at(subject.url);
  Bench bench(std::move(subject), client, provider.get());
  if (const auto why = why_not_reached(bench, options)) return say_not_reached(*why);
  return tell(run(bench, options), options);
}

}  // namespace ccrelay::app
