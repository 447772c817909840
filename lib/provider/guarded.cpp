#include "provider/guarded.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "http/runs.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::provider {
namespace {

bool has_blank_or_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) == 0x7f;
  });
}

// scheme://host:port; empty where that is not how it begins.
std::string_view origin_of(std::string_view url) {
  const std::size_t scheme = base::istarts_with(url, "https://")  ? 8
                             : base::istarts_with(url, "http://") ? 7
                                                                  : 0;
  if (scheme == 0) return {};
  const auto end = std::min(url.find_first_of("/?#", scheme), url.size());
  return end == scheme ? std::string_view() : url.substr(0, end);
}

bool is_below(std::string_view url, std::string_view origin) {
  if (!url.starts_with(origin)) return false;
  const char next = url.size() == origin.size() ? '/' : url[origin.size()];
  return next == '/' || next == '?';
}

bool in_order(const std::vector<Splice>& splices, std::size_t body_bytes) {
  std::size_t at = 0;
  for (const Splice& splice : splices) {
    if (splice.offset < at || splice.offset > body_bytes) return false;
    if (splice.length > body_bytes - splice.offset) return false;
    at = splice.offset + splice.length;
  }
  return true;
}

/// What a provider says of itself, asked once.
struct Portrait {
  explicit Portrait(const Provider& provider)
      : owner(provider.owner()),
        base_url(provider.base_url()),
        models(provider.default_models()),
        cloud(provider.cloud()),
        needs_credential(provider.needs_credential()),
        takes_client_credential(provider.takes_client_credential()),
        translates_errors(provider.translates_errors()) {
    for (const Dialect one : {Dialect::responses, Dialect::chat, Dialect::gemini}) {
      if (speaks_or_throws(provider, one)) others.push_back(one);
    }
  }

  // One that throws does so again when it is asked about a request, and it is said then.
  static bool speaks_or_throws(const Provider& provider, Dialect dialect) {
    try {
      return provider.speaks(dialect);
    } catch (...) {
      return false;
    }
  }

  std::string owner;
  std::string base_url;
  std::vector<std::string> models;
  Cloud cloud;
  bool needs_credential;
  bool takes_client_credential;
  bool translates_errors;
  std::vector<Dialect> others;  // which it speaks of OpenAI's and Gemini's
};

/// Whose methods throw: for notes and errors.
struct Who {
  std::string provider;
  std::string type;
  base::ThrowLog log;

  /// In a handler: tells the observer; what the client may read of it comes back. Not what(): who
  /// knows what stands in there.
  Error threw(std::string_view method, std::string_view consequence) const {
    log.note(
        "provider \"" + provider + "\": " + std::string(method) + "() of type \"" + type + "\"",
        consequence);
    return Error{ErrorCode::provider,
                 std::string(method) + "() of type \"" + type + "\" threw an exception"};
  }
  Error wrong(std::string_view method, std::string_view what) const {
    return Error{ErrorCode::provider,
                 std::string(method) + "() of type \"" + type + "\" gave " + std::string(what)};
  }
};

class GuardedDecoder final : public AnswerDecoder {
 public:
  /// `inner` null: it could not be made.
  GuardedDecoder(std::unique_ptr<AnswerDecoder> inner, std::shared_ptr<const Who> who)
      : inner_(std::move(inner)), who_(std::move(who)) {}

  Result<void> feed(std::string_view bytes, std::string& out) override {
    return guarded(out, [&] { return inner_->feed(bytes, out); });
  }
  Result<void> end(std::string& out) override {
    return guarded(out, [&] { return inner_->end(out); });
  }
  std::uint64_t whole_bytes() const override {
    try {
      return inner_ ? inner_->whole_bytes() : 0;
    } catch (...) {
      (void)who_->threw("AnswerDecoder::whole_bytes", "counted as none");
      return 0;
    }
  }
  std::uint64_t kept_bytes() const override {
    try {
      return inner_ ? inner_->kept_bytes() : 0;
    } catch (...) {
      (void)who_->threw("AnswerDecoder::kept_bytes", "counted as none");
      return 0;
    }
  }

 private:
  template <class Call>
  Result<void> guarded(std::string& out, Call call) {
    if (!inner_) return Error{ErrorCode::provider, "the answer has no decoder: it threw"};
    const std::size_t before = out.size();
    try {
      return call();
    } catch (...) {
      out.resize(before);
      inner_.reset();
      return who_->threw("AnswerDecoder", "the answer is broken");
    }
  }

  std::unique_ptr<AnswerDecoder> inner_;
  const std::shared_ptr<const Who> who_;
};

class Guarded final : public Provider {
 public:
  Guarded(std::unique_ptr<Provider> inner, Portrait facts, Who who)
      : inner_(std::move(inner)),
        facts_(std::move(facts)),
        origin_(origin_of(facts_.base_url)),
        who_(std::make_shared<const Who>(std::move(who))) {}

  std::string_view owner() const override { return facts_.owner; }
  std::string_view base_url() const override { return facts_.base_url; }
  std::vector<std::string> default_models() const override { return facts_.models; }
  Cloud cloud() const override { return facts_.cloud; }
  bool needs_credential() const override { return facts_.needs_credential; }
  bool takes_client_credential() const override { return facts_.takes_client_credential; }
  bool translates_errors() const override { return facts_.translates_errors; }

  bool supports(Operation operation) const override {
    return ask("supports", false, [&] { return inner_->supports(operation); });
  }
  bool speaks(Dialect dialect) const override {
    const bool is_other =
        dialect == Dialect::responses || dialect == Dialect::chat || dialect == Dialect::gemini;
    if (is_other) {
      return std::find(facts_.others.begin(), facts_.others.end(), dialect) != facts_.others.end();
    }
    return ask("speaks", false, [&] { return inner_->speaks(dialect); });
  }
  std::optional<ErrorAbout> error_about(int status, std::string_view code,
                                        std::string_view message) const override {
    return ask("error_about", std::optional<ErrorAbout>(),
               [&] { return inner_->error_about(status, code, message); });
  }
  std::optional<OutboundRequest> health_check(const Credential& credential) const override {
    auto out = ask("health_check", std::optional<OutboundRequest>(),
                   [&] { return inner_->health_check(credential); });
    return out && problem_of(*out).empty() ? std::move(out) : std::nullopt;
  }
  Unsupported refused_in(int status, std::string_view message,
                         const ProviderRequest& request) const override {
    return ask("refused_in", Unsupported(),
               [&] { return inner_->refused_in(status, message, request); });
  }

  Result<OutboundRequest> build(const ProviderRequest& request,
                                const Credential& credential) const override {
    try {
      auto out = inner_->build(request, credential);
      if (!out) return out;
      if (const auto wrong = problem_of(*out); !wrong.empty()) return who_->wrong("build", wrong);
      if (!in_order(out->splices, request.body.size())) {
        return who_->wrong("build", "splices that overlap, or are not in the body");
      }
      return out;
    } catch (...) {
      return who_->threw("build", "the next candidate is asked");
    }
  }

  Result<void> finish(const ProviderRequest& request, OutboundRequest& out,
                      std::span<const std::string_view> body, const Credential& credential,
                      std::chrono::system_clock::time_point now) const override {
    // The pieces of the body point into them.
    auto splices = std::move(out.splices);
    out.splices.clear();
    try {
      const auto finished = inner_->finish(request, out, body, credential, now);
      out.splices = std::move(splices);
      if (!finished) return finished;
      if (const auto wrong = problem_of(out); !wrong.empty()) return who_->wrong("finish", wrong);
      return {};
    } catch (...) {
      out.splices = std::move(splices);
      return who_->threw("finish", "the next candidate is asked");
    }
  }

  std::unique_ptr<AnswerDecoder> decoder(Operation operation, Dialect dialect,
                                         ResponseHead& head) const override {
    try {
      auto inner = inner_->decoder(operation, dialect, head);
      if (!inner) return nullptr;
      return std::make_unique<GuardedDecoder>(std::move(inner), who_);
    } catch (...) {
      (void)who_->threw("decoder", "the answer is broken");
      return std::make_unique<GuardedDecoder>(nullptr, who_);
    }
  }

  void translate_error(ResponseHead& head, std::string& body) const override {
    const int status = head.status;
    try {
      inner_->translate_error(head, body);
    } catch (...) {
      (void)who_->threw("translate_error", "the client gets the status alone");
      // In a form that the client knows, whatever the provider's was.
      head = {status, {{"content-type", "application/json"}}};
      body = wire::error_envelope(
          "api_error", "the provider answered " + std::to_string(status) + ", in words unknown",
          {});
    }
  }

 private:
  template <class Answer, class Question>
  Answer ask(std::string_view method, Answer otherwise, Question question) const {
    try {
      return question();
    } catch (...) {
      (void)who_->threw(method, "it counts as having said nothing");
      return otherwise;
    }
  }

  std::string_view problem_of(const OutboundRequest& out) const {
    if (!http::is_token(out.method)) return "a method that is none";
    if (!is_below(out.url, origin_)) return "a URL that is not below its base_url()";
    if (has_blank_or_control(out.url)) return "a URL with a blank or control character";
    return {};
  }

  const std::unique_ptr<Provider> inner_;
  const Portrait facts_;
  const std::string origin_;
  const std::shared_ptr<const Who> who_;
};

Error about(const ProviderConfig& config, const std::string& what) {
  return Error{ErrorCode::config,
               "provider \"" + config.name + "\": type \"" + config.type + "\" " + what};
}

}  // namespace

Result<std::unique_ptr<Provider>> make_guarded(const ProviderFactory& factory,
                                               const ProviderConfig& config, base::ThrowLog log) {
  if (!factory) return about(config, "has nothing that makes one");
  try {
    auto made = factory(config);
    if (!made) return made;
    if (*made == nullptr) return about(config, "has made none");
    Portrait facts(**made);
    if (origin_of(facts.base_url).empty() || has_blank_or_control(facts.base_url) ||
        facts.base_url.find_first_of("?#") != std::string::npos) {
      return mistake_in(config, "base_url",
                        "type \"" + config.type +
                            "\" has an address that is none; write http:// or https://, a host, "
                            "and a path if need be");
    }
    return std::unique_ptr<Provider>(std::make_unique<Guarded>(std::move(*made), std::move(facts),
                                                               Who{config.name, config.type, log}));
  } catch (...) {
    return about(config, "threw " + base::what_is_thrown());
  }
}

}  // namespace ccrelay::provider
