#include "bench.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>
#include <strings.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "dialects.hpp"
#include "printable.hpp"

namespace ccrelay::app::contract {
namespace {

using testing::Script;

constexpr std::size_t shown_bytes_max = 160;
constexpr std::string_view placeholder = "@MARK@";

std::string with_mark(std::string text, const std::string& mark) {
  for (std::size_t at = text.find(placeholder); at != text.npos; at = text.find(placeholder, at))
    text.replace(at, placeholder.size(), mark);
  return text;
}

std::string random_hex(std::size_t bytes) {
  std::string random(bytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(random.data()), static_cast<int>(bytes)) != 1)
    return std::string(2 * bytes, '0');
  std::string out;
  for (const char each : random) out += fmt::format("{:02x}", static_cast<unsigned char>(each));
  return out;
}

}  // namespace

std::string Bench::next_mark() {
  if (run_.empty()) run_ = random_hex(4);
  std::string mark = fmt::format("{}{}{:04}", mark_prefix, run_, ++asked_ % 10'000);
  return mark;
}

std::string Bench::key_for(Credential credential) const {
  if (credential == Credential::wrong) return "conformance-wrong-key-0123456789abcdef";
  return credential == Credential::budget ? subject_.budget_key : subject_.key;
}

std::vector<std::string> Bench::headers_for(Credential credential) const {
  const std::string key = key_for(credential);
  std::vector<std::string> out;
  if (credential == Credential::none) return out;
  if ((format() & claude_formats) != 0) {
    if (credential != Credential::bearer) out.push_back("x-api-key: " + key);
    if (credential != Credential::api_key) out.push_back("authorization: Bearer " + key);
    return out;
  }
  const bool is_gemini = format() == gemini;
  if (credential != Credential::other)
    out.push_back((is_gemini ? "x-goog-api-key: " : "authorization: Bearer ") + key);
  if (credential != Credential::own && !is_gemini) out.push_back("api-key: " + key);
  return out;
}

std::string Bench::target_with(std::string target, Credential credential) const {
  const bool is_there = credential != Credential::own && credential != Credential::none;
  if (format() != gemini || !is_there) return target;
  target += target.find('?') == std::string::npos ? "?key=" : "&key=";
  return target + key_for(credential);
}

Seen Bench::begin(const Ask& ask) {
  Seen seen;
  seen.mark = next_mark();
  ClientRequest request;
  request.target =
      target_with(ask.target.empty() ? target_of(format(), ask.call, subject_.model) : ask.target,
                  ask.credential);
  request.headers = headers_for(ask.credential);
  bool has_version = (format() & claude_formats) == 0;
  for (const std::string& line : ask.headers)
    has_version = has_version || line.rfind("anthropic-version:", 0) == 0;
  if (!has_version) request.headers.push_back("anthropic-version: 2023-06-01");
  request.headers.push_back("content-type: application/json");
  request.headers.push_back("accept: application/json");
  request.headers.push_back(fmt::format("user-agent: {}", usual_agent(format())));
  request.headers.insert(request.headers.end(), ask.headers.begin(), ask.headers.end());
  const std::string messages = ask.messages.empty() ? said(format(), placeholder) : ask.messages;
  request.body =
      with_mark(ask.body.empty() ? body_of(format(), ask.call, subject_.model, ask.fields, messages)
                                 : ask.body,
                seen.mark);
  if (ask.encode) request.body = ask.encode(request.body);
  if (provider_ != nullptr) {
    Answering answering = ask.answering;
    if (!answering) answering = [script = well(ask.call)](std::size_t) { return script; };
    provider_->on(seen.mark, std::move(answering));
  }
  seen.body = request.body;
  seen.client = client_.begin(std::move(request));
  return seen;
}

void Bench::finish(Seen& seen) {
  client_.finish(*seen.client, patience());
  if (provider_ == nullptr) return;
  seen.provider = provider_->take(seen.mark);
  provider_->forget(seen.mark);
}

Seen Bench::ask(const Ask& ask) {
  Seen seen = begin(ask);
  finish(seen);
  return seen;
}

std::unique_ptr<Exchange> Bench::fetch(const std::string& method, const std::string& target,
                                       Credential credential, milliseconds limit,
                                       const std::vector<std::string>& more) {
  ClientRequest request;
  request.method = method;
  request.target = target_with(target, credential);
  request.headers = headers_for(credential);
  if (credential != Credential::none && (format() & claude_formats) != 0)
    request.headers.push_back("anthropic-version: 2023-06-01");
  request.headers.push_back(fmt::format("user-agent: {}", usual_agent(format())));
  request.headers.insert(request.headers.end(), more.begin(), more.end());
  auto exchange = client_.begin(std::move(request));
  client_.finish(*exchange, within(limit));
  return exchange;
}

Script Bench::well(Call call) const {
  if ((format() & claude_formats) == 0 && call != Call::stream)
    return Script::reply(200, "application/json", dialect_answer(format(), call));
  if (call == Call::count && format() == bedrock)
    return Script::reply(200, "application/json", R"({"inputTokens":41237})");
  if (call == Call::count)
    return Script::reply(200, "application/json", R"({"input_tokens":41237})");
  if (call == Call::whole) return Script::message("Hello.");
  Script script = stream_head();
  for (const std::string& event : events_of(format(), 3)) script.chunk(event);
  return script.last_chunk();
}

Script Bench::stream_head() const {
  return Script().head(200, stream_headers(format()));
}

void Bench::recover() {
  using Steady = std::chrono::steady_clock;
  const auto end = Steady::now() + patience();
  while (Steady::now() < end) {
    if (ask({}).client->status() == 200) return;
    client_.run_until([] { return false; }, milliseconds(50));
  }
}

milliseconds Bench::patience() const {
  return within(subject_.is_live ? milliseconds(60'000) : milliseconds(15'000));
}

std::string Bench::redacted(std::string text) const {
  for (const std::string_view secret :
       {std::string_view(subject_.key), std::string_view(subject_.budget_key), upstream_key}) {
    if (secret.empty()) continue;
    for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at)) {
      text.replace(at, secret.size(), "***");
      at += 3;
    }
  }
  return text;
}

std::string Bench::told(const Exchange& exchange) const {
  const std::string trouble =
      exchange.trouble().empty() ? "" : fmt::format(" ({})", printable(exchange.trouble()));
  if (exchange.status() == 0) return "no answer" + trouble;
  return fmt::format("{} {}{}", exchange.status(), quoted(exchange.body()), trouble);
}

std::string Bench::quoted(std::string_view bytes) const {
  // Redacted before it is cut: half a secret is not known again.
  constexpr std::size_t looked_at_max = 16 << 10;
  const std::string text = redacted(std::string(bytes.substr(0, looked_at_max)));
  const std::string size =
      bytes.size() > shown_bytes_max ? fmt::format(" ({} bytes)", bytes.size()) : "";
  return fmt::format("\"{}\"{}", printable(text, shown_bytes_max), size);
}

std::string joined_values(const Headers& headers, std::string_view name) {
  std::string out;
  for (const Header header : headers) {
    const bool is_it = header.name.size() == name.size() &&
                       ::strncasecmp(header.name.data(), name.data(), name.size()) == 0;
    if (!is_it) continue;
    std::string_view rest = header.value;
    while (true) {
      const auto comma = rest.find(',');
      std::string_view one = rest.substr(0, comma);
      while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
      while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
      out.append(out.empty() ? "" : ", ").append(one);
      if (comma == rest.npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return out;
}

}  // namespace ccrelay::app::contract
