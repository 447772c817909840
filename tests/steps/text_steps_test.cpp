#include <string>

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "base/percent.hpp"
#include "config/document.hpp"
#include "config/expand.hpp"
#include "front/endpoint.hpp"
#include "identity/ini.hpp"
#include "identity/url.hpp"
#include "identity/xml.hpp"
#include "json_scan.hpp"
#include "observe/escape.hpp"
#include "steps/linear.hpp"
#include "upstream/no_proxy.hpp"

// Readers of other texts that somebody else may have written: see linear.hpp.

using namespace ccrelay;
using namespace ccrelay::testing;

TEST_CASE("small texts are read in proportion to their size", "[steps]") {
  const auto xml = [](std::string_view text) { identity::xml_text(text, "Error"); };
  const auto ini = [](std::string_view text) { identity::read_ini(text); };
  const auto url = [](std::string_view text) { identity::parse_url(text); };
  const auto no_proxy = [](std::string_view text) {
    upstream::bypasses_proxy(text, "www.example.com", 443);
    upstream::bypasses_proxy(text, "10.0.0.1", 443);
  };
  const auto percent = [](std::string_view text) {
    base::percent_decoded(text);
    base::percent_encoded(text);
    base::has_dot_segment(text);
  };
  const auto base64 = [](std::string_view text) { base::base64_decoded(text); };
  const auto token = [](std::string_view text) { base::has_token(text, "close"); };
  const auto log = [](std::string_view text) {
    std::string out;
    observe::append_json_string(out, text);
    observe::append_word(out, text);
  };
  const auto endpoint = [](std::string_view text) {
    RequestHead head;
    head.method = "POST";
    head.target = text;
    front::endpoint_of(head, true);
  };
  const auto json = [](std::string_view text) { app::JsonScan(text).value(); };
  const Worst all[] = {
      {"xml: almost", [](auto n) { return times(n, "<Erro"); }, xml},
      {"xml: escapes", [](auto n) { return "<Error>" + times(n, "&amp;") + "</Error>"; }, xml},
      {"ini: sections", [](auto n) { return times(n, "[a]\n"); }, ini},
      {"ini: keys", [](auto n) { return "[a]\n" + times(n, "b=c\n"); }, ini},
      {"ini: continued", [](auto n) { return "[a]\nb=\n" + times(n, " c=d\n"); }, ini},
      {"ini: a long line", [](auto n) { return "[a]\nb=" + times(n, "c "); }, ini},
      {"url", [](auto n) { return "http://" + times(n, "a.") + "/" + times(n, "a/"); }, url},
      {"no_proxy: entries", [](auto n) { return times(n, "a.test:80,"); }, no_proxy},
      {"no_proxy: blanks", [](auto n) { return times(n, " "); }, no_proxy},
      {"no_proxy: a long entry", [](auto n) { return times(n, "*."); }, no_proxy},
      {"percent", [](auto n) { return times(n, "%41"); }, percent},
      {"percent: broken", [](auto n) { return times(n, "%"); }, percent},
      {"dots", [](auto n) { return times(n, "/.."); }, percent},
      {"base64", [](auto n) { return times(n, "QUJD"); }, base64},
      {"tokens", [](auto n) { return times(n, "a ,"); }, token},
      {"log: controls", [](auto n) { return times(n, "\x1b"); }, log},
      {"log: no UTF-8", [](auto n) { return times(n, "\xf0\x9f"); }, log},
      {"log: UTF-8", [](auto n) { return times(n, "\xe2\x80\xae"); }, log},
      {"path: segments", [](auto n) { return times(n, "/v1"); }, endpoint},
      {"path: escapes", [](auto n) { return "/v1/" + times(n, "%2f"); }, endpoint},
      {"path: a model", [](auto n) { return "/model/" + times(n, ":") + "/invoke"; }, endpoint},
      {"path: projects", [](auto n) { return times(n, "/projects/a"); }, endpoint},
      {"path: a query", [](auto n) { return "/v1/messages?" + times(n, "a&"); }, endpoint},
      {"json: members", [](auto n) { return "{" + times(n, "\"a\":0,") + "\"b\":1}"; }, json},
      {"json: escapes", [](auto n) { return "\"" + times(n, "\\u0041") + "\""; }, json},
      {"json: an array", [](auto n) { return "[" + times(n, "0,") + "0]"; }, json},
  };
  for (const Worst& worst : all) check_linear(worst, 2'048);
}

TEST_CASE("a configuration is read in proportion to its size", "[steps]") {
  const auto toml = [](std::string_view text) {
    auto document = config::parse_document(text);
    std::vector<config::Mistake> mistakes, warnings;
    config::expand_all(
        document.root, "", [](std::string_view) { return std::optional<std::string>("v"); },
        mistakes, warnings);
  };
  const auto numbered = [](std::size_t n, const std::string& before, const std::string& behind) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) out += before + std::to_string(100'000 + i) + behind;
    return out;
  };
  const Worst all[] = {
      {"tables", [](auto n) { return times(n, "[[a]]\n"); }, toml},
      {"keys", [&](auto n) { return numbered(n, "a", " = 1\n"); }, toml},
      {"variables", [](auto n) { return "a = \"" + times(n, "${A:-b}") + "\"\n"; }, toml},
      {"dollars", [](auto n) { return "a = \"" + times(n, "$") + "\"\n"; }, toml},
      {"unclosed", [](auto n) { return "a = \"" + times(n, "${") + "\"\n"; }, toml},
      {"an array", [](auto n) { return "a = [" + times(n, "\"b\",") + "]\n"; }, toml},
      {"comments", [](auto n) { return times(n, "#\n"); }, toml},
  };
  for (const Worst& worst : all) check_linear(worst, 512);
}
