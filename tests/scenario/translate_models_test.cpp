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
