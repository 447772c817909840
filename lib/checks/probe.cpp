#include "checks/probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <utility>
#include <variant>

#include "checks/words.hpp"
#include "provider/error_about.hpp"
#include "upstream/no_proxy.hpp"
#include "wire/json_members.hpp"
#include "wire/json_scan.hpp"
#include "wire/wall_time.hpp"

namespace ccrelay::checks {
namespace {

using Way = CheapCalls::Way;

// A list of a thousand models has a few hundred kilobytes.
constexpr std::size_t body_bytes_max = 4 << 20;
constexpr std::size_t models_max = 10'000;
constexpr int pages_max = 10;  // of their list

struct HostPort {
  std::string host;  // without the brackets of an IPv6 address
  std::string port;
};

// Of a URL that the configuration's rules have accepted.
HostPort split(std::string_view url, bool https) {
  if (const auto scheme = url.find("://"); scheme != url.npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const auto user = url.rfind('@'); user != url.npos) url.remove_prefix(user + 1);
  HostPort out{{}, https ? "443" : "80"};
  const auto bracket = url.rfind(']');
  const auto colon = url.rfind(':');
  if (colon != url.npos && (bracket == url.npos || colon > bracket)) {
    out.port = url.substr(colon + 1);
    url = url.substr(0, colon);
  }
  if (url.starts_with('[') && url.ends_with(']')) url = url.substr(1, url.size() - 2);
  out.host = url;
  return out;
}

std::string joined(const HostPort& at) {
  return at.host.find(':') == std::string::npos ? at.host + ":" + at.port
                                                : "[" + at.host + "]:" + at.port;
}

bool is_https(const worker::Entry& entry) {
  return entry.destination.origin.starts_with("https://");
}

bool by_proxy(const upstream::Destination& destination, const HostPort& to) {
  if (destination.proxy.empty()) return false;
  const auto port = static_cast<unsigned>(std::strtoul(to.port.c_str(), nullptr, 10));
  return !upstream::bypasses_proxy(destination.no_proxy, to.host, port);
}

Credential credential_from(const identity::Issued& issued) {
  if (const auto* keys = std::get_if<identity::IssuedKeys>(&issued)) return AwsKeys(*keys);
  return BearerToken(std::get<identity::IssuedToken>(issued));
}

KeyVerdict verdict_on(int status) {
  if (status < 300) return KeyVerdict::accepted;
  if (status == 401 || status == 403) return KeyVerdict::refused;
  if (status == 402 || status == 429) return KeyVerdict::limited;
  return status >= 500 ? KeyVerdict::troubled : KeyVerdict::untold;
}

// Google and x.ai refuse a key with 400, and an account without credit may be a 403: as the relay
// understands them.
KeyVerdict verdict_on(int status, ErrorAbout about) {
  const KeyVerdict by_status = verdict_on(status);
  if (by_status != KeyVerdict::untold && by_status != KeyVerdict::refused) return by_status;
  if (about == ErrorAbout::key) return KeyVerdict::refused;
  if (about == ErrorAbout::account || about == ErrorAbout::limit) return KeyVerdict::limited;
  return by_status;
}

}  // namespace

/// One request. Its owner may not be destroyed in what it calls.
class Probe::Call final : public upstream::TransferSink {
 public:
  Call(Probe& owner, Topic topic, std::size_t key, Way way, CheapCall request)
      : topic(topic), key(key), way(way), owner_(owner), request_(std::move(request)) {
    std::vector<std::string_view> body;
    if (!request_.body.empty()) body.push_back(request_.body);
    transfer_ = owner.tools_.client.start({owner.entry_.destination, request_.out.method,
                                           request_.out.url, request_.out.headers, std::move(body)},
                                          *this);
  }

  const Topic topic;
  const std::size_t key;
  const Way way;
  ResponseHead head;
  std::string body;
  bool answered = false;

 private:
  void on_connected(bool) override { owner_.on_connected(); }
  void on_head(ResponseHead said) override {
    head = std::move(said);
    answered = true;
  }
  upstream::Flow on_body(std::string_view bytes) override {
    body.append(bytes.substr(0, body_bytes_max - std::min(body.size(), body_bytes_max)));
    return upstream::Flow::taken;
  }
  // What was cut off inside an answer has its head, and a body that says less.
  void on_done(const upstream::TransferResult& result) override {
    if (answered) {
      owner_.on_answer(*this);
    } else {
      if (topic == Topic::key) owner_.result_.keys[key].words = result.detail;
      owner_.on_failed(result);
    }
    owner_.ended(*this);
  }

  Probe& owner_;
  const CheapCall request_;
  std::unique_ptr<upstream::Transfer> transfer_;
};

Probe::Probe(Tools tools, const worker::Entry& entry, std::function<void()> done)
    : tools_(tools),
      entry_(entry),
      calls_of_type_(calls_of(entry.config->type)),
      done_(std::move(done)) {
  const HostPort to = split(entry.destination.origin, is_https(entry));
  result_.name = entry.config->name;
  result_.type = entry.config->type;
  result_.address = joined(to);
  if (by_proxy(entry.destination, to)) {
    result_.proxy = joined(split(entry.destination.proxy, false));
    result_.by_environment = entry.config->proxy.empty();
  }
  result_.ca_file = entry.destination.ca_file;
  result_.needs_credential = entry.provider->needs_credential();
  result_.takes_client_credential = entry.provider->takes_client_credential();
  for (const auto& key : entry.pool.keys) {
    KeyCheck check;
    check.label = key.label();
    result_.keys.push_back(std::move(check));
  }
}
Probe::~Probe() = default;

void Probe::begin() {
  const std::string& at = result_.proxy.empty() ? result_.address : result_.proxy;
  lookup_ = std::make_unique<Lookup>(tools_.loop, split(at, false).host,
                                     [this](const std::string& words) { on_looked_up(words); });
}

void Probe::on_looked_up(const std::string& words) {
  result_.dns = {true, words.empty(), words};
  if (words.empty() && entry_.vault) {
    ask_identity();
  } else if (words.empty()) {
    ask_all();
  }
  finish_if_idle();
}

void Probe::ask_identity() {
  auto got = entry_.vault->get(tools_.desk, *this);
  if (auto* ticket = std::get_if<std::unique_ptr<identity::Ticket>>(&got)) {
    ticket_ = std::move(*ticket);
  } else if (const auto* held = std::get_if<identity::Held>(&got)) {
    take_identity(*held);
  } else {
    take_identity(std::get<Error>(got));
  }
}

void Probe::on_credentials(const Result<identity::Held>& result) {
  ticket_.reset();
  take_identity(result);
  finish_if_idle();
}

// Without one it is still worth knowing whether the provider can be reached.
void Probe::take_identity(const Result<identity::Held>& result) {
  // Its words are the desk's own, which holds no secret in them.
  result_.identity = {
      true, result.has_value(),
      result ? entry_.vault->view(tools_.loop.clock()).source : result.error().message};
  if (result) {
    identity_ = *result;
    KeyCheck check;
    check.label = "identity";
    result_.keys.push_back(std::move(check));
  }
  ask_all();
}

Credential Probe::credential_of(std::size_t key) const {
  if (identity_) return credential_from(*identity_);
  if (key < entry_.config->keys.size()) return ApiKey{entry_.config->keys[key].key};
  return {};
}

void Probe::ask_all() {
  for (std::size_t i = 0; i < result_.keys.size(); ++i) {
    ask(Topic::key, i, credential_of(i), calls_of_type_.way);
  }
  if (result_.keys.empty()) ask(Topic::reach, 0, {}, Way::health);
  const ProviderConfig& config = *entry_.config;
  const bool can_list = !result_.keys.empty() || !result_.needs_credential;
  if (config.models.empty() && config.model_mapping.empty()) {
    result_.models_words = "the configuration names none";
  } else if (!calls_of_type_.lists_models) {
    result_.models_words = fmt::format("a provider of type {} has no list of them", result_.type);
  } else if (can_list) {
    ask(Topic::models, 0, credential_of(0), Way::models);
  } else {
    result_.models_words = "there is no key to ask for them with";
  }
}

void Probe::ask(Topic topic, std::size_t key, const Credential& credential, Way way,
                std::string_view page) {
  const WallTime now = tools_.loop.clock().wall();
  auto request = topic == Topic::models ? models_call(entry_, credential, page, now)
                                        : cheap_call(entry_, credential, way, now);
  if (request) {
    calls_.push_back(std::make_unique<Call>(*this, topic, key, way, std::move(*request)));
  } else if (topic == Topic::key) {
    result_.keys[key].words = without_secrets(request.error().message, *entry_.config);
  } else if (topic == Topic::models) {
    result_.models_words = without_secrets(request.error().message, *entry_.config);
  }
}

void Probe::on_connected() {
  result_.connect = {true, true, {}};
  if (is_https(entry_)) result_.tls = {true, true, {}};
}

void Probe::on_failed(const upstream::TransferResult& result) {
  const bool tls = result.end == upstream::End::tls;
  CheckStep& step = tls ? result_.tls : result_.connect;
  if (step.ok && !result.request_sent) return;  // another request has got through
  if (tls) result_.connect = {true, true, {}};
  step = {true, false, without_secrets(result.detail, *entry_.config)};
}

void Probe::on_answer(Call& call) {
  if (const auto date = call.head.headers.get("date"); date && !result_.clock_ahead) {
    if (const auto then = wire::parse_http_date(*date)) {
      result_.clock_ahead =
          std::chrono::duration_cast<std::chrono::seconds>(tools_.loop.clock().wall() - *then);
    }
  }
  if (call.topic == Topic::key) judge_key(call);
  if (call.topic == Topic::models) read_models(call);
}

void Probe::judge_key(Call& call) {
  KeyCheck& key = result_.keys[call.key];
  const bool no_such_call = call.head.status == 404 || call.head.status == 405;
  if (no_such_call && call.way == Way::count_tokens && calls_of_type_.lists_models) {
    ask(Topic::key, call.key, credential_of(call.key), Way::models);
    return;
  }
  key.status = call.head.status;
  key.verdict = verdict_on(key.status);
  if (key.verdict == KeyVerdict::accepted) return;
  const auto meaning = provider::error_meaning(
      {entry_.config->type, {}, entry_.config->errors, tools_.loop.clock().wall()}, key.status,
      call.head.headers, call.body);
  key.verdict = verdict_on(key.status, meaning.about);
  key.words =
      said_in(call.head, call.body, entry_.provider->cloud() != Cloud::none, *entry_.config);
}

// {"data":[{"id":…},…]}, as Anthropic and those that speak OpenAI's have it, or Gemini's
// {"models":[{"name":"models/…"},…]}.
void Probe::read_models(const Call& call) {
  if (call.head.status != 200) {
    result_.models_words = fmt::format("asked for them it answered {}", call.head.status);
    return;
  }
  const auto root = wire::JsonMembers::read(call.body);
  const wire::JsonMember* data = root ? root->find("data") : nullptr;
  const bool is_gemini = root && data == nullptr;
  if (is_gemini) data = root->find("models");
  if (data == nullptr) {
    result_.models_words = "what it answered is no list of models";
    return;
  }
  const std::string_view list = root->raw(*data);
  wire::JsonScan scan(list);
  if (!scan.take('[')) {
    result_.models_words = "what it answered is no list of models";
    return;
  }
  do {
    scan.skip_space();
    const std::size_t begin = scan.at();
    if (scan.peek() == ']') break;
    scan.skip_value();
    const auto model = wire::JsonMembers::read(list.substr(begin, scan.at() - begin));
    auto id = model ? model->string(is_gemini ? "name" : "id") : std::nullopt;
    if (id && is_gemini && id->starts_with("models/"))
      id->erase(0, std::string_view("models/").size());
    if (id) listed_.push_back(std::move(*id));
    scan.skip_space();
  } while (scan.take(',') && listed_.size() < models_max);
  const std::string next = is_gemini ? root->string("nextPageToken").value_or("") : "";
  if (!next.empty() && ++pages_ < pages_max && listed_.size() < models_max) {
    return ask(Topic::models, call.key, credential_of(call.key), Way::models, next);
  }
  result_.models = std::move(listed_);
}

void Probe::ended(Call& call) {
  const auto found = std::find_if(calls_.begin(), calls_.end(),
                                  [&](const auto& one) { return one.get() == &call; });
  tools_.loop.bury(std::move(*found));  // it is on the stack
  calls_.erase(found);
  finish_if_idle();
}

void Probe::finish_if_idle() {
  const bool waits = !result_.dns.looked_at || ticket_ != nullptr || !calls_.empty();
  const bool identity_due = entry_.vault && result_.dns.ok && !result_.identity.looked_at;
  if (told_ || waits || identity_due) return;
  told_ = true;
  done_();
}

void Probe::give_up(milliseconds limit) {
  if (told_) return;
  told_ = true;
  const std::string words = fmt::format("no answer within {} ms", limit.count());
  const auto miss = [&](CheckStep& step) { step = {true, false, words}; };
  if (!result_.dns.looked_at) {
    miss(result_.dns);
  } else if (entry_.vault && result_.dns.ok && !result_.identity.looked_at) {
    miss(result_.identity);
  } else if (!calls_.empty() && !result_.connect.looked_at) {
    miss(result_.connect);
  }
  for (const auto& call : calls_) {
    if (call->topic == Topic::key) result_.keys[call->key].words = words;
    if (call->topic == Topic::models) result_.models_words = words;
  }
  calls_.clear();
  ticket_.reset();
  lookup_.reset();
}

}  // namespace ccrelay::checks
