#include "dialect/cited_span.hpp"

#include <cstddef>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "dialect/carried.hpp"
#include "dialect/character_marks.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profiles.hpp"
#include "dialect/tags.hpp"
#include "dialect/translate.hpp"

using namespace ccrelay::dialect;

namespace {

// A search that the provider is asked for in its own words.
Carried search_carried(Dialect client, Dialect provider, bool stream) {
  static const Profile gemini = Profiles::shipped().of("gemini", "gemini-3.5-flash");
  static const Profile openai = Profiles::shipped().of("openai", "gpt-5.5");
  const std::string streamed = stream ? R"(,"stream":true})" : "}";
  std::string body;
  if (client == Dialect::responses) {
    body = R"({"model":"m","input":"who won?","tools":[{"type":"web_search"}])" + streamed;
  } else if (client == Dialect::gemini) {
    body = R"({"contents":[{"parts":[{"text":"who won?"}]}],"tools":[{"googleSearch":{}}]})";
  } else if (client == Dialect::anthropic) {
    body = R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"who won?"}],)"
           R"("tools":[{"type":"web_search_20250305","name":"web_search"}])" +
           streamed;
  } else {
    body = R"({"model":"m","messages":[{"role":"user","content":"who won?"}])" + streamed;
  }
  const Profile& profile = provider == Dialect::gemini ? gemini : openai;
  Carried carried = must_carry(way_of(client, provider, stream, "m"), body, options_for(profile));
  const std::string asked = provider == Dialect::gemini ? "googleSearch" : R"("web_search")";
  // chat has no words for it: there a provider may search unasked.
  CHECK((carried.body.find(asked) != std::string::npos) == (client != Dialect::chat));
  return carried;
}

std::string gemini_chunk(const std::string& parts, const std::string& more) {
  return R"({"candidates":[{"content":{"role":"model","parts":[)" + parts + "]}" + more +
         R"(,"index":0}],"modelVersion":"g"})";
}

// "Grün" in bytes, "ist 😀" from another page, and once more all of it.
const std::string gemini_grounding =
    R"(,"finishReason":"STOP","groundingMetadata":{"webSearchQueries":["q"],"groundingChunks":[)"
    R"({"web":{"uri":"https://x.test/p","title":"X"}},{"web":{"uri":"https://y.test/","title":"Y"}}],)"
    R"("groundingSupports":[{"segment":{"endIndex":5},"groundingChunkIndices":[0]},)"
    R"({"segment":{"startIndex":6,"endIndex":14},"groundingChunkIndices":[1,0]}]})";

std::string gemini_answer(bool stream) {
  if (!stream) return gemini_chunk(R"({"text":"Grün ist 😀."})", gemini_grounding);
  return "data: " + gemini_chunk(R"({"text":"Grün is"})", "") +
         "\n\ndata: " + gemini_chunk(R"({"text":"t 😀."})", gemini_grounding) + "\n\n";
}

std::string url_citation(const std::string& page, int begin, int end) {
  return R"({"type":"url_citation","url":"https://)" + page + R"(","title":"T","start_index":)" +
         std::to_string(begin) + R"(,"end_index":)" + std::to_string(end) + "}";
}

// Two texts, of which the second is cited: "ün" of one page, " 😀" of another, and beyond its end.
std::string responses_message() {
  return R"({"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[)"
         R"({"type":"output_text","text":"né: ","annotations":[]},)"
         R"({"type":"output_text","text":"Grün 😀.","annotations":[)" +
         url_citation("x", 2, 4) + "," + url_citation("y", 4, 6) + "," + url_citation("z", 6, 99) +
         R"(]}]})";
}

std::string responses_search() {
  return R"({"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search",)"
         R"("query":"q","sources":[{"type":"url","url":"https://x"}]}})";
}

std::string responses_answer(bool stream) {
  const std::string whole =
      R"({"id":"resp_1","object":"response","model":"o","status":"completed","output":[)" +
      responses_search() + "," + responses_message() + R"(],"usage":null})";
  if (!stream) return whole;
  std::string out;
  int added = 0;
  const auto event = [&](const std::string& type, const std::string& more) {
    out += "data: {\"type\":\"response." + type + "\"," + more + "}\n\n";
  };
  const auto text = [&](int part, const std::string& piece) {
    event("output_text.delta", R"("output_index":1,"content_index":)" + std::to_string(part) +
                                   R"(,"delta":")" + piece + "\"");
  };
  const auto annotation = [&](const std::string& one) {
    event("output_text.annotation.added",
          R"("output_index":1,"content_index":1,"annotation_index":)" + std::to_string(added++) +
              R"(,"annotation":)" + one);
  };
  event("created", R"("response":{"id":"resp_1","model":"o","output":[]})");
  event("output_item.done", R"("output_index":0,"item":)" + responses_search());
  text(0, "né: ");
  text(1, "Gr");
  text(1, "ün ");
  annotation(url_citation("x", 2, 4));
  text(1, "😀.");
  annotation(url_citation("y", 4, 6));
  annotation(url_citation("z", 6, 99));
  event("output_item.done", R"("output_index":1,"item":)" + responses_message());
  event("completed", R"("response":)" + whole);
  return out;
}

// The answer as the client gets it: whole, or its stream, which is the same however it is cut.
std::string received(Dialect client, Dialect provider, bool stream) {
  const Carried carried = search_carried(client, provider, stream);
  const std::string answer =
      provider == Dialect::gemini ? gemini_answer(stream) : responses_answer(stream);
  if (!stream) return carry_answer(carried, 200, answer, "application/json").body;
  const auto fed = [&](std::size_t piece) {
    const auto translator = carry_stream(carried, "text/event-stream");
    std::string out;
    for (std::size_t at = 0; at < answer.size(); at += piece)
      translator->feed(std::string_view(answer).substr(at, piece), out);
    translator->end(out);
    CHECK_FALSE(translator->failed());
    return out;
  };
  const std::string out = fed(answer.size());
  CHECK(fed(1) == out);
  return out;
}

std::string annotation_of(const std::string& page, const std::string& title, int begin, int end) {
  return R"({"type":"url_citation","url":"https://)" + page + R"(","title":")" + title +
         R"(","start_index":)" + std::to_string(begin) + R"(,"end_index":)" + std::to_string(end) +
         "}";
}

bool holds(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

std::size_t times(const std::string& text, std::string_view piece) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(piece, at)) != std::string::npos; at += piece.size())
    ++count;
  return count;
}

}  // namespace

TEST_CASE("what Gemini cites reaches a Responses client as the characters that it is about") {
  const std::string first = annotation_of("x.test/p", "X", 0, 4);
  const std::string second = annotation_of("y.test/", "Y", 5, 10);
  const std::string third = annotation_of("x.test/p", "X", 5, 10);
  const std::string part = R"("text":"Grün ist 😀.","annotations":[)" + first + "," + second + "," +
                           third + R"(],"logprobs":[]})";
  const std::string whole = received(Dialect::responses, Dialect::gemini, false);
  INFO(whole);
  CHECK(times(whole, part) == 1);
  const std::string stream = received(Dialect::responses, Dialect::gemini, true);
  INFO(stream);
  CHECK(times(stream, R"("annotation_index":0,"annotation":)" + first + "}") == 1);
  CHECK(times(stream, R"("annotation_index":1,"annotation":)" + second + "}") == 1);
  CHECK(times(stream, R"("annotation_index":2,"annotation":)" + third + "}") == 1);
  CHECK(times(stream, part) == 3);  // its part, its item, the whole
}

TEST_CASE("what a Responses provider cites reaches a Gemini client in bytes of UTF-8") {
  const auto support = [](const std::string& segment, int page) {
    return R"({"segment":{)" + segment + R"(},"groundingChunkIndices":[)" + std::to_string(page) +
           "]}";
  };
  // All text is one part. "né: " has 5 bytes.
  const std::string supports = R"("groundingSupports":[)" +
                               support(R"("startIndex":7,"endIndex":10,"text":"ün")", 0) + "," +
                               support(R"("startIndex":10,"endIndex":15,"text":" 😀")", 1) + "," +
                               support(R"("startIndex":15,"endIndex":16,"text":".")", 2) + "]";
  for (const bool stream : {false, true}) {
    const std::string out = received(Dialect::gemini, Dialect::responses, stream);
    INFO(out);
    CHECK(times(out, supports) == 1);
  }
}

TEST_CASE("what a provider cites reaches a chat client, in characters of all that is said") {
  const auto annotation = [](const std::string& page, int begin, int end) {
    return R"({"type":"url_citation","url_citation":{"url":"https://)" + page +
           R"(","title":"T","start_index":)" + std::to_string(begin) + R"(,"end_index":)" +
           std::to_string(end) + "}}";
  };
  const std::string whole = received(Dialect::chat, Dialect::responses, false);
  INFO(whole);
  CHECK(holds(whole, R"("content":"né: Grün 😀.","refusal":null,"annotations":[)" +
                         annotation("x", 6, 8) + "," + annotation("y", 8, 10) + "," +
                         annotation("z", 10, 11) + "]"));
  const std::string stream = received(Dialect::chat, Dialect::responses, true);
  INFO(stream);
  for (const std::string& one :
       {annotation("x", 6, 8), annotation("y", 8, 10), annotation("z", 10, 11)})
    CHECK(times(stream, R"("delta":{"annotations":[)" + one + "]}") == 1);
}

TEST_CASE("an Anthropic client gets citations of Anthropic's form, whatever span they have") {
  const std::string tag = page_tag(
      Dialect::responses, Json(R"("https://x")"),
      search_carried(Dialect::anthropic, Dialect::responses, false).provider, CitedSpan{2, 4});
  const std::string out = received(Dialect::anthropic, Dialect::responses, false);
  INFO(out);
  CHECK(holds(out, R"({"type":"web_search_result_location","url":"https://x","title":"T",)"
                   R"("encrypted_index":")" +
                       tag + R"(","cited_text":"ün"})"));
}

TEST_CASE("a span that is none is not carried") {
  const auto span = [](const std::string& data) {
    std::string citation = R"({"encrypted_index":")";
    citation += make_tag({Dialect::gemini, "0123456789ab", data}) + "\"}";
    return cited_span(Json(citation));
  };
  CHECK(span(R"({"url":"u","span":[1,3]})") == CitedSpan{1, 3});
  for (const char* data : {R"({"url":"u"})", R"({"span":[1]})", R"({"span":[3,3]})",
                           R"({"span":[-1,3]})", R"({"span":[1,2,3]})", R"({"span":["1",2]})"}) {
    INFO(data);
    CHECK_FALSE(span(data));
  }
  CHECK_FALSE(cited_span(Json(R"({"encrypted_index":"Anthropic's own"})")));
  // It stays within its block, and one beyond that is about all of it.
  CHECK(placed(CitedSpan{1, 3}, {10, 20}) == CitedSpan{11, 13});
  CHECK(placed(CitedSpan{9, 13}, {10, 20}) == CitedSpan{19, 20});
  CHECK(placed(CitedSpan{10, 13}, {10, 20}) == CitedSpan{10, 20});
  CHECK(placed({}, {10, 20}) == CitedSpan{10, 20});
}

TEST_CASE("characters in front of a byte are counted from the nearest mark") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += i % 3 == 0 ? "ü" : "x";
  CharacterMarks marks;
  for (std::size_t byte = 0; byte <= text.size() + 1; ++byte) {
    if (marks.characters_until(text, byte) != characters_in(text.substr(0, byte))) FAIL(byte);
  }
  CHECK(CharacterMarks().characters_until("", 0) == 0);
}
