#include <cstddef>
#include <map>
#include <string>

#include "scenario/quirk_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// What vendors' models take.

TEST_CASE("pictures and documents go where a vendor's model takes them", "[scenario][translate]") {
  struct Row {
    const char* url;
    const char* model;
    const char* block;
    const char* sent;  // a part of what is sent; null: nothing is, it is no provider for this
  };
  const char* const by_url =
      R"({"type":"image","source":{"type":"url","url":"https://a.example/x.png"}})";
  const char* const inside =
      R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw=="}})";
  const char* const paper =
      R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERg=="}})";
  const char* const data_url = R"({"type":"image_url","image_url":{"url":"data:image/png;base64,)";
  const Row rows[] = {
      {"http://ollama.test:11434/v1", "llava", by_url, nullptr},
      {"http://ollama.test:11434/v1", "llava", inside, data_url},
      {"http://api.deepseek.com", "deepseek-chat", inside, nullptr},
      {"http://api.deepseek.com", "deepseek-flash", inside, data_url},
      {"http://api.openai.com/v1", "gpt-5.4", by_url, "https://a.example/x.png"},
      {"http://api.openai.com/v1", "gpt-5.4", paper,
       R"("file_data":"data:application/pdf;base64,)"},
      {"http://openrouter.ai/api/v1", "x", paper, R"("file_data":"data:application/pdf;base64,)"},
      {"http://api.groq.com/openai/v1", "x", paper, nullptr},
  };
  for (const Row& row : rows) {
    INFO(row.url << " " << row.model << " " << row.block);
    Quirks quirks = generic();
    quirks.url = row.url;
    quirks.model = row.model;
    quirks.fields += "max_completion_tokens ";
    quirks.must.clear();
    QuirkStage f(quirks);
    const Answer answer = f.RelayFixture::ask(RelayFixture::post(
        R"({"model":"asked","max_tokens":9,"messages":[{"role":"user","content":[)" +
        std::string(row.block) + "]}]}"));
    CHECK(answer.status == (row.sent ? 200 : 400));
    REQUIRE(f.providers[0]->requests().size() == (row.sent ? 1u : 0u));
    if (row.sent) CHECK(has(f.providers[0]->requests()[0].body, row.sent));
    CHECK(f.refused.empty());
  }
}

TEST_CASE("Gemini's models get schemas and a tool's pictures where they take them",
          "[scenario][translate]") {
  const std::string picture = R"({"inlineData":{"mimeType":"image/png","data":"aGk="}})";
  const std::string within = R"("response":{"output":"a"},"parts":[)" + picture + "]";
  const std::string beside = R"("response":{"output":"a"}}},)" + picture;
  const std::string schema = R"("parametersJsonSchema":{"type":"object",)";
  const std::string older = R"("parameters":{"type":"OBJECT",)";
  struct Row {
    const char* model;
    std::map<std::string, std::string> quirks;
    std::string sent;
    std::string not_sent;
  };
  const Row rows[] = {
      {"gemini-3-flash", {}, within, beside},
      {"gemini-2.5-pro", {}, beside, within},
      {"gemini-3-flash", {{"tool_media", "\"sibling\""}}, beside, within},
      {"gemini-3-flash", {}, schema, older},
      {"gemini-3-flash", {{"schema", "\"openapi\""}}, older, schema},
  };
  for (const Row& row : rows) {
    INFO(row.model << " " << (row.quirks.empty() ? "" : row.quirks.begin()->first));
    RelayFixture f;
    FakeProvider& provider = f.add_provider("v");
    ProviderConfig& entry = f.config.providers[0];
    entry.type = "gemini";
    entry.model_mapping = {{"*", row.model}};
    entry.quirks = row.quirks;
    provider.enqueue(
        Script::reply(200, "application/json",
                      R"({"candidates":[{"content":{"role":"model","parts":[{"text":"yes"}]},)"
                      R"("finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,)"
                      R"("candidatesTokenCount":1,"totalTokenCount":4},"modelVersion":"m"})"));
    f.start();
    const Answer answer = f.ask(RelayFixture::post(
        R"({"model":"asked","max_tokens":9,"tools":[{"name":"f","input_schema":{"type":"object",)"
        R"("properties":{"n":{"type":"integer"}}}}],"messages":[{"role":"user","content":"x"},)"
        R"({"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},)"
        R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[)"
        R"({"type":"text","text":"a"},{"type":"image","source":{"type":"base64",)"
        R"("media_type":"image/png","data":"aGk="}}]}]}]})"));
    CHECK(answer.status == 200);
    CHECK(has(answer.body, "yes"));
    REQUIRE(provider.requests().size() == 1);
    INFO(provider.requests()[0].body);
    CHECK(has(provider.requests()[0].body, row.sent));
    CHECK_FALSE(has(provider.requests()[0].body, row.not_sent));
  }
}

TEST_CASE("OpenAI gets no more tools than it takes", "[scenario][translate]") {
  for (const Speech provider : {Speech::chat, Speech::responses}) {
    for (const std::size_t count : {128u, 129u}) {
      INFO(to_string(provider) << " " << count);
      TranslateStage f;
      f.config.routing.debug = true;
      f.add_vendor(provider, "v");
      f.start();
      Agent agent(Speech::anthropic, false);
      for (std::size_t i = 0; i < count; ++i)
        agent.tools.push_back({"t" + std::to_string(i), R"({"type":"object","properties":{}})"});
      agent.ask("x");
      const Said said = f.ask(agent);
      const auto requests = f.providers[0]->requests();
      // A client would miss what was left out; nobody else is there to ask.
      if (count > 128) {
        CHECK(said.error.substr(0, 3) == "400");
        CHECK(requests.empty());
        continue;
      }
      CHECK(said.error.empty());
      REQUIRE(requests.size() == 1);
      CHECK(has(requests[0].body, R"("name":"t127")"));
      CHECK(f.last.headers.get("x-cc-relay-dropped").value_or("").empty());
      CHECK(f.complaints().empty());
    }
  }
}
