#include "manage/paging.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::management;
using manage::page_of;

namespace {

using Names = std::vector<std::string>;

Names names(int count) {
  Names out;
  for (int i = 0; i < count; ++i) out.push_back("n" + std::to_string(i));
  return out;
}

Reply<Page<std::string>> page(const Names& all, const PageAsk& ask,
                              const std::string& of = "list") {
  return page_of(all, ask, of, [](const std::string& name) -> const std::string& { return name; });
}

}  // namespace

TEST_CASE("a page has as many items as were asked for, a hundred by default, a thousand at most") {
  CHECK(page(names(3), {2, {}})->items == Names{"n0", "n1"});
  CHECK(page(names(150), {})->items.size() == 100);
  CHECK(page(names(1500), {5000, {}})->items.size() == 1000);
  const auto refused = page(names(3), {-1, {}});
  REQUIRE_FALSE(refused);
  CHECK(refused.refusal().code == Code::invalid_argument);
  CHECK(refused.refusal().message == "page_size: -1 is below 0");
}

TEST_CASE("pages one behind the other show each item once, and the last has no token") {
  Names seen;
  PageAsk ask{4, {}};
  int pages = 0;
  do {
    const auto one = page(names(10), ask);
    REQUIRE(one);
    seen.insert(seen.end(), one->items.begin(), one->items.end());
    ask.page_token = one->next_page_token;
    ++pages;
  } while (!ask.page_token.empty());
  CHECK(seen == names(10));
  CHECK(pages == 3);
  CHECK(page({}, {})->next_page_token.empty());
  CHECK(page(names(4), {4, {}})->next_page_token.empty());
}

TEST_CASE("a page goes on behind the last item, wherever that stands by now") {
  const std::string token = page(names(6), {2, {}})->next_page_token;
  CHECK(page({"new", "n0", "n1", "n2"}, {2, token})->items == Names{"n2"});
  CHECK(page({"n0", "n2", "n3"}, {2, token})->items == Names{"n3"});  // n1 has gone
}

TEST_CASE("a token belongs to what it was told for") {
  const std::string token = page(names(6), {2, {}})->next_page_token;
  for (const std::string& wrong :
       {token + "A", token.substr(1), std::string("x"), std::string("!"), std::string(9000, 'A')}) {
    const auto refused = page(names(6), {2, wrong});
    REQUIRE_FALSE(refused);
    CHECK(refused.refusal().code == Code::invalid_argument);
    CHECK(refused.refusal().message.find("page_token") == 0);
  }
  CHECK_FALSE(page(names(6), {2, token}, "another list"));
  CHECK(page(names(6), {3, token})->items == Names{"n2", "n3", "n4"});  // the size may be another
}

TEST_CASE("no two filters are one text") {
  RequestFilter a, b;
  a.providers = {"x", "y"};
  b.providers = {"x"};
  b.keys = {"y"};
  CHECK(manage::text_of(a) != manage::text_of(b));
  b = a;
  CHECK(manage::text_of(a) == manage::text_of(b));
  b.troubled_only = true;
  CHECK(manage::text_of(a) != manage::text_of(b));
}
