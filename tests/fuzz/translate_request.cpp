// A request in one vendor's words becomes one in another's, or a refusal in words: JSON that asks
// for the model, names tools as the vendor allows, has a result for each call, and is not much
// larger than what was asked. So is the same request without what other providers reasoned, or
// without a field.
#include "dialect/foreign_reasoning.hpp"
#include "dialect/learning.hpp"
#include "dialect/tags.hpp"
#include "fuzz/translate.hpp"

namespace fuzz = ccrelay::fuzz;
using namespace ccrelay::dialect;

namespace {

// Every call had reasoning.
class AllKnown final : public Recall {
 public:
  explicit AllKnown(Dialect provider) : provider_(provider) {}
  std::string reasoning_of(std::string_view call_id) const override {
    constexpr std::array<std::string_view, 4> data{
        R"({"signature":"s","thinking":"t"})", R"({"field":"reasoning_content","thinking":"t"})",
        R"({"id":"rs_1","encrypted_content":"e"})", R"({"thoughtSignature":"s","part":"call"})"};
    if (call_id.size() % 2 == 0) return {};
    return make_tag(
        {provider_, "0123456789ab", std::string(data[static_cast<std::size_t>(provider_)])});
  }

 private:
  const Dialect provider_;
};

bool is_allowed(Dialect provider, std::string_view name) {
  if (name.empty() || name.size() > (provider == Dialect::anthropic ? 128 : 64)) return false;
  const bool is_gemini = provider == Dialect::gemini;
  if (is_gemini && (name[0] == '-' || name[0] == '.' || name[0] == ':' || isdigit(name[0])))
    return false;
  for (const char c : name) {
    const bool is_letter = c > 0 && (isalnum(c) || c == '_' || c == '-');
    if (!is_letter && !(is_gemini && (c == '.' || c == ':'))) return false;
  }
  return true;
}

void check_tools(Dialect provider, Json body) {
  for (const Json& tool : body["tools"].items()) {
    for (const Json& function : tool["functionDeclarations"].items())
      FUZZ_CHECK(is_allowed(provider, function["name"].text()));
    if (provider == Dialect::gemini) continue;
    const Json type = tool["type"];
    if (provider != Dialect::anthropic && !type.is("function")) continue;
    if (provider == Dialect::anthropic && type.told() && !type.is("custom")) continue;
    const Json named = provider == Dialect::chat ? tool["function"] : tool;
    FUZZ_CHECK(is_allowed(provider, named["name"].text()));
  }
}

// Directly behind the calls stand their results, or OpenAI refuses all of it.
void check_results(Json body) {
  std::vector<std::string> open;
  for (const Json& message : body["messages"].items()) {
    if (message["role"].is("tool")) {
      const auto found = std::find(open.begin(), open.end(), message["tool_call_id"].text());
      FUZZ_CHECK(found != open.end());
      open.erase(found);
      continue;
    }
    FUZZ_CHECK(open.empty());
    for (const Json& call : message["tool_calls"].items()) {
      FUZZ_CHECK(call["function"]["arguments"].is_string());
      open.push_back(call["id"].text());
    }
  }
  FUZZ_CHECK(open.empty());
}

void check_body(const Way& way, std::string_view body, std::string_view asked) {
  const Json json = fuzz::strict_json(body, asked);
  FUZZ_CHECK(json.is_object());
  FUZZ_CHECK(way.provider == Dialect::gemini || json["model"].is("sent"));
  FUZZ_CHECK(body.size() <= 100'000 + 64 * asked.size());
  check_tools(way.provider, json);
  if (way.provider == Dialect::chat) check_results(json);
  for (const std::string& field : optional_fields(way.provider, body)) {
    FUZZ_CHECK(has_field(body, field));
    const std::string less = without_field(body, field);
    fuzz::strict_json(less, asked);
    FUZZ_CHECK(!has_field(less, field));
  }
}

std::string outcome(const std::variant<Carried, Refused, NotCarriable>& result) {
  if (const auto* carried = std::get_if<Carried>(&result)) return carried->body;
  if (const auto* refused = std::get_if<Refused>(&result)) return refused->message;
  return std::get<NotCarriable>(result).what;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  Way way = fuzz::way_of(input.byte());
  const std::uint8_t flags = input.byte();
  const Profile profile = fuzz::profile_of(way.provider, input.byte());
  const AllKnown known(way.provider);
  way.count = flags & 1;
  way.asked_model = way.client == Dialect::gemini ? "asked" : "";
  way.asked_stream = way.client == Dialect::gemini && (flags & 2) != 0;
  TranslateOptions options;
  options.profile = &profile;
  options.model = "sent";
  options.seed = "seed";
  options.issuer = "0123456789ab";
  options.now_s = 1'800'000'000;
  options.stream = flags & 2;
  options.drop_unsupported = flags & 4;
  options.web_search = flags & 8 ? "always" : "alone";
  if (flags & 16) options.recall = &known;
  if (flags & 32) options.max_output_tokens = 100;
  const fuzz::Piece body(input.rest());

  const auto result = carry_request(way, body, options);
  FUZZ_CHECK(!outcome(result).empty());
  FUZZ_CHECK(outcome(result) == outcome(carry_request(way, body, options)));
  if (const auto* carried = std::get_if<Carried>(&result)) {
    check_body(way, carried->body, body);
  } else if (const auto* refused = std::get_if<Refused>(&result)) {
    FUZZ_CHECK(refused->status >= 400 && refused->status < 500 && !refused->type.empty());
    FUZZ_CHECK(fuzz::is_utf8(refused->message) || !fuzz::is_utf8(body));
  } else {
    FUZZ_CHECK(!options.drop_unsupported || way.count || way.provider == Dialect::chat ||
               !std::get<NotCarriable>(result).what.empty());
  }
  const std::string own = without_foreign_reasoning(way.client, body, &profile);
  if (!own.empty()) {
    FUZZ_CHECK(Json::read(own));
    FUZZ_CHECK(without_foreign_reasoning(way.client, own, &profile).empty());
  }
  return 0;
}
