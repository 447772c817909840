#include "wire/thinking_cut.hpp"

#include <simdjson.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/rng.hpp"
#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::wire;

namespace {

const std::string left_out = R"json({"type":"text","text":"(thinking left out)"})json";

std::string spliced(const std::string& body, const std::vector<Splice>& splices) {
  std::string out;
  std::size_t at = 0;
  for (const Splice& splice : splices) {
    REQUIRE(splice.offset >= at);
    REQUIRE(splice.offset + splice.length <= body.size());
    out += body.substr(at, splice.offset - at) + splice.replacement;
    at = splice.offset + splice.length;
  }
  return out + body.substr(at);
}

// Where each of these stands in the body, one behind the other.
std::vector<Span> where(const std::string& body, const std::vector<std::string>& blocks) {
  std::vector<Span> spans;
  std::size_t at = 0;
  for (const std::string& block : blocks) {
    at = body.find(block, at);
    REQUIRE(at != std::string::npos);
    spans.push_back({at, block.size()});
    at += block.size();
  }
  return spans;
}

std::string cut(const std::string& body, const std::vector<std::string>& blocks) {
  return spliced(body, cut_thinking(body, where(body, blocks)));
}

// Without the white space between tokens; fails where it is no JSON.
std::string minified(const std::string& json) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  INFO(json);
  REQUIRE(parser.parse(json).get(document) == simdjson::SUCCESS);
  return simdjson::minify(document);
}

}  // namespace

TEST_CASE("a cut takes a block and one comma", "[wire]") {
  const std::string t = R"({"type":"thinking"})", u = R"({"type":"text"})";
  CHECK(cut("[" + t + "," + u + "]", {t}) == "[" + u + "]");
  CHECK(cut("[" + u + "," + t + "]", {t}) == "[" + u + "]");
  CHECK(cut("[" + u + "," + t + "," + u + "]", {t}) == "[" + u + "," + u + "]");
  CHECK(cut("[" + t + "," + t + "," + u + "]", {t, t}) == "[" + u + "]");
  CHECK(cut("[" + u + "," + t + "," + t + "]", {t, t}) == "[" + u + "]");
  CHECK(cut("[" + t + "," + u + "," + t + "]", {t, t}) == "[" + u + "]");
}

TEST_CASE("white space outside a cut stays", "[wire]") {
  const std::string t = R"({ "a": "]," })";
  CHECK(cut("[ \n" + t + "\t,\r 1 ]", {t}) == "[ \n\r 1 ]");
  CHECK(cut("[ 1 \n,\t" + t + " \r]", {t}) == "[ 1 \n \r]");
  CHECK(cut("[ 1 ,\t" + t + " , " + t + " \r, 2]", {t, t}) == "[ 1   \r, 2]");
}

TEST_CASE("where nothing is left a short text takes its place", "[wire]") {
  const std::string t = R"({"type":"thinking"})";
  CHECK(cut("[ " + t + " ]", {t}) == "[ " + left_out + " ]");
  CHECK(cut("[" + t + " ,\n" + t + "," + t + "]", {t, t, t}) == "[" + left_out + " ]");
  // Others' arrays are others' business.
  CHECK(cut("[[" + t + "],[" + t + ",1],[" + t + "]]", {t, t, t}) ==
        "[[" + left_out + "],[1],[" + left_out + "]]");
}

TEST_CASE("there is one splice for each block", "[wire]") {
  const std::string t = R"({"type":"thinking"})";
  const std::string body = "[[" + t + "," + t + "],[" + t + "," + t + ",1," + t + "]]";
  CHECK(cut_thinking(body, where(body, {t, t, t, t, t})).size() == 5);
  CHECK(cut_thinking(body, {}).empty());
}

TEST_CASE("whichever blocks are cut, all else is as it was", "[wire]") {
  constexpr std::uint64_t seed = 31;
  INFO("seed " << seed);
  base::Rng rng(seed);
  const auto space = [&] {
    std::string out;
    for (auto i = rng.below(4); i > 1; --i) out += " \n\t\r"[rng.below(4)];
    return out;
  };
  const std::vector<std::string> others{R"({"type":"text","text":"],[ {\"}, \\"})",
                                        R"({"type":"tool_use","input":{"a":[{},[1,2]],"b":"\""}})"};
  for (int round = 0; round < 60; ++round) {
    // Turns of blocks; the ones that may go are numbered.
    std::vector<std::vector<std::string>> turns(1 + rng.below(3));
    std::vector<std::string> all;
    for (auto& turn : turns) {
      for (auto left = 1 + rng.below(4); left > 0; --left) {
        if (rng.below(3) == 0) {
          turn.push_back(others[rng.below(others.size())]);
        } else {
          turn.push_back(R"({"type":"thinking", "n":)" + std::to_string(all.size()) +
                         R"(,"thinking":"a,]\"[{ }\\"})");
          all.push_back(turn.back());
        }
      }
    }
    std::string body = "{" + space() + R"("messages":[)";
    for (const auto& turn : turns) {
      body += R"({"role":"assistant","content":)" + space() + "[";
      for (const auto& block : turn) body += space() + block + space() + ",";
      body.back() = ']';
      body += space() + "},";
    }
    body += "{}]}";
    for (unsigned chosen = 0; chosen < 1u << all.size(); ++chosen) {
      std::vector<std::string> gone;
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (chosen >> i & 1) gone.push_back(all[i]);
      }
      const auto splices = cut_thinking(body, where(body, gone));
      REQUIRE(splices.size() == gone.size());
      // What is taken is a block and at most one comma.
      for (std::size_t i = 0; i < splices.size(); ++i) {
        std::string taken = body.substr(splices[i].offset, splices[i].length);
        const auto at = taken.find(gone[i]);
        REQUIRE(at != std::string::npos);
        taken.erase(at, gone[i].size());
        const bool replaced = splices[i].replacement == left_out;
        REQUIRE((replaced || splices[i].replacement.empty()));
        taken.erase(0, taken.find_first_not_of(" \t\n\r"));
        taken.erase(taken.find_last_not_of(" \t\n\r") + 1);
        REQUIRE(taken == (replaced ? "" : ","));
      }
      std::string expected = R"({"messages":[)";
      for (const auto& turn : turns) {
        std::string kept;
        for (const auto& block : turn) {
          if (std::find(gone.begin(), gone.end(), block) == gone.end()) kept += block + ",";
        }
        if (kept.empty()) kept = left_out + ",";
        kept.pop_back();
        expected += R"({"role":"assistant","content":[)" + kept + "]},";
      }
      expected += "{}]}";
      REQUIRE(minified(spliced(body, splices)) == minified(expected));
    }
  }
}

TEST_CASE("splices of two lists are put in order", "[wire]") {
  const auto offsets = [](const std::vector<Splice>& splices) {
    std::vector<std::size_t> out;
    for (const Splice& splice : splices) out.push_back(splice.offset);
    return out;
  };
  using Offsets = std::vector<std::size_t>;
  CHECK(offsets(merge_splices({{1, 1, "a"}, {9, 1, "a"}}, {{0, 1, ""}, {2, 3, ""}, {12, 1, ""}})) ==
        Offsets{0, 1, 2, 9, 12});
  CHECK(offsets(merge_splices({}, {{3, 1, ""}})) == Offsets{3});
  CHECK(offsets(merge_splices({{3, 1, ""}}, {})) == Offsets{3});
  // Side by side is no overlap.
  CHECK(offsets(merge_splices({{3, 2, "a"}, {7, 0, "a"}}, {{1, 2, ""}, {5, 2, ""}, {7, 4, ""}})) ==
        Offsets{1, 3, 5, 7, 7});
}

TEST_CASE("of splices that overlap the first list's count", "[wire]") {
  const auto merged =
      merge_splices({{4, 4, "a"}, {20, 0, "b"}},
                    {{2, 3, "x"}, {5, 1, "x"}, {7, 2, "x"}, {8, 2, "y"}, {19, 2, "x"}});
  REQUIRE(merged.size() == 3);
  CHECK(merged[0].replacement == "a");
  CHECK(merged[1].replacement == "y");
  CHECK(merged[2].replacement == "b");
}
