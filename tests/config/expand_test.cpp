#include "config/expand.hpp"

#include "catch.hpp"
#include "scratch_directory.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::variables;

TEST_CASE("variables, defaults and dollar signs are expanded inside a text", "[config]") {
  const auto env = variables({{"A", "one"}, {"EMPTY", ""}, {"NESTED", "${A}"}, {"_b2", "two"}});
  struct Case {
    std::string_view text, expanded;
  };
  const Case cases[] = {
      {"plain", "plain"},
      {"", ""},
      {"${A}", "one"},
      {"<${A}${_b2}>", "<onetwo>"},
      {"${EMPTY}", ""},
      {"${EMPTY:-default}", "default"},
      {"${MISSING:-default}", "default"},
      {"${MISSING:-}", ""},
      {"${A:-default}", "one"},
      {"${MISSING:-a:-b $x}", "a:-b $x"},
      {"${NESTED}", "${A}"},
      {"$$", "$"},
      {"$${A}", "${A}"},
      {"$$$$", "$$"},
      {"$A costs 5$", "$A costs 5$"},
      {"a } b", "a } b"},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    const auto result = config::expanded(text, env);
    REQUIRE(result);
    CHECK(*result == expected);
  }
}

TEST_CASE("what cannot be expanded is said without the text around it", "[config]") {
  struct Case {
    std::string_view text, message;
  };
  const std::string_view bad_name =
      "\"${\" is not followed by a variable's name; write ${VAR}, ${VAR:-default} or "
      "${file:/path}, or $${ for the characters themselves";
  const std::string_view open =
      "\"${\" has no closing \"}\"; add it, or write $${ for the characters themselves";
  const Case cases[] = {
      {"canary${MISSING}",
       "environment variable MISSING is not set; set it, or write ${MISSING:-default}"},
      {"canary${A", open},
      {"canary${", open},
      {"${canary canary}", bad_name},
      {"${}", bad_name},
      {"${1A}", bad_name},
      {"${file:}", "${file:} names no file; write ${file:/path}"},
      {"${file:/}", "file \"/\" is a directory; name a file"},
      {"${file:/no/such}",
       "file \"/no/such\" cannot be read; check that it exists and is readable"},
  };
  for (const auto& [text, message] : cases) {
    CAPTURE(text);
    const auto result = config::expanded(text, variables());
    REQUIRE(!result);
    CHECK(result.error().message == message);
  }
}

TEST_CASE("a file's content comes without its last newline", "[config]") {
  const test::ScratchDirectory directory;
  struct Case {
    std::string content, expanded;
  };
  const Case cases[] = {{"k", "k"}, {"k\n", "k"}, {"k\r\n", "k"},  {"k\n\n", "k\n"},
                        {"\n", ""}, {"", ""},     {"${A}", "${A}"}};
  for (const auto& [content, expected] : cases) {
    CAPTURE(content);
    const auto path = directory.write("secret", content);
    const auto result = config::expanded("${file:" + path + "}", variables());
    REQUIRE(result);
    CHECK(*result == expected);
  }
}

TEST_CASE("a file of more than 64 KiB is refused", "[config]") {
  const test::ScratchDirectory directory;
  const auto fits = directory.write("fits", std::string(64 << 10, 'x'));
  const auto path = directory.write("large", std::string((64 << 10) + 1, 'x'));
  CHECK(config::expanded("${file:" + fits + "}", variables()));
  const auto result = config::expanded("${file:" + path + "}", variables());
  REQUIRE(!result);
  CHECK(result.error().message.ends_with(" is larger than 64 KiB; name a smaller one"));
}

TEST_CASE("the files that a text names are told, those that can't be read as well", "[config]") {
  const test::ScratchDirectory directory;
  const auto key = directory.write("key", "k");
  const auto large = directory.write("large", std::string((64 << 10) + 1, 'x'));
  const std::string missing = directory.path() + "/missing";
  std::vector<SourceFile> files;
  const auto read = [&](const std::string& path) {
    static_cast<void>(config::expanded("a ${file:" + path + "} b", variables(), &files));
  };
  read(key);
  read(missing);
  read(large);
  CHECK(files == std::vector<SourceFile>{
                     {key, file_digest(key)}, {missing, 0}, {large, file_digest(large)}});
  CHECK(files[0].digest != 0);
  directory.write("key", "another");
  CHECK(files[0].digest != file_digest(key));
  directory.write("key", "k");
  CHECK(files[0].digest == file_digest(key));
}
