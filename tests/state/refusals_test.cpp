#include "state/refusals.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::state;
using Names = std::vector<std::string>;
using std::chrono::hours;

namespace {

constexpr TimePoint start{hours(100)};
const RefusalKey key{"p", "m", false};

}  // namespace

TEST_CASE("a beta that was refused stays behind, for that provider and model", "[state]") {
  Refusals refusals;
  CHECK(refusals.learn(key, {{"a"}, {}, {}}, start));
  CHECK_FALSE(refusals.learn(key, {{"a"}, {}, {}}, start));
  CHECK(refusals.known(key, {"b", "a"}, start).betas == Names{"a"});
  CHECK(refusals.known(key, {"b"}, start).empty());
  for (const RefusalKey& other :
       {RefusalKey{"q", "m", false}, RefusalKey{"p", "n", false}, RefusalKey{"p", "m", true}}) {
    CHECK(refusals.known(other, {"a"}, start).empty());
  }
}

TEST_CASE("each thing has its own end", "[state]") {
  Refusals refusals;
  refusals.learn(key, {{"a"}, {}, {}}, start);
  refusals.learn(key, {{"b"}, {}, {}}, start + hours(20));
  CHECK(refusals.known(key, {"a", "b"}, start + hours(23)).betas == Names{"a", "b"});
  CHECK(refusals.known(key, {"a", "b"}, start + hours(24)).betas == Names{"b"});
  CHECK(refusals.known(key, {"a", "b"}, start + hours(44)).empty());
}

TEST_CASE("a field stays behind with no more betas than it was refused with", "[state]") {
  Refusals refusals;
  refusals.learn(key, {{}, {{"x", {"b", "a"}}}, {}}, start);
  CHECK(refusals.known(key, {"a", "b"}, start).fields == Names{"x"});
  CHECK(refusals.known(key, {"a"}, start).fields == Names{"x"});
  CHECK(refusals.known(key, {}, start).fields == Names{"x"});
  CHECK(refusals.known(key, {"a", "c"}, start).fields.empty());
  // Nor does one count that stays behind.
  refusals.learn(key, {{"c"}, {}, {}}, start);
  CHECK(refusals.known(key, {"a", "c"}, start).fields == Names{"x"});
}

TEST_CASE("betas that were refused together are chosen from as then", "[state]") {
  Refusals refusals;
  refusals.learn(key, {{}, {}, {{{"c", "a", "b"}, {"b"}}}}, start);
  CHECK(refusals.known(key, {"a", "b", "c"}, start).betas == Names{"a", "c"});
  CHECK(refusals.known(key, {"d", "c", "b", "a"}, start).betas == Names{"a", "c"});
  // Fewer may be taken.
  CHECK(refusals.known(key, {"a", "b"}, start).empty());
}

TEST_CASE("what is remembered has bounds", "[state]") {
  Refusals refusals;
  for (int i = 0; i < 1000; ++i) {
    refusals.learn(key, {{"b" + std::to_string(i)}, {}, {}}, start);
    refusals.learn({"p", std::to_string(i), false}, {{"a"}, {}, {}}, start);
    refusals.learn(key, {{"last"}, {}, {}}, start);
  }
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) names.push_back("b" + std::to_string(i));
  const std::vector<std::string_view> sent(names.begin(), names.end());
  CHECK(refusals.known(key, sent, start).betas.size() < Refusals::things_max);
  CHECK(refusals.known(key, {"last"}, start).betas == Names{"last"});
  CHECK(refusals.known({"p", "0", false}, {"a"}, start).empty());
  CHECK(refusals.known({"p", "999", false}, {"a"}, start).betas == Names{"a"});
  // A set beyond reason is not kept.
  refusals.learn(key, {{}, {{"x", names}}, {}}, start);
  CHECK(refusals.known(key, {}, start).fields.empty());
}
