#include <string>

#include "scenario/search_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using namespace ccrelay::testing::searching;

// The web search of one vendor for the client of another: asked for, found, cited, counted, paid,
// and told again in the next turn.

TEST_CASE("a search of any vendor's is asked for, found, cited, counted and paid for",
          "[scenario][translate]") {
  const bool stream = GENERATE(false, true);
  for (const Pair& pair : pairs) {
    for (const bool failed : {false, true}) {
      INFO(to_string(pair.client) << " > " << to_string(pair.provider)
                                  << (stream ? ", streamed" : "") << (failed ? ", failed" : ""));
      SearchStage f(pair.provider);
      f.providers[0]->enqueue(searched(pair.provider, stream, failed));
      f.start();
      const Answer answer = f.RelayFixture::ask(
          post_to(pair.client, stream, asking(pair.client, stream, tool_of(pair.client))));
      INFO(answer.body);
      CHECK(answer.status == 200);
      CHECK(heard(pair.client, stream, answer.body) == (failed ? pair.failed : pair.heard));
      CHECK(has(f.sent(), pair.tool));
      REQUIRE(f.finished().attempts.size() == 1);
      const Charge& charge = f.finished().attempts[0].usage.charges.at(0);
      CHECK(charge.web_searches.value_or(0) == (failed ? 0u : 1u));
      CHECK(charge.cost_nano_usd == (failed ? 0 : 10'000'000));
      CHECK(charge.tokens[TokenClass::output] == 9u);
    }
  }
}

TEST_CASE("a search among other tools is left out, or carried where that is wished",
          "[scenario][translate]") {
  for (const Pair& pair : pairs) {
    for (const bool always : {false, true}) {
      INFO(to_string(pair.client) << " > " << to_string(pair.provider)
                                  << (always ? " always" : ""));
      SearchStage f(pair.provider);
      if (always) f.config.translation.web_search = "always";
      // Gemini from 3 on.
      f.config.providers[0].model_mapping = {
          {"*", pair.provider == Speech::gemini ? "gemini-3-flash" : "real"}};
      f.providers[0]->enqueue(searched(pair.provider, false));
      f.start();
      const std::string tools = function_of(pair.client) + "," + tool_of(pair.client);
      const Answer answer =
          f.RelayFixture::ask(post_to(pair.client, false, asking(pair.client, false, tools)));
      CHECK(answer.status == 200);
      CHECK(has(f.sent(), "\"look\""));
      const std::string word = pair.provider == Speech::gemini ? "googleSearch" : "web_search";
      CHECK(has(f.sent(), word) == always);
      const std::string left(answer.headers.get("x-cc-relay-dropped").value_or(""));
      const std::string own = pair.client == Speech::gemini      ? "googleSearch"
                              : pair.client == Speech::anthropic ? "web_search_20250305"
                                                                 : "web_search";
      CHECK(has(left, own) != always);
      if (always && pair.provider == Speech::gemini)
        CHECK(has(f.sent(), R"("includeServerSideToolInvocations":true)"));
    }
  }
}

TEST_CASE("without a search there is nobody to ask where searches are not carried",
          "[scenario][translate]") {
  for (const Pair& pair : pairs) {
    for (const bool never : {false, true}) {
      INFO(to_string(pair.client) << " > " << to_string(pair.provider)
                                  << (never ? ", by the operator's word" : ""));
      SearchStage f(pair.provider);
      if (never) f.config.translation.web_search = "never";
      if (!never) f.config.providers[0].quirks = {{"web_search", "false"}};
      f.start();
      const Answer answer = f.RelayFixture::ask(
          post_to(pair.client, false, asking(pair.client, false, tool_of(pair.client))));
      CHECK(answer.status == 400);
      CHECK(f.providers[0]->requests().empty());
    }
  }
}

TEST_CASE("what a search is limited to goes to who keeps to it", "[scenario][translate]") {
  struct Row {
    Speech client;
    const char* tool;
    const char* provider;  // who is asked of those that there are; empty: nobody can
    const char* sent;
  };
  const Row rows[] = {
      {Speech::anthropic,
       R"({"type":"web_search_20250305","name":"web_search","allowed_domains":["a.org"]})",
       "responses", R"({"type":"web_search","filters":{"allowed_domains":["a.org"]}})"},
      {Speech::anthropic,
       R"({"type":"web_search_20250305","name":"web_search","blocked_domains":["b.org"]})",
       "anthropic", R"("blocked_domains":["b.org"])"},
      {Speech::responses, R"({"type":"web_search","filters":{"allowed_domains":["a.org"]}})",
       "anthropic", R"("allowed_domains":["a.org"])"},
      {Speech::responses, R"({"type":"web_search","external_web_access":false})", "", ""},
      {Speech::gemini, R"({"googleSearch":{"excludeDomains":["b.org"]}})", "anthropic",
       R"("blocked_domains":["b.org"])"},
  };
  for (const Row& row : rows) {
    INFO(row.tool);
    TranslateStage f;
    // Chat searches nothing, and Gemini wherever it likes.
    for (const Speech provider :
         {Speech::chat, Speech::gemini, Speech::responses, Speech::anthropic}) {
      if (provider == row.client && provider != Speech::anthropic) continue;
      f.add_vendor(provider, std::string(to_string(provider)));
      f.providers.back()->respond_with(
          [provider](const RecordedRequest&) { return searched(provider, false); });
    }
    f.start();
    const Answer answer =
        f.RelayFixture::ask(post_to(row.client, false, asking(row.client, false, row.tool)));
    CHECK(answer.status == (row.provider[0] ? 200 : 400));
    std::string asked, sent;
    for (std::size_t i = 0; i < f.providers.size(); ++i) {
      for (const RecordedRequest& request : f.providers[i]->requests()) {
        asked += f.config.providers[i].name;
        sent = request.body;
      }
    }
    CHECK(asked == row.provider);
    CHECK(has(sent, row.sent));
  }
}

TEST_CASE("a search is forced beside other tools", "[scenario][translate]") {
  struct Row {
    Speech client;
    Speech provider;
    const char* choice;
    const char* sent;
    bool with_function;
  };
  const Row rows[] = {
      {Speech::anthropic, Speech::responses,
       R"(,"tool_choice":{"type":"tool","name":"web_search"})",
       R"("tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"web_search"}]})",
       true},
      {Speech::anthropic, Speech::gemini, R"(,"tool_choice":{"type":"tool","name":"web_search"})",
       R"("tools":[{"googleSearch":{}}])", false},
      {Speech::responses, Speech::anthropic, R"(,"tool_choice":{"type":"web_search"})",
       R"("tool_choice":{"type":"tool","name":"web_search"})", true},
      {Speech::responses, Speech::anthropic,
       R"(,"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"web_search"}]})",
       R"("tool_choice":{"type":"tool","name":"web_search"})", false},
  };
  for (const Row& row : rows) {
    INFO(to_string(row.client) << " > " << to_string(row.provider) << row.choice);
    SearchStage f(row.provider);
    f.providers[0]->enqueue(searched(row.provider, false));
    f.start();
    const std::string tools = function_of(row.client) + "," + tool_of(row.client);
    const Answer answer = f.RelayFixture::ask(
        post_to(row.client, false, asking(row.client, false, tools, {}, row.choice)));
    INFO(f.sent());
    CHECK(answer.status == 200);
    CHECK(has(f.sent(), row.sent));
    CHECK(has(f.sent(), "\"look\"") == row.with_function);
    CHECK_FALSE(has(f.sent(), "functionCallingConfig"));
  }
}

TEST_CASE("what was found before is told in words to who did not find it",
          "[scenario][translate]") {
  struct Row {
    Speech client;
    Speech found_by;
    Speech asked_next;
  };
  const Row rows[] = {{Speech::anthropic, Speech::responses, Speech::anthropic},
                      {Speech::anthropic, Speech::responses, Speech::gemini},
                      {Speech::anthropic, Speech::gemini, Speech::responses},
                      {Speech::anthropic, Speech::gemini, Speech::chat},
                      {Speech::responses, Speech::anthropic, Speech::gemini},
                      {Speech::responses, Speech::anthropic, Speech::anthropic}};
  for (const Row& row : rows) {
    INFO(to_string(row.client) << " > " << to_string(row.found_by) << ", then "
                               << to_string(row.asked_next));
    std::string past;
    {
      SearchStage f(row.found_by);
      f.providers[0]->enqueue(searched(row.found_by, false));
      f.start();
      const Answer answer = f.RelayFixture::ask(
          post_to(row.client, false, asking(row.client, false, tool_of(row.client))));
      const Json told = Json::read(answer.body);
      if (row.client == Speech::anthropic) {
        past = R"({"role":"assistant","content":)" + std::string(told["content"].raw()) + "}";
      } else {
        for (const Json item : told["output"].items())
          past += (past.empty() ? "" : ",") + std::string(item.raw());
      }
    }
    SearchStage f(row.asked_next);
    f.start();
    const Answer answer = f.RelayFixture::ask(
        post_to(row.client, false, asking(row.client, false, function_of(row.client), past)));
    INFO(answer.body << f.complaints());
    CHECK(answer.status == 200);
    CHECK(f.complaints().empty());
    CHECK(has(f.sent(), "[Web search: relays]"));
    CHECK(has(f.sent(), url));
    CHECK(has(f.sent(), words));
    for (const char* never : {"ccr1.", "server_tool_use", "web_search_call", "\"citations\":["})
      CHECK_FALSE(has(f.sent(), never));
  }
}

TEST_CASE("Anthropic's own searches go back to it as they were", "[scenario][translate]") {
  SearchStage f(Speech::anthropic);
  f.config.providers[0].model_mapping.clear();
  f.start();
  std::string content(Json::read(anthropic_answer(false))["content"].raw());
  // However it is written.
  const std::string citations = "\"citations\":[";
  content.replace(content.find(citations), citations.size(), "\"citations\" : [ ");
  const std::string past = R"({"role":"assistant","content":)" + content + "}";
  const std::string body = asking(Speech::anthropic, false, tool_of(Speech::anthropic), past);
  f.RelayFixture::ask(post_to(Speech::anthropic, false, body));
  CHECK(f.sent() == body);
}

TEST_CASE("chat's own search is left out", "[scenario][translate]") {
  SearchStage f(Speech::anthropic);
  f.start();
  Agent agent(Speech::chat, false);
  agent.more = R"(,"web_search_options":{"search_context_size":"low"})";
  agent.ask("look for relays");
  CHECK(f.ask(agent).error.empty());
  CHECK(f.last.headers.get("x-cc-relay-dropped") == "web_search_options");
  CHECK_FALSE(has(f.sent(), "web_search"));
  CHECK(f.complaints().empty());
}
