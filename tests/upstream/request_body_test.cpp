#include "upstream/request_body.hpp"

#include <string>

#include "catch.hpp"

using ccrelay::upstream::RequestBody;

TEST_CASE("a large body can be read again from any place", "[upstream]") {
  std::string text(100'000, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i % 251);
  const std::string_view all = text;
  RequestBody body;
  body.assign({"", all.substr(0, 3), all.substr(3, 70'000), "", all.substr(70'003)});
  REQUIRE(body.size() == text.size());
  CHECK(body.copied() == nullptr);
  for (const std::size_t from : {0, 1, 3, 50'000, 70'002, 70'003, 99'999, 100'000}) {
    CAPTURE(from);
    REQUIRE(body.seek(from));
    std::string rest;
    char part[777];
    while (const std::size_t size = body.read(part, sizeof part)) rest.append(part, size);
    CHECK((rest == all.substr(from)));
  }
  CHECK_FALSE(body.seek(100'001));
  body.cut();
  char byte;
  CHECK(body.read(&byte, 1) == 0);
}

TEST_CASE("a small body is copied", "[upstream]") {
  RequestBody body;
  {
    const std::string text = "hello";
    body.assign({text, " ", "world"});
  }
  CHECK(std::string(body.copied()) == "hello world");
  body.clear();
  CHECK(std::string(body.copied()) == "");
  CHECK(body.empty());
}
