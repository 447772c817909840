#pragma once

#include <ccrelay/provider.hpp>

#include <memory>
#include <new>
#include <stdexcept>
#include <string>

namespace ccrelay::testing {

/// The words of a std::exception that is thrown: they are for the log, and for no client.
inline constexpr const char* thrown_words = "canary-of-an-exception";

inline void throw_one(const std::string& kind) {
  if (kind == "int") throw 42;
  if (kind == "bad_alloc") throw std::bad_alloc();
  throw std::runtime_error(thrown_words);
}

/// A provider that speaks Anthropic's API and throws in the method that it is told. Its answers
/// pass through a decoder that changes nothing.
class Thrower final : public Provider {
 public:
  Thrower(std::string base_url, std::string where, std::string kind)
      : base_url_(std::move(base_url)), where_(std::move(where)), kind_(std::move(kind)) {}

  std::string_view owner() const override { return at("owner"), "house"; }
  std::string_view base_url() const override { return at("base_url"), base_url_; }
  std::vector<std::string> default_models() const override {
    return at("default_models"), std::vector<std::string>{"m"};
  }
  bool supports(Operation) const override { return at("supports"), true; }
  bool speaks(Dialect dialect) const override {
    return at("speaks"), dialect == Dialect::anthropic;
  }
  Cloud cloud() const override { return at("cloud"), Cloud::none; }
  bool needs_credential() const override { return at("needs_credential"), true; }
  bool takes_client_credential() const override { return at("takes_client_credential"), false; }
  bool translates_errors() const override { return at("translates_errors"), translates; }
  std::optional<ErrorAbout> error_about(int, std::string_view, std::string_view) const override {
    at("error_about");
    return {};
  }
  std::optional<OutboundRequest> health_check(const Credential&) const override {
    at("health_check");
    return {};
  }
  Result<OutboundRequest> build(const ProviderRequest& request, const Credential&) const override {
    at("build");
    OutboundRequest out;
    out.url = base_url_ + request.head.target;
    out.headers = request.forwardable;
    out.splices = mapped_model(request);
    return out;
  }
  Result<void> finish(const ProviderRequest&, OutboundRequest&, std::span<const std::string_view>,
                      const Credential&, std::chrono::system_clock::time_point) const override {
    at("finish");
    return {};
  }
  std::unique_ptr<AnswerDecoder> decoder(Operation, Dialect, ResponseHead&) const override {
    at("decoder");
    struct Same final : AnswerDecoder {
      explicit Same(const Thrower& from) : where(from.where_), kind(from.kind_) {}
      Result<void> feed(std::string_view bytes, std::string& out) override {
        out += bytes;
        fed += bytes.size();
        const bool late = bytes.find("message_stop") != std::string_view::npos;
        if (where == "feed" || (where == "late feed" && late)) throw_one(kind);
        return {};
      }
      Result<void> end(std::string&) override {
        if (where == "end") throw_one(kind);
        return {};
      }
      std::uint64_t whole_bytes() const override {
        if (where == "whole_bytes") throw_one(kind);
        return fed;
      }
      std::string where, kind;
      std::uint64_t fed = 0;
    };
    return std::make_unique<Same>(*this);
  }
  void translate_error(ResponseHead& head, std::string& body) const override {
    head.headers.clear();
    body = "half";
    at("translate_error");
    head.headers.add("content-type", "application/json");
    body = R"({"type":"error","error":{"type":"invalid_request_error","message":"translated"}})";
  }
  Unsupported refused_in(int, std::string_view, const ProviderRequest&) const override {
    at("refused_in");
    return {};
  }

  bool translates = false;

 private:
  void at(const char* method) const {
    if (where_ == method) throw_one(kind_);
  }

  const std::string base_url_;
  const std::string where_;
  const std::string kind_;
};

}  // namespace ccrelay::testing
