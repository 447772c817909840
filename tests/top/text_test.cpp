#include "../../app/top/text.hpp"

#include "../../app/top/grid.hpp"
#include "catch.hpp"

namespace ccrelay::app::top {

TEST_CASE("letters take the columns that a terminal gives them", "[top]") {
  CHECK(columns_of("plain") == 5);
  CHECK(columns_of("日本") == 4);
  CHECK(columns_of("e\u0301") == 1);  // an accent of its own
  CHECK(columns_of("🙂") == 2);
}

TEST_CASE("text of others can't drive the terminal", "[top]") {
  CHECK(shown("a\x1b[31mb\nc\x7f") == "a·[31mb·c·");
  CHECK(shown("x\u202Ey\u2066z") == "x·y·z");  // would turn the reading direction
  CHECK(shown("\xff\xc3") == "··");            // no UTF-8
  CHECK(shown("ä日🙂") == "ä日🙂");
}

TEST_CASE("what is cut ends in a mark and never in half a letter", "[top]") {
  CHECK(cut("provider", 8) == "provider");
  CHECK(cut("provider", 5) == "prov…");
  CHECK(cut("日本語", 5) == "日本…");
  CHECK(cut("日本語", 4) == "日…");
  CHECK(cut("e\u0301e\u0301e\u0301", 2) == "e\u0301…");
  CHECK(cut("abc", 0) == "");
  CHECK(columns_of(left("日本", 7)) == 7);
  CHECK(right("12", 5) == "   12");
}

TEST_CASE("lines are cut between words where there are some", "[top]") {
  CHECK(first_line("one two three", 8) == "one two ");
  CHECK(first_line("onetwothree", 5) == "onetw");
  CHECK(first_line("one", 5) == "one");
}

TEST_CASE("in ASCII everything is still one column wide for one", "[top]") {
  CHECK(in_ascii("▁▂▃▄▅▆▇█") == "_.:-=+*#");
  CHECK(in_ascii("┌─┐│└┘") == "+-+|++");
  CHECK(in_ascii("ä·…日") == "?.~??");
}

TEST_CASE("a grid takes wide and combining letters and cuts what has no room", "[top]") {
  Grid grid(2, 6);
  CHECK(grid.put(0, 0, "日e\u0301x") == 4);
  CHECK(grid.line(0) == "日e\u0301x");
  CHECK(grid.at(0, 1).glyph.empty());
  grid.put(1, 3, "日日");  // the second would stand half outside
  CHECK(grid.line(1) == "   日");
  grid.put(7, 0, "nowhere");
  grid.clear(0, 1, 1, 1);  // half of the first letter
  CHECK(grid.line(0) == "  e\u0301x");
  grid.put_right(1, 6, "end");
  CHECK(grid.line(1) == "   end");
}

}  // namespace ccrelay::app::top
