#include "wire/page_words.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay::wire;

namespace {

struct Case {
  std::string body;
  std::string type;
  std::string words;
};

}  // namespace

TEST_CASE("a page is known by its title, else its heading, else its first words") {
  for (const Case& c : {
           Case{
               "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 "
               "Bad Gateway</h1></center><hr><center>cloudflare</center></body></html>",
               "text/html", "502 Bad Gateway"},
           Case{"\xEF\xBB\xBF  <!DOCTYPE html><!--[if lt IE 7]> <html> <title>no</title> "
                "<![endif]-->"
                "<HTML><HEAD><TITLE lang=\"en\">\n api.example | 520:  Web &amp; server\n</TITLE>",
                "text/html; charset=UTF-8", "api.example | 520: Web & server"},
           Case{"<html><head><script>var title = '<title>no</title>';</script></head>"
                "<body><h1>Over <b>there</b></h1>text",
                "text/html", "Over there"},
           Case{"<p>Just&nbsp;words</p><style>p { color: red }</style><p>and &lt;more&gt;</p>", "",
                "Just words and <more>"},
           Case{"404 page not found\n", "text/plain", "404 page not found"},
           Case{"upstream connect error\x07 or\r\n\r\n disconnect <reset> & gone", "text/plain",
                "upstream connect error or disconnect <reset> & gone"},
           Case{"<?xml "
                "version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>No</Message></Error>",
                "application/xml", "AccessDenied No"},
           Case{"<title>d\xE9j\xE0</title>", "text/html; charset=ISO-8859-1", "d\xC3\xA9j\xC3\xA0"},
           Case{"d\xE9j\xE0", "text/plain", "d\xEF\xBF\xBDj\xEF\xBF\xBD"},
           Case{"<title>unclosed", "text/html", "unclosed"},
           Case{"<html><script>never closed", "text/html", ""},
           Case{"", "text/html", ""},
           Case{" \r\n ", "text/html", ""},
           Case{std::string("\0g\0z", 4), "application/octet-stream", ""},
       }) {
    INFO(c.body);
    CHECK(page_words(c.body, c.type, 300) == c.words);
  }
}

TEST_CASE("the words of a page are bounded and end with a whole character") {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "\xC3\xBC";
  const std::string words = page_words(text, "text/plain", 99);
  CHECK(words.size() == 98 + 3);
  CHECK(words.substr(0, 98) == text.substr(0, 98));
  CHECK(words.substr(98) == "\xE2\x80\xA6");
}

TEST_CASE("every beginning of a page has words or none") {
  const std::string page =
      "<!doctype html><title>a &amp; b</title><!-- c --><script>d</script><p title='>'>e</p>";
  for (std::size_t size = 0; size <= page.size(); ++size) {
    const std::string words = page_words(page.substr(0, size), "text/html", 20);
    CHECK(words.size() <= 23);
    CHECK(words.find('\n') == std::string::npos);
  }
}

TEST_CASE("JSON is what reads as one object or array") {
  for (const char* yes : {"{}", " [1]\n", R"({ "type":"error", "x": 1.0 })"}) {
    INFO(yes);
    CHECK(is_json_document(yes));
  }
  for (const char* no :
       {"", " ", "<html>", "\"text\"", "null", "{\"half\":", "{} trailing", "{'a'}"}) {
    INFO(no);
    CHECK_FALSE(is_json_document(no));
  }
}

TEST_CASE("no secret and no word that clients stumble over is quoted") {
  const std::string key = "relay-secret-42";
  CHECK(quotable("key relay-secret-42, twice: relay-secret-42!", {key}) == "key ***, twice: ***!");
  CHECK(quotable("a short one is let be", {"short"}) == "a short one is let be");
  CHECK(quotable("Incorrect key: sk-ant-api03-abcdefgh. See sk-help", {}) ==
        "Incorrect key: *** See sk-help");
  CHECK(quotable("Authorization: Bearer abcdefghijklmnop, x", {}) ==
        "Authorization: Bearer ***, x");
  CHECK(quotable("task-management-of-all", {}) == "task-management-of-all");
  CHECK(quotable("invalid x-api-key and X-API-Key", {}) == "invalid API key and API key");
}
