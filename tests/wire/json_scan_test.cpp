#include "wire/json_scan.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "catch.hpp"
#include "wire/json_blocks.hpp"
#include "wire/mended_text.hpp"

using namespace ccrelay::wire;

namespace {

std::string scan_error(const std::string& text) {
  JsonScan scan(text);
  scan.skip_value();
  if (!scan.failed() && !scan.at_end()) return "it goes on";
  return scan.error();
}

}  // namespace

TEST_CASE("what is wrong within a string is found at its place, wherever that is", "[wire]") {
  struct Row {
    std::string wrong, said;
  };
  const Row rows[] = {
      {"\x01", "a string holds a control character"},
      {"\\x", "a string holds an escape that JSON does not know"},
      {"\\\n", "a string holds an escape that JSON does not know"},
      {R"(\u12x4)", "\\u is followed by four hexadecimal digits"},
      {R"(\ud83d\u12x4)", "\\u is followed by four hexadecimal digits"},
  };
  for (std::size_t before = 0; before < 140; ++before) {
    for (const std::string& front : {std::string(), std::string(R"(\\)"), std::string(R"(\")"),
                                     std::string(R"(\u00e9)"), std::string(R"(\\\\\n)")}) {
      for (const Row& row : rows) {
        for (const std::size_t behind : {0, 10, 200}) {
          CAPTURE(before, front, row.wrong, behind);
          const std::string text = '"' + std::string(before, 'a') + front + row.wrong +
                                   std::string(behind, 'b') + "\\x\"";
          std::size_t at = 1 + before + front.size();
          if (row.wrong.substr(0, 6) == R"(\ud83d)") at += 6;
          CHECK(scan_error(text) == "at byte " + std::to_string(at) + ": " + row.said);
        }
      }
      const std::string open = '"' + std::string(before, 'a') + front;
      CHECK(scan_error(open) == "at byte " + std::to_string(open.size()) + ": a string has no end");
      CHECK(scan_error(open + '"').empty());
      CHECK(scan_error(open + R"(\"\ud83d\ude00\\")").empty());
    }
  }
}

TEST_CASE("only the places where a string must be changed are recorded in it", "[wire]") {
  for (std::size_t before = 0; before < 140; ++before) {
    CAPTURE(before);
    const std::string front(before, 'a');
    const std::string text = R"([")" + front + R"(\n\\u00e9\u00e9\/\")" + std::string(70, 'b') +
                             R"(\ud83d\ude00c\ud83d"])";
    std::vector<JsonScan::Extent> extents;
    JsonScan scan(text);
    scan.record(extents);
    scan.skip_value();
    REQUIRE(scan.at_end());
    std::vector<std::string> found;
    for (const JsonScan::Extent& one : extents)
      found.push_back(text.substr(one.begin, one.end - one.begin));
    CHECK(found == std::vector<std::string>{text, text.substr(1, text.size() - 2), R"(\u00e9\/)",
                                            R"(\ud83d\ude00)", R"(\ud83d)"});
    CHECK(extents[0].inside == 4);
    CHECK(extents[0].clean == 0);
    CHECK(extents[1].inside == 3);
    CHECK(extents[1].mendable == 1);
  }
}

TEST_CASE("text is put together in order, however long its pieces are", "[wire]") {
  for (const std::size_t size : {0, 1, 1000, 1020, 1024, 1025, 5000}) {
    const std::string piece(size, 'x');
    const std::string run = R"(\b\/\u00e9\ud83d\ude00\ud83d\u000A)";
    std::string out = "begun ";
    {
      MendedText mended(out);
      for (int i = 0; i < 3; ++i) {
        mended.text(piece.data(), piece.data() + piece.size());
        mended.escapes(run.data(), run.data() + run.size());
      }
    }
    const std::string put = piece + "\\u0008/\xC3\xA9\xF0\x9F\x98\x80\xEF\xBF\xBD\\n";
    CHECK(out == "begun " + put + put + put);
  }
}

#if defined(__SSE2__)

TEST_CASE("a block is read the same whatever the processor has", "[wire]") {
  std::uint32_t state = 1;
  const std::string some = "\"\\nrtub/\x01\x1F\x20\x7F\x80\x8E\xFF\xEE\xF2\xF4";
  for (int i = 0; i < 3000; ++i) {
    std::string bytes;
    while (bytes.size() < 64) {
      state = state * 1664525U + 1013904223U;
      bytes += i % 3 == 0 && (state >> 30) != 0 ? '\\' : some[(state >> 8) % some.size()];
    }
    std::uint64_t quotes = 0;
    std::uint64_t slashes = 0;
    std::uint64_t controls = 0;
    std::uint64_t letters = 0;
    for (std::size_t at = 0; at < 64; ++at) {
      const std::uint64_t bit = std::uint64_t{1} << at;
      const char c = bytes[at];
      if (c == '"') quotes |= bit;
      if (c == '\\') slashes |= bit;
      if (static_cast<unsigned char>(c) < 0x20) controls |= bit;
      if (c == 'n' || c == 'r' || c == 't') letters |= bit;
    }
    const auto check = [&](const json_blocks::Block& block, std::uint64_t found) {
      CHECK((block.quotes == quotes && block.slashes == slashes && block.controls == controls));
      CHECK(found == letters);
    };
    check(json_blocks::Narrow::block(bytes.data()), json_blocks::Narrow::letters(bytes.data()));
    if (json_blocks::has_wide())
      check(json_blocks::Wide::block(bytes.data()), json_blocks::Wide::letters(bytes.data()));
    for (const bool before : {false, true}) {
      bool carried = before;
      std::uint64_t escaped = 0;
      for (std::size_t at = 0; at < 64; ++at) {
        if (carried) escaped |= std::uint64_t{1} << at;
        carried = !carried && bytes[at] == '\\';
      }
      bool told = before;
      CHECK(json_blocks::escaped_bytes(slashes, told) == escaped);
      CHECK(told == carried);
    }
  }
}

#endif
