#include "dialect/names.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay::dialect;

TEST_CASE("a name goes out as it is, or made to fit, and comes back") {
  struct Row {
    NameForm form;
    std::string name;
    std::string out;
  };
  const std::string a54(54, 'a'), a64(64, 'a'), a65(65, 'a'), a128(128, 'a'), a129(129, 'a');
  const Row rows[] = {
      {NameForm::openai, "mcp__fs__read-file", "mcp__fs__read-file"},
      {NameForm::openai, a64, a64},
      {NameForm::openai, "a.b", "a_b_2e7336dc"},
      {NameForm::openai, a65, std::string(55, 'a') + "_635361c4"},
      {NameForm::anthropic, a65, a65},
      {NameForm::anthropic, a128, a128},
      {NameForm::anthropic, a129, std::string(55, 'a') + "_c12cb024"},
      {NameForm::anthropic, "a:b", "a_b_6783a31e"},
      {NameForm::gemini, "a.b:c-1", "a.b:c-1"},
      {NameForm::gemini, "_1", "_1"},
      {NameForm::gemini, "1a", "_a_a73fcf33"},
      {NameForm::openai, "1a", "1a"},
      {NameForm::openai, "z\u00fcge\U0001F600", "z_ge__5b35ad7b"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Names names(row.form);
    CHECK(names.fits(row.name) == (row.name == row.out));
    CHECK(names.out(row.name) == row.out);
    CHECK(names.back(row.out) == row.name);
    CHECK(names.out(row.name) == row.out);
    CHECK(names.fits(row.out));
  }
}

TEST_CASE("a name that never went out comes back as it is") {
  const Names names(NameForm::openai);
  CHECK(names.back("made_up") == "made_up");
}

TEST_CASE("names that were changed twice come back in one step", "[dialect]") {
  Names first(NameForm::openai);
  Names second(NameForm::gemini);
  const std::string once = first.out("1 tool");
  const std::string twice = second.out(once);
  const std::string other = second.out("2nd");
  REQUIRE(once != twice);
  first.chain(second);
  CHECK(first.back(twice) == "1 tool");
  CHECK(first.back(other) == "2nd");
  CHECK(first.back(once) == "1 tool");
}
