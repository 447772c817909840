#include "identity/fetch.hpp"

#include <string_view>

#include "identity/limits.hpp"
#include "identity/refusal.hpp"
#include "identity/url.hpp"

namespace ccrelay::identity {
namespace {

bool may_go(const Url& url, Plain plain) {
  if (url.tls || is_loopback(url) || plain == Plain::anywhere) return true;
  return plain == Plain::link_local && is_link_local(url);
}

std::string asked(const Ask& ask, const Url& url) {
  const std::string shown = ask.hide_path ? url.origin + "/***" : url.display;
  return ask.who + " (" + ask.method + " " + shown + ")";
}

// What is said of a provider's connection ends with what to do about its base_url, and nobody has
// written one for a service of identities.
std::string_view without_cure_of_base_url(std::string_view detail) {
  const auto setting = detail.find("base_url");
  return setting == std::string_view::npos ? detail : detail.substr(0, detail.rfind("; ", setting));
}

}  // namespace

Fetch::Fetch(loop::Loop& loop, upstream::Client& client, const Chain& chain, const Route& route,
             std::function<void(Fetched)> on_done)
    : TurnTask(loop),
      client_(client),
      chain_(chain),
      route_(route),
      on_outcome_(std::move(on_done)),
      limit_(loop.timers(), [this] {
        transfer_.reset();
        command_.reset();
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(fetch_limit).count();
        conclude(ErrorCode::timeout,
                 doing_ + " took longer than the " + std::to_string(seconds) +
                     " s there are for getting credentials; it is tried again after a while");
      }) {}

Fetch::~Fetch() = default;

std::optional<Fetched> Fetch::begin() {
  // The loop's idea of now may be a turn old.
  limit_.arm(loop().now() + fetch_limit);
  beginning_ = true;
  if (chain_.links.empty()) {
    conclude(ErrorCode::config, chain_.nothing);
  } else {
    go_on(chain_.links[0].begin(wall()));
  }
  beginning_ = false;
  return std::move(outcome_);
}

void Fetch::go_on(Step step) {
  while (std::holds_alternative<Pass>(step.kind)) {
    if (++link_ == chain_.links.size()) {
      conclude(ErrorCode::config, chain_.nothing);
      return;
    }
    step = chain_.links[link_].begin(wall());
  }
  if (auto* credentials = std::get_if<Issued>(&step.kind)) {
    const auto expiry = expiry_of(*credentials);
    if (expiry && *expiry <= wall()) {
      conclude(ErrorCode::provider,
               "the credentials were out of date when they came; is this machine's clock right?");
    } else {
      conclude(std::move(*credentials));
    }
  } else if (auto* error = std::get_if<Error>(&step.kind)) {
    conclude(std::move(*error));
  } else if (auto* request = std::get_if<Ask>(&step.kind)) {
    ask(std::move(*request));
  } else {
    run(std::get<Command>(std::move(step.kind)));
  }
}

void Fetch::ask(Ask ask) {
  const auto url = parse_url(ask.url);
  if (!url) {
    conclude(ErrorCode::config, ask.who + ": its address is not an http or https URL");
    return;
  }
  if (!may_go(*url, ask.plain)) {
    conclude(ErrorCode::config,
             asked(ask, *url) + " is not asked: secrets would go over plain http; use https");
    return;
  }
  ask_ = std::move(ask);
  answer_ = {};
  answer_.asked = doing_ = asked(ask_, *url);
  answer_.secrets = ask_.secrets;
  destination_ = {};
  destination_.origin = url->origin;
  if (url->tls && !is_loopback(*url)) {
    destination_.proxy = route_.proxy;
    destination_.no_proxy = route_.no_proxy;
  }
  destination_.ca_file = route_.ca_file;
  std::vector<std::string_view> body;
  if (!ask_.body.empty()) body.push_back(ask_.body);
  transfer_ =
      client_.start({destination_, ask_.method, ask_.url, ask_.headers, std::move(body)}, *this);
}

void Fetch::on_head(ResponseHead head) {
  answer_.status = head.status;
  answer_.headers = std::move(head.headers);
}

upstream::Flow Fetch::on_body(std::string_view bytes) {
  if (answer_.body.size() + bytes.size() > text_bytes_max) {
    transfer_.reset();
    conclude(unusable(answer_, "with more than " + std::to_string(text_bytes_max) +
                                   " bytes, which no credentials have"));
  } else {
    answer_.body.append(bytes);
  }
  return upstream::Flow::taken;
}

void Fetch::on_done(const upstream::TransferResult& result) {
  transfer_.reset();
  if (result.end != upstream::End::complete) {
    // This machine's want, and no fault of whoever would have been asked.
    const bool is_ours = result.end == upstream::End::exhausted;
    conclude(is_ours ? ErrorCode::limit : ErrorCode::network,
             answer_.asked +
                 " could not be reached: " + std::string(without_cure_of_base_url(result.detail)));
    return;
  }
  answer_.now = wall();
  // Moved out first: the next step may be to ask again.
  const auto then = std::move(ask_.then);
  const Answer answer = std::move(answer_);
  go_on(then(answer));
}

void Fetch::run(Command command) {
  doing_ = "the credential_process command";
  auto started =
      loop::ChildProcess::start(loop(), command.line, text_bytes_max,
                                [this, then = std::move(command.then)](loop::ChildOutcome outcome) {
                                  // It is on the stack.
                                  loop().bury(std::move(command_));
                                  go_on(then({std::move(outcome.output), outcome.exit_status,
                                              outcome.signal, outcome.too_long, wall()}));
                                });
  if (started) {
    command_ = *std::move(started);
  } else {
    conclude(std::move(started).error());
  }
}

void Fetch::conclude(ErrorCode code, const std::string& message) {
  conclude(Error{code, message});
}

void Fetch::conclude(Result<Issued> result) {
  if (outcome_) return;
  limit_.cancel();
  const bool decided = link_ < chain_.links.size();
  const std::string source = decided ? chain_.links[link_].source : "";
  if (!result && decided) {
    std::string message = source + ": " + result.error().message;
    if (const std::string& more = chain_.links[link_].when_it_fails; !more.empty())
      message += "; " + more;
    result = Error{result.error().code, std::move(message)};
  }
  outcome_ = Fetched{source, std::move(result)};
  if (!beginning_) schedule();
}

void Fetch::run_at_turn_end() {
  on_outcome_(*std::move(outcome_));
}

}  // namespace ccrelay::identity
