#include <fmt/format.h>

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench.hpp"
#include "check.hpp"

// Headers of requests.

namespace ccrelay::app::contract {
namespace {

// Whether these arrive, each of them once and whole.
Verdict arrive(Bench& bench, std::initializer_list<std::pair<const char*, const char*>> headers) {
  Ask ask;
  for (const auto& [name, value] : headers)
    ask.headers.push_back(fmt::format("{}: {}", name, value));
  const Seen seen = bench.ask(ask);
  if (!seen.reached())
    return not_judged("nothing reached the provider; " + bench.told(*seen.client));
  for (const auto& [name, value] : headers) {
    const auto came = seen.request().head.headers.get(name);
    if (came == std::string_view(value)) continue;
    return failed(fmt::format("{}: {}", name, value), "it at the provider",
                  came ? bench.quoted(*came) : "no such header");
  }
  return {};
}

Verdict judge_header_beta(Bench& bench) {
  Ask ask;
  ask.headers = {"anthropic-beta: conformance-never-seen-2099-01-01,conformance-second-2099-01-02",
                 "anthropic-beta: conformance-third-2099-01-03"};
  const Seen seen = bench.ask(ask);
  if (!seen.reached())
    return not_judged("nothing reached the provider; " + bench.told(*seen.client));
  const std::string came = joined_values(seen.request().head.headers, "anthropic-beta");
  const std::string sent =
      "conformance-never-seen-2099-01-01, conformance-second-2099-01-02, "
      "conformance-third-2099-01-03";
  if (came == sent) return {};
  return failed("anthropic-beta in two headers: " + sent, "these values in this order",
                bench.quoted(came));
}

Verdict judge_header_version(Bench& bench) {
  return arrive(bench, {{"anthropic-version", "2099-12-31"}});
}
Verdict judge_header_unknown(Bench& bench) {
  return arrive(bench, {{"anthropic-x-conformance", "one, two"},
                        {"x-claude-code-conformance", "a=1;b=\"2\""},
                        {"x-conformance-custom", "kept"}});
}
Verdict judge_header_workspace(Bench& bench) {
  return arrive(bench, {{"anthropic-workspace-id", "wrkspc_conformance"}});
}

Verdict judge_header_client(Bench& bench) {
  if (bench.format() == gemini)
    return arrive(bench, {{"x-goog-api-client", "genai-js/2.32.0 gl-node/v24"},
                          {"x-conformance-custom", "kept"}});
  return arrive(bench, {{"x-stainless-lang", "js"},
                        {"session-id", "conformance-session"},
                        {"x-conformance-custom", "kept"}});
}

Verdict judge_header_credential(Bench& bench) {
  const Seen seen = bench.ask({});
  if (!seen.reached())
    return not_judged("nothing reached the provider; " + bench.told(*seen.client));
  const std::string& key = bench.subject().key;
  constexpr std::size_t key_bytes_least = 6;
  if (key.size() < key_bytes_least) return not_judged("so short a key may stand there by chance");
  const std::string_view sent = "the gateway's credential, wherever a client puts it";
  const std::string_view expected = "it nowhere at the provider";
  for (const testing::RecordedRequest& request : seen.provider) {
    for (const Header header : request.head.headers) {
      if (header.value.find(key) != std::string_view::npos)
        return failed(sent, expected, "it in the header " + bench.quoted(header.name));
    }
    if (request.head.target.find(key) != std::string::npos)
      return failed(sent, expected, "it in the path or the query");
    if (request.body.find(key) != std::string::npos)
      return failed(sent, expected, "it in the body");
  }
  return {};
}

}  // namespace

std::vector<Check> header_checks() {
  constexpr unsigned with_headers = messages | vertex;
  return {
      {"header.beta", Level::must, with_headers,
       "anthropic-beta arrives with all its values, also new ones and those of a second header",
       judge_header_beta},
      {"header.version", Level::must, messages, "anthropic-version arrives, also a new one",
       judge_header_version},
      {"header.unknown", Level::should, messages,
       "headers that nobody knows arrive: anthropic-…, x-claude-code-…, others",
       judge_header_unknown},
      {"header.workspace", Level::must, messages, "anthropic-workspace-id arrives",
       judge_header_workspace},
      // npm openai and Codex 0.171, npm @google/genai.
      {"header.client", Level::should, other_formats,
       "what its clients say of themselves arrives: x-stainless-…, session-id, x-goog-api-client, "
       "others",
       judge_header_client},
      {"header.credential", Level::must, any_format,
       "the gateway's own credential is in no header, query or body that reaches the provider",
       judge_header_credential},
  };
}

}  // namespace ccrelay::app::contract
