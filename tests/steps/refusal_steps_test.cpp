#include <string>
#include <vector>

#include "exchange/healing.hpp"
#include "provider/betas.hpp"
#include "provider/body_edit.hpp"
#include "provider/body_path.hpp"
#include "provider/capabilities.hpp"
#include "provider/client_choice.hpp"
#include "steps/linear.hpp"

// What is left out of a request, and what a provider's refusal says of it: a client decides the
// body and the betas, and a provider's words may repeat a client's. See linear.hpp.

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

void edit(std::string_view text) {
  auto edit = provider::BodyEdit::of(text);
  if (!edit) return;
  for (const char* path : {"a", "tools[].strict", "tools[].b.c", "messages[].content[].caller"}) {
    edit->remove(path);
  }
  edit->replace("model", "\"m\"");
  edit->insert("anthropic_version", "\"v\"");
  (void)edit->take_splices();
}

std::function<void(std::string_view)> look_for(const std::string& path) {
  return [=](std::string_view text) { (void)provider::path_in(text, path); };
}

std::string numbered(std::size_t n, const std::string& before, const std::string& behind) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += before + std::to_string(100'000 + i) + behind;
  return out;
}

// All that happens where betas are refused.
void refuse_betas(std::string_view text) {
  const Headers headers{{"anthropic-beta", text}};
  const auto sent = provider::betas_of(headers);
  exchange::Healing healing;
  for (const char* words : {"invalid beta flag", "long context beta is not available",
                            "The beta b100001 is unknown: invalid beta flag"}) {
    const Unsupported refused = provider::named_in(words, sent, "{}");
    healing.reduce(refused, sent, {}, false, 4);
    Unsupported known = healing.left_out();
    known.betas.push_back("context-management-2025-06-27");
    const Unsupported out = provider::in_pairs(known, sent, "{}");
    (void)provider::as_header(provider::without(sent, out.betas));
  }
  (void)healing.proven(sent);
}

std::function<void(std::string_view)> named(const std::string& body) {
  return [=](std::string_view text) { (void)provider::named_in(text, {"a-1"}, body); };
}

}  // namespace

TEST_CASE("a body is changed in proportion to its size", "[steps]") {
  const Worst all[] = {
      {"members", [](auto n) { return "{" + times(n, "\"a\":0,") + "\"b\":1}"; }, edit},
      {"models", [](auto n) { return "{" + times(n, "\"model\":0,") + "\"b\":1}"; }, edit},
      {"tools", [](auto n) { return R"({"tools":[)" + times(n, R"({"strict":1},)") + "{}]}"; },
       edit},
      {"members of a tool",
       [](auto n) { return R"({"tools":[{)" + times(n, R"("strict":1,)") + "\"b\":{}}]}"; }, edit},
      {"arrays in arrays",
       [](auto n) { return R"({"tools":[)" + times(n, "[],") + "[]],\"messages\":[]}"; }, edit},
      {"messages",
       [](auto n) {
         return R"({"messages":[)" + times(n, R"({"content":[{"caller":1}]},)") + "{}]}";
       },
       edit},
      {"names with escapes", [](auto n) { return "{\"\\u0061" + times(n, "\\u0041") + "\":0}"; },
       edit},
  };
  for (const Worst& worst : all) check_linear(worst, 1'000);
}

TEST_CASE("a place in a body is found in proportion to its size", "[steps]") {
  const auto nested = [](std::size_t depth, const std::string& inside) {
    return times(depth, "[") + inside + times(depth, "]");
  };
  const Worst all[] = {
      {"members", [](auto n) { return "{" + times(n, "\"a\":0,") + "\"b\":1}"; }, look_for("c")},
      {"elements", [](auto n) { return R"({"tools":[)" + times(n, R"({"a":1},)") + "{}]}"; },
       look_for("tools.0.custom.strict")},
      {"elements without index", [](auto n) { return R"({"a":[)" + times(n, "{},") + "{}]}"; },
       look_for("a.b.c")},
      {"arrays in arrays",
       [&](auto n) { return "{\"a\":" + nested(200, "\"" + times(n, "b") + "\"") + "}"; },
       look_for("a.b")},
      {"names that are alike",
       [](auto n) { return times(14, R"({"a":)") + "[" + times(n, "0,") + "0]" + times(14, "}"); },
       look_for("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.b")},
  };
  for (const Worst& worst : all) check_linear(worst, 4'096);
  // However often it could be gone through: some times, not some thousand.
  const std::string alike =
      times(14, R"({"a":)") + "[" + times(4'096, "0,") + "0]" + times(14, "}");
  const auto once = steps_of(look_for("x.y"), alike);
  CHECK(steps_of(look_for("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.b"), alike) < 200 * once);
}

TEST_CASE("betas are read and left out in proportion to their number", "[steps]") {
  check_linear({"betas", [](auto n) { return numbered(n, "b", ","); }, refuse_betas}, 2'048);
  check_linear({"betas of a long context", [](auto n) { return numbered(n, "context-1m-", ","); },
                refuse_betas},
               2'048);
  check_linear({"one beta", [](auto n) { return times(n, "b,"); }, refuse_betas}, 2'048);
  const auto in_body = [](std::string_view text) {
    (void)provider::betas_of({}, text, Dialect::bedrock);
  };
  check_linear({"betas of a body",
                [](auto n) { return R"({"anthropic_beta":[)" + numbered(n, "\"b", "\",") + "0]}"; },
                in_body},
               2'048);
}

TEST_CASE("what a refusal names is looked for in proportion to its words, and to the body",
          "[steps]") {
  const std::string body = "{" + numbered(1'000, "\"a", "\":0,") + "\"b\":1}";
  for (const char* words :
       {"c: extra inputs are not permitted ", "extraneous key [", "# extraneous key [c] ",
        "unknown parameter: 'c' ", "c: unknown field ", "unknown name c at ", "beta ", "a-1 "}) {
    check_linear({words, [=](auto n) { return times(n, words); }, named(body)}, 100);
  }
  // Before none of them stands the place that would go with it.
  check_linear({"no '#'", [](auto n) { return times(n, "extraneous key [c] "); }, named("{}")},
               200);
  // A message that names many: the body is not read for each.
  const auto of_body = [](std::string_view text) {
    (void)provider::named_in(times(400, "c: unknown field "), {}, text);
  };
  const auto once = [](std::string_view text) {
    (void)provider::named_in("c: unknown field ", {}, text);
  };
  CHECK(steps_of(of_body, body) < 100 * steps_of(once, body));
}

TEST_CASE("what a client has chosen is found in proportion to the request", "[steps]") {
  const auto of_body = [](std::string_view text) {
    const auto choices = provider::client_choices({}, text, Cloud::none);
    (void)provider::named_choice("some words of a provider", choices);
  };
  check_linear(
      {"members", [](auto n) { return "{" + numbered(n, "\"a", "\":0,") + "\"b\":1}"; }, of_body},
      1'000);
  const auto of_headers = [](std::string_view text) {
    Headers headers;
    for (; !text.empty(); text.remove_prefix(text.find('\n') + 1)) {
      headers.add(text.substr(0, text.find('\n')), "value");
    }
    const auto choices = provider::client_choices(headers, {}, Cloud::none);
    (void)provider::named_choice("some words of a provider", choices);
  };
  check_linear({"headers", [](auto n) { return times(n, "x-y\n"); }, of_headers}, 2'048);
  const auto of_words = [](std::string_view text) {
    (void)provider::named_choice(text, {{"container", ""}, {"x-amzn-bedrock-guardrail", "abc"}});
  };
  check_linear({"words", [](auto n) { return times(n, "containe "); }, of_words}, 2'048);
}
