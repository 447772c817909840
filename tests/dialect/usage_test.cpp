#include "dialect/usage.hpp"

#include <cstdint>
#include <string>

#include "catch.hpp"
#include "dialect/profile.hpp"
#include "wire/usage_reader.hpp"

using namespace ccrelay::dialect;

namespace {

enum class From { hub, chat, chat_extra, responses, gemini };

std::string seen(const Usage& usage) {
  std::string out;
  for (const std::int64_t count : {usage.input, usage.cache_read, usage.cache_creation,
                                   usage.output, usage.thinking, usage.web_searches}) {
    out += std::to_string(count) + ' ';
  }
  return out + (usage.told ? "told" : "untold");
}

void read(From from, const char* text, Usage& usage) {
  Profile profile;
  profile.reasoning_extra = from == From::chat_extra;
  const Json json = Json::read(text);
  if (from == From::hub) read_hub_usage(json, usage);
  if (from == From::chat || from == From::chat_extra) read_chat_usage(json, profile, usage);
  if (from == From::responses) read_responses_usage(json, profile, usage);
  if (from == From::gemini) read_gemini_usage(json, usage);
}

std::string written(void (*write)(JsonOut&, const Usage&), const Usage& usage) {
  std::string out;
  JsonOut json(out);
  write(json, usage);
  return out;
}

}  // namespace

TEST_CASE("each provider's counts become disjoint ones") {
  struct Row {
    From from;
    const char* json;
    const char* usage;  // input, read, creation, output, thinking, searches
  };
  const Row rows[] = {
      {From::hub,
       R"({"input_tokens":1,"cache_read_input_tokens":2,"cache_creation_input_tokens":3,)"
       R"("output_tokens":4,"output_tokens_details":{"thinking_tokens":5},)"
       R"("server_tool_use":{"web_search_requests":6}})",
       "1 2 3 4 5 6 told"},
      {From::hub, R"({"cache_read_input_tokens":null,"output_tokens":4})", "0 0 0 4 0 0 told"},
      {From::chat,
       R"({"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,)"
       R"("prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":10},)"
       R"("completion_tokens_details":{"reasoning_tokens":7}})",
       "30 60 10 20 7 0 told"},
      {From::chat, R"({"prompt_tokens":100,"completion_tokens":1,"prompt_cache_hit_tokens":64})",
       "36 64 0 1 0 0 told"},
      {From::chat, R"({"prompt_tokens":100,"completion_tokens":1,"cached_tokens":64})",
       "36 64 0 1 0 0 told"},
      {From::chat,
       R"({"prompt_tokens":100,"prompt_tokens_details":{"cached_tokens":0},"cached_tokens":64})",
       "100 0 0 0 0 0 told"},
      {From::chat, R"({"prompt_tokens":5,"prompt_tokens_details":{"cached_tokens":9}})",
       "0 9 0 0 0 0 told"},
      {From::chat, R"({"prompt_tokens":5,"prompt_tokens_details":null})", "5 0 0 0 0 0 told"},
      {From::chat,
       R"({"prompt_tokens":5,"completion_tokens":10,)"
       R"("completion_tokens_details":{"reasoning_tokens":300}})",
       "5 0 0 10 300 0 told"},
      {From::chat_extra,
       R"({"prompt_tokens":5,"completion_tokens":10,)"
       R"("completion_tokens_details":{"reasoning_tokens":300}})",
       "5 0 0 310 300 0 told"},
      {From::chat, R"({"prompt_tokens":-5,"completion_tokens":1})", "0 0 0 1 0 0 told"},
      {From::chat, "null", "0 0 0 0 0 0 untold"},
      {From::chat, "{}", "0 0 0 0 0 0 untold"},
      {From::responses,
       R"({"input_tokens":100,"input_tokens_details":{"cached_tokens":60,"cache_write_tokens":10},)"
       R"("output_tokens":20,"output_tokens_details":{"reasoning_tokens":7},"total_tokens":120})",
       "30 60 10 20 7 0 told"},
      {From::responses,
       R"({"input_tokens":1,"output_tokens":2,"server_side_tool_usage_details":)"
       R"({"web_search_calls":3,"x_search_calls":4}})",
       "1 0 0 2 0 3 told"},
      {From::responses, "null", "0 0 0 0 0 0 untold"},
      {From::gemini,
       R"({"promptTokenCount":100,"toolUsePromptTokenCount":5,"cachedContentTokenCount":60,)"
       R"("candidatesTokenCount":20,"thoughtsTokenCount":7,"totalTokenCount":132})",
       "45 60 0 27 7 0 told"},
      {From::gemini, R"({"promptTokenCount":3})", "3 0 0 0 0 0 told"},
      {From::gemini, "{}", "0 0 0 0 0 0 untold"},
  };
  for (const Row& row : rows) {
    INFO(row.json);
    Usage usage;
    read(row.from, row.json, usage);
    CHECK(seen(usage) == row.usage);
  }
}

TEST_CASE("counts that come again replace, and what is not told stays") {
  Usage usage;
  read(From::hub, R"({"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":1})", usage);
  read(From::hub, R"({"output_tokens":42})", usage);
  CHECK(seen(usage) == "10 5 0 42 0 0 told");
  Usage chat;
  read(From::chat, R"({"prompt_tokens":10,"completion_tokens":1})", chat);
  read(From::chat, R"({"prompt_tokens":10,"completion_tokens":2,"cached_tokens":4})", chat);
  read(From::chat, "null", chat);
  CHECK(seen(chat) == "6 4 0 2 0 0 told");
}

TEST_CASE("a chat server's usage is found where it puts it") {
  const char* const answers[] = {
      R"({"usage":{"prompt_tokens":7},"choices":[]})",
      R"({"usage":null,"x_groq":{"usage":{"prompt_tokens":7}}})",
      R"({"choices":[{"index":0,"usage":{"prompt_tokens":7}}]})",
  };
  for (const char* answer : answers) {
    INFO(answer);
    CHECK(chat_usage_in(Json::read(answer)).raw() == R"({"prompt_tokens":7})");
  }
  CHECK_FALSE(chat_usage_in(Json::read(R"({"choices":[]})")));
}

TEST_CASE("sums are put back, with details that are always there") {
  Usage usage;
  CHECK(written(write_chat_usage, usage) ==
        R"({"prompt_tokens":0,"completion_tokens":0,"total_tokens":0,)"
        R"("prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0,"audio_tokens":0},)"
        R"("completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,)"
        R"("accepted_prediction_tokens":0,"rejected_prediction_tokens":0}})");
  usage = {30, 60, 10, 20, 7, 0, true};
  CHECK(written(write_chat_usage, usage)
            .rfind(R"({"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,)"
                   R"("prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":10,)",
                   0) == 0);
  CHECK(
      written(write_responses_usage, usage) ==
      R"({"input_tokens":100,"input_tokens_details":{"cached_tokens":60,"cache_write_tokens":10},)"
      R"("output_tokens":20,"output_tokens_details":{"reasoning_tokens":7},"total_tokens":120})");
  CHECK(written(write_gemini_usage, usage) ==
        R"({"promptTokenCount":100,"cachedContentTokenCount":60,"candidatesTokenCount":13,)"
        R"("thoughtsTokenCount":7,"totalTokenCount":120})");
  CHECK(written(write_hub_usage, usage) ==
        R"({"input_tokens":30,"cache_creation_input_tokens":10,"cache_read_input_tokens":60,)"
        R"("output_tokens":20,"output_tokens_details":{"thinking_tokens":7}})");
  usage.web_searches = 2;
  CHECK(written(write_hub_usage, usage)
            .find(R"("server_tool_use":{"web_search_requests":2,"web_fetch_requests":0}})") !=
        std::string::npos);
}

TEST_CASE("a tier of service is told where it is not the usual one") {
  const auto told = [](const char* tier) {
    Usage usage;
    read_service_tier(Json::read(tier), usage);
    return written(write_hub_usage, usage);
  };
  for (const char* const usual : {"null", "\"default\"", "\"standard\"", "\"auto\"", "\"\"", "7"}) {
    INFO(usual);
    CHECK(told(usual).find("service_tier") == std::string::npos);
  }
  CHECK(told("\"priority\"").ends_with(R"(,"service_tier":"priority"})"));
}

TEST_CASE("what an answer cost is what the provider's own member says, and no nonsense") {
  struct Row {
    const char* told_cost;
    const char* members;
    std::int64_t nano_usd;  // -1: not told
  };
  const Row rows[] = {
      {"cost", R"("cost":0.00014135)", 141'350},
      {"cost", R"("cost":1.4e-7)", 140},
      {"cost", R"("cost":0.0000000005)", 1},
      {"cost", R"("cost":0)", 0},
      {"cost", R"("cost":10000)", 10'000'000'000'000},
      {"cost", R"("cost":10000.01)", -1},
      {"cost", R"("cost":1e400)", -1},
      {"cost", R"("cost":-0.01)", -1},
      {"cost", R"("cost":"0.01")", -1},
      {"cost", R"("cost":null)", -1},
      {"cost", R"("cost":{"usd":1})", -1},
      {"cost", R"("cost_in_usd_ticks":37756000)", -1},
      // A part of it where OpenRouter pays the vendor, beside it where the account's own key does.
      {"cost", R"("cost":0.02,"is_byok":false,"cost_details":{"upstream_inference_cost":0.02})",
       20'000'000},
      {"cost", R"("cost":0.001,"is_byok":true,"cost_details":{"upstream_inference_cost":0.02})",
       21'000'000},
      {"cost", R"("cost":0,"is_byok":true,"cost_details":{"upstream_inference_cost":null})", -1},
      {"cost", R"("cost":0,"is_byok":true)", -1},
      {"cost_in_usd_ticks", R"("cost_in_usd_ticks":37756000)", 3'775'600},
      {"cost_in_usd_ticks", R"("cost_in_usd_ticks":15)", 2},
      {"cost_in_usd_ticks", R"("cost_in_usd_ticks":0)", 0},
      {"cost_in_usd_ticks", R"("cost_in_usd_ticks":100000000000000)", 10'000'000'000'000},
      {"cost_in_usd_ticks", R"("cost_in_usd_ticks":100000000000001)", -1},
      {"cost_in_usd_ticks", R"("cost_in_usd_ticks":99999999999999999999999)", -1},
      {"cost_in_usd_ticks", R"("cost_in_usd_ticks":-1)", -1},
      {"cost_in_usd_ticks", R"("cost_in_usd_ticks":1.5)", -1},
      {"cost_in_usd_ticks", R"("cost_in_usd_ticks":"37756000")", -1},
      {"cost_in_usd_ticks", R"("cost":1)", -1},
      {"", R"("cost":1,"cost_in_usd_ticks":37756000)", -1},
  };
  for (const Row& row : rows) {
    INFO(row.told_cost << ": " << row.members);
    Profile profile;
    profile.told_cost = row.told_cost;
    const std::string chat =
        std::string(R"({"prompt_tokens":1,"completion_tokens":2,)") + row.members + "}";
    const std::string responses =
        std::string(R"({"input_tokens":1,"output_tokens":2,)") + row.members + "}";
    Usage of_chat;
    read_chat_usage(Json::read(chat), profile, of_chat);
    CHECK(of_chat.cost_nano_usd.value_or(-1) == row.nano_usd);
    Usage of_responses;
    read_responses_usage(Json::read(responses), profile, of_responses);
    CHECK(of_responses.cost_nano_usd.value_or(-1) == row.nano_usd);
    CHECK(of_responses.total() == 3);
    // Anthropic's words are read by another reader, which says the same.
    ccrelay::wire::UsageReader of_anthropic;
    of_anthropic.read_cost_in(ccrelay::wire::cost_member_of(row.told_cost));
    of_anthropic.read(responses);
    CHECK(of_anthropic.told_cost().value_or(-1) == row.nano_usd);
    // The hub has no word for it: no client is told.
    CHECK(written(write_hub_usage, of_chat).find("cost") == std::string::npos);
  }
}

TEST_CASE("a cost stays known when later figures do not tell it") {
  Profile profile;
  profile.told_cost = "cost";
  Usage usage;
  read_chat_usage(Json::read(R"({"prompt_tokens":1,"cost":0.5})"), profile, usage);
  read_chat_usage(Json::read(R"({"prompt_tokens":2,"cost":-1})"), profile, usage);
  CHECK(usage.cost_nano_usd == 500'000'000);
  read_chat_usage(Json::read(R"({"prompt_tokens":2,"cost":0.75})"), profile, usage);
  CHECK(usage.cost_nano_usd == 750'000'000);
}
