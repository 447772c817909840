#include "dialect/tags.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay::dialect;

TEST_CASE("a tag comes back as it was made, plain and in base64") {
  const std::string issuer = issuer_of("openai", "https://api.openai.com/v1");
  CHECK(issuer == "b348429d819c");
  for (const Dialect dialect :
       {Dialect::anthropic, Dialect::chat, Dialect::responses, Dialect::gemini}) {
    const Tag tag{dialect, issuer, R"({"id":"rs_1","encrypted_content":"a+/="})"};
    const std::string text = make_tag(tag);
    INFO(text);
    CHECK(text.find_first_of("+/= ") == std::string::npos);
    const auto read = read_tag(text);
    REQUIRE(read);
    CHECK(read->dialect == dialect);
    CHECK(read->issuer == issuer);
    CHECK(read->data == tag.data);
    CHECK(read->json()["id"].is("rs_1"));
    const auto unwrapped = read_wrapped_tag(make_wrapped_tag(tag));
    REQUIRE(unwrapped);
    CHECK(unwrapped->data == tag.data);
  }
  CHECK(make_tag({Dialect::gemini, "0123456789ab", "{}"}) == "ccr1.gemini.0123456789ab.e30");
}

TEST_CASE("what is no whole tag is foreign") {
  const char* const texts[] = {
      "",
      "EqQBCkYIARgCKkA",
      "ccr1.",
      "ccr1.gemini",
      "ccr1.gemini.0123456789ab",
      "ccr1.gemini.0123456789ab.",
      "ccr1.other.0123456789ab.e30",
      "ccr1.gemini.0123456789a.e30",
      "ccr1.gemini.0123456789AB.e30",
      "ccr1.gemini.0123456789ab.e30=",
      "ccr1.gemini.0123456789ab.e3",
      "ccr1.gemini.0123456789ab.W10",  // []
      "ccr1.gemini.0123456789ab.e30.e30",
      "ccr2.gemini.0123456789ab.e30",
      " ccr1.gemini.0123456789ab.e30",
  };
  for (const char* text : texts) {
    INFO(text);
    CHECK_FALSE(read_tag(text));
  }
  CHECK_FALSE(read_wrapped_tag("ccr1.gemini.0123456789ab.e30"));
  CHECK_FALSE(read_tag(make_wrapped_tag({Dialect::gemini, "0123456789ab", "{}"})));
}

TEST_CASE("a tag in a JSON string is read however its letters are written") {
  const std::string tag = make_tag({Dialect::gemini, "0123456789ab", R"({"a":1})"});
  for (const std::string& text :
       {'"' + tag + '"', R"("\u0063)" + tag.substr(1) + '"', R"("c\u0063)" + tag.substr(2) + '"'}) {
    INFO(text);
    const auto read = read_tag(Json(text));
    REQUIRE(read);
    CHECK(read->data == R"({"a":1})");
  }
  for (const char* other : {"", "null", "1", R"("")", R"("c")", R"("cc")", R"("EqQBCkYIARgCKkA")",
                            R"(["ccr1.gemini.0123456789ab.e30"])"}) {
    INFO(other);
    CHECK_FALSE(read_tag(Json(std::string_view(other))));
  }
}

TEST_CASE("providers of one type at two places, and two types at one place, are two issuers") {
  CHECK(issuer_of("openai", "https://a/v1") != issuer_of("openai", "https://b/v1"));
  CHECK(issuer_of("openai", "https://a/v1") != issuer_of("gemini", "https://a/v1"));
}
