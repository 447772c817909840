#include "price/table.hpp"

#include "catch.hpp"
#include "price/rows.hpp"

using namespace ccrelay;
using namespace ccrelay::price;
using namespace ccrelay::testing;

namespace {

using Layers = std::vector<std::vector<PriceRow>>;

Day day(std::string_view text) {
  return parse_day(text).value();
}

// The input rate that was found, in thousandths of a USD per million; nothing when there is none.
std::optional<std::uint64_t> input(const Table& table, const Asked& asked,
                                   std::string_view on = "2026-11-29") {
  const auto price = table.find(asked, day(on));
  if (!price) return std::nullopt;
  return price->row->rates[TokenClass::input].value() / 1000;
}

}  // namespace

TEST_CASE("a price is looked for by the provider's name, its type, then anywhere", "[price]") {
  const Table table({flat("mine", "m", 1), flat("anthropic", "m", 2), flat("", "m", 3)}, {});
  CHECK(input(table, {"mine", "anthropic", "m", ""}) == 1);
  CHECK(input(table, {"other", "anthropic", "m", ""}) == 2);
  CHECK(input(table, {"other", "bedrock", "m", ""}) == 3);
  CHECK_FALSE(input(table, {"mine", "anthropic", "n", ""}));
}

TEST_CASE("an exact model goes before a pattern, a longer pattern before a shorter", "[price]") {
  const Table table({flat("", "claude-*", 1), flat("", "claude-opus-*", 2),
                     flat("", "claude-opus-5", 3), flat("", "*", 4)},
                    {});
  CHECK(input(table, {"p", "t", "claude-opus-5", ""}) == 3);
  CHECK(input(table, {"p", "t", "claude-opus-5-5", ""}) == 2);
  CHECK(input(table, {"p", "t", "Claude-Haiku", ""}) == 1);
  CHECK(input(table, {"p", "t", "gpt", ""}) == 4);
  // The scope decides first: a pattern of the provider's own beats an exact model of any.
  const Table scoped({flat("p", "claude-*", 5), flat("", "claude-opus-5", 6)}, {});
  CHECK(input(scoped, {"p", "t", "claude-opus-5", ""}) == 5);
}

TEST_CASE("a server's profile is looked for behind its name and before its type", "[price]") {
  const Table table({}, {flat("openai", "m", 1), flat("xai", "m", 2), flat("mine", "m", 3)});
  CHECK(input(table, {"a", "openai", "m", "", "xai"}) == 2);
  CHECK(input(table, {"mine", "openai", "m", "", "xai"}) == 3);
  CHECK(input(table, {"a", "openai", "m", "", "groq"}) == 1);
  CHECK(input(table, {"a", "openai", "m", ""}) == 1);
  CHECK_FALSE(input(table, {"a", "azure", "m", ""}));
}

TEST_CASE("a shipped price is no neighbour's that has the same type or is called so", "[price]") {
  const Table table({flat("openai", "m", 1), flat("xai", "m", 2), flat("", "any", 3)},
                    {flat("openai", "own", 4)});
  CHECK(input(table, {"a", "openai", "m", "", "openai"}) == 1);
  CHECK(input(table, {"a", "openai", "m", "", "xai"}) == 2);
  for (const std::string_view name : {"a", "openai", "OpenAI", "xai"}) {
    CAPTURE(name);
    CHECK_FALSE(input(table, {name, "openai", "m", "", "generic"}));
    CHECK_FALSE(input(table, {name, "openai", "x", "m", "vllm"}));
    CHECK(input(table, {name, "openai", "any", "", "generic"}) == 3);
    CHECK(input(table, {name, "openai", "own", "", "generic"}) == 4);
  }
  // Where nobody can be told to be somebody else, the type says who it is.
  CHECK(input(table, {"a", "xai", "m", ""}) == 2);
}

TEST_CASE("a neighbour may be told to cost what a shipped price says", "[price]") {
  PriceRow alias;
  alias.provider = "vllm";
  alias.models = {"m"};
  alias.same_as = "m";
  const Table table({flat("openai", "m", 1)}, {alias});
  CHECK(input(table, {"a", "openai", "m", "", "vllm"}) == 1);
  CHECK_FALSE(input(table, {"a", "openai", "m", "", "generic"}));
}

TEST_CASE("the model sent decides before the model that answered", "[price]") {
  const Table table({flat("", "eu.opus", 1), flat("", "opus", 2)}, {});
  CHECK(input(table, {"p", "t", "eu.opus", "opus"}) == 1);
  CHECK(input(table, {"p", "t", "my-deployment", "opus"}) == 2);
  CHECK_FALSE(input(table, {"p", "t", "my-deployment", ""}));
}

TEST_CASE("the latest price that has begun holds", "[price]") {
  const Table table({flat("a", "m", 1), flat("a", "m", 3, "2026-10-07"),
                     flat("a", "m", 2, "2026-01-01"), flat("a", "m", 9, "2027-01-01")},
                    {});
  CHECK(input(table, {"a", "", "m", ""}, "2025-12-31") == 1);
  CHECK(input(table, {"a", "", "m", ""}, "2026-01-01") == 2);
  CHECK(input(table, {"a", "", "m", ""}, "2026-10-06") == 2);
  CHECK(input(table, {"a", "", "m", ""}, "2026-10-07") == 3);
  CHECK(table.find({"a", "", "m", ""}, day("2026-11-29"))->name == "a/m@2026-10-07");
  CHECK(table.find({"a", "", "m", ""}, day("2025-11-29"))->name == "a/m");
  // One that has not begun does not hide a pattern that has.
  const Table coming({flat("a", "m", 9, "2027-01-01"), flat("a", "*", 4)}, {});
  CHECK(input(coming, {"a", "", "m", ""}) == 4);
}

TEST_CASE("a row of the operator's hides every shipped one for the same provider and model",
          "[price]") {
  PriceRow two = flat("anthropic", "m", 1);
  two.models.push_back("n");
  const Table table({two, flat("anthropic", "m", 2, "2026-10-07"), flat("zai", "m", 3)},
                    {flat("Anthropic", "M", 7)});
  CHECK(input(table, {"x", "anthropic", "m", ""}) == 7);
  CHECK(input(table, {"x", "anthropic", "n", ""}) == 1);
  CHECK(input(table, {"x", "zai", "m", ""}) == 3);
}

TEST_CASE("an alias has another model's price, with a factor of its own", "[price]") {
  PriceRow alias;
  alias.models = {"arn:aws:*"};
  alias.same_as = "opus";
  alias.factor = 1100;
  PriceRow regional = flat("", "opus", 5);
  regional.factor = 2000;
  const Table table({alias, regional}, {});
  const auto price = table.find({"p", "t", "arn:aws:bedrock/x", ""}, 20000);
  REQUIRE(price);
  CHECK(price->row->rates[TokenClass::input] == 5000u);
  CHECK(price->factor_millionths == 2'200'000);
  CHECK(price->name == "any/arn:aws:*");
}

TEST_CASE("aliases that go round in a ring have no price", "[price]") {
  PriceRow one;
  one.models = {"a"};
  one.same_as = "b";
  PriceRow two;
  two.models = {"b"};
  two.same_as = "a";
  PriceRow lost;
  lost.models = {"c"};
  lost.same_as = "nowhere";
  const Table table({one, two, lost}, {});
  CHECK_FALSE(table.find({"", "", "a", ""}, 20000));
  CHECK_FALSE(table.find({"", "", "c", ""}, 20000));
}

TEST_CASE("an alias finds another provider's price where nobody else has one", "[price]") {
  PriceRow regional;
  regional.provider = "bedrock";
  regional.models = {"eu.opus"};
  regional.same_as = "opus";
  const Table table({regional, flat("zai", "o*", 3), flat("anthropic", "opus", 5)}, {});
  CHECK(input(table, {"p", "bedrock", "eu.opus", ""}) == 5);  // exact before a pattern
  // Only an alias goes there: what was asked for itself is the provider's.
  CHECK_FALSE(input(table, {"p", "bedrock", "opus", ""}));
  const Table any({regional, flat("anthropic", "opus", 5), flat("", "opus", 7)}, {});
  CHECK(input(any, {"p", "bedrock", "eu.opus", ""}) == 7);
  const Table own({regional, flat("", "opus", 7), flat("bedrock", "opus", 9)}, {});
  CHECK(input(own, {"p", "bedrock", "eu.opus", ""}) == 9);
}

TEST_CASE("an alias for everything of a provider does not mean itself", "[price]") {
  PriceRow all;
  all.provider = "azure";
  all.models = {"*"};
  all.same_as = "opus";
  const Table table({flat("anthropic", "opus", 5)}, {all});
  CHECK(input(table, {"p", "azure", "our-deployment", ""}) == 5);
  CHECK(input(table, {"p", "azure", "opus", ""}) == 5);
}

TEST_CASE("where an alias leads is told from where it does not", "[price]") {
  const auto alias = [](std::string model, std::string same_as) {
    PriceRow made;
    made.models = {std::move(model)};
    made.same_as = std::move(same_as);
    return made;
  };
  const Table table(Layers{{alias("a", "b"), alias("b", "m"), alias("x", "nowhere"),
                            alias("r", "s"), alias("s", "r"), alias("self", "self")},
                           {flat("anthropic", "m", 1, "2999-01-01")}});
  CHECK(table.alias_of(0, "") == Alias::figures);
  CHECK(table.alias_of(1, "") == Alias::figures);
  CHECK(table.alias_of(2, "") == Alias::nowhere);
  CHECK(table.alias_of(3, "") == Alias::circle);
  CHECK(table.alias_of(4, "") == Alias::circle);
  CHECK(table.alias_of(5, "") == Alias::circle);
  CHECK(table.alias_of(6, "") == Alias::figures);
}

TEST_CASE("each layer hides the same provider and model in those behind it", "[price]") {
  const Table table(Layers{{flat("a", "m", 1)},
                           {flat("a", "m", 2), flat("a", "n", 3), flat("a", "m*", 4)},
                           {flat("a", "m", 5), flat("a", "n", 6), flat("a", "o", 7)}});
  CHECK(input(table, {"a", "", "m", ""}) == 1);
  CHECK(input(table, {"a", "", "n", ""}) == 3);
  CHECK(input(table, {"a", "", "o", ""}) == 7);
  CHECK(input(table, {"a", "", "m2", ""}) == 4);
  CHECK(table.rows().size() == 7);
}

TEST_CASE("a model's name in a metric is bounded by the table", "[price]") {
  PriceRow sonnet = flat("anthropic", "claude-sonnet-5-5", 1);
  sonnet.models.push_back("claude-sonnet-5-5-*");
  const Table table({sonnet, flat("", "claude-*", 2)}, {});
  CHECK(table.known_name("claude-sonnet-5-5") == "claude-sonnet-5-5");
  CHECK(table.known_name("claude-sonnet-5-5-20260929") == "claude-sonnet-5-5");
  CHECK(table.known_name("claude-x") == "claude-*");
  CHECK(table.known_name("invented").empty());
}

TEST_CASE("a day is a day of the calendar", "[price]") {
  CHECK(parse_day("1970-01-01") == 0);
  CHECK(parse_day("2024-02-29"));
  CHECK(print_day(day("2026-10-07")) == "2026-10-07");
  for (const auto* text : {"2023-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "2026-10-07 ",
                           "20261007", "", "-026-10-07", "2026-10-0x"}) {
    CHECK_FALSE(parse_day(text));
  }
}
