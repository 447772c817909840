#include "dialect/ids.hpp"

#include <algorithm>
#include <string>

#include "catch.hpp"

using namespace ccrelay::dialect;

TEST_CASE("made ids depend on the seed and on how many were made") {
  Seed a("request-1"), b("request-1"), c("request-2");
  const std::string first = a.made("msg_");
  CHECK(first.size() == 28);
  CHECK(first.rfind("msg_", 0) == 0);
  CHECK(b.made("msg_") == first);
  CHECK(a.made("msg_") != first);
  CHECK(c.made("msg_") != first);
  CHECK(a.made("", 9).size() == 9);
}

TEST_CASE("base62 of a digest is the number's digits, lowest first") {
  // SHA-256 of nothing, e3b0c442…b855, divided by 62 with Python's whole numbers.
  CHECK(base62_digest("", 24) == "5IxLHpeEWjUSnpuggYAkGEii");
  CHECK(base62_digest("", 100).size() == 40);
}

TEST_CASE("an id goes verbatim where it fits, else as one that fits") {
  struct Row {
    IdForm form;
    std::string id;
    bool fits;
  };
  const Row rows[] = {
      {IdForm::any, "functions.bash:0", true},
      {IdForm::any, "call|with every thing\u00e9", true},
      {IdForm::any, "", false},
      {IdForm::responses, "functions.bash:0", true},
      {IdForm::responses, std::string(64, 'a'), true},
      {IdForm::responses, std::string(65, 'a'), false},
      {IdForm::responses, "call|1", false},
      {IdForm::anthropic, "toolu_01-A", true},
      {IdForm::anthropic, "functions.bash:0", false},
      {IdForm::anthropic, std::string(65, 'a'), false},
      {IdForm::anthropic, "", false},
      {IdForm::alnum9, "abcDEF123", true},
      {IdForm::alnum9, "abcDEF12", false},
      {IdForm::alnum9, "abcDEF12_", false},
  };
  for (const Row& row : rows) {
    INFO(row.id);
    CHECK(fits(row.form, row.id) == row.fits);
    const std::string sent = id_for(row.form, row.id);
    CHECK((sent == row.id) == row.fits);
    CHECK(fits(row.form, sent));
    CHECK(id_for(row.form, row.id) == sent);
    if (!row.fits) CHECK(sent.size() == (row.form == IdForm::alnum9 ? 9 : 29));
  }
  CHECK(id_for(IdForm::anthropic, "a:0") != id_for(IdForm::anthropic, "a:1"));
}
