#include "http/trace_context.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::http;

namespace {

const std::string parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TraceContext of(const std::string& traceparent, const std::vector<std::string>& states = {}) {
  Headers headers;
  headers.add("Traceparent", traceparent);
  for (const std::string& state : states) headers.add("tracestate", state);
  return trace_context_of(headers);
}

std::string state_of(const std::vector<std::string>& states) {
  return of(parent, states).tracestate;
}

}  // namespace

TEST_CASE("a traceparent is taken as the W3C has it", "[trace]") {
  CHECK(of(parent).traceparent == parent);
  CHECK(of(parent.substr(0, 53) + "00").traceparent == parent.substr(0, 53) + "00");
  // A later version, which may say more.
  const std::string later = "cc" + parent.substr(2);
  CHECK(of(later).traceparent == later);
  CHECK(of(later + "-what-the-future-brings").traceparent == later);
}

TEST_CASE("a traceparent that is malformed is none", "[trace]") {
  for (const std::string& odd : std::vector<std::string>{
           "", "x", parent + "0", parent + "-00", parent.substr(0, 54), "ff" + parent.substr(2),
           "0" + parent, " " + parent, "0g" + parent.substr(2), "cc" + parent.substr(2) + "0",
           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-B7AD6B7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0A",
           "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01"}) {
    INFO(odd);
    CHECK(of(odd, {"v=1"}).traceparent.empty());
    CHECK(of(odd, {"v=1"}).tracestate.empty());
  }
}

TEST_CASE("two traceparents are none", "[trace]") {
  Headers headers{{"traceparent", parent}, {"TraceParent", parent}, {"tracestate", "v=1"}};
  CHECK(trace_context_of(headers).traceparent.empty());
  CHECK(trace_context_of(headers).tracestate.empty());
  CHECK(trace_context_of({{"tracestate", "v=1"}}).tracestate.empty());
}

TEST_CASE("a tracestate is kept as it came, its lines put together", "[trace]") {
  CHECK(state_of({"v=1"}) == "v=1");
  CHECK(state_of({"congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"}) ==
        "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7");
  CHECK(state_of({"a=1", "b=2, ,c=3"}) == "a=1,b=2, ,c=3");
  CHECK(state_of({"fw529a3039@dt=FfAUqqyxTdeb", "0num=!\"#~"}) ==
        "fw529a3039@dt=FfAUqqyxTdeb,0num=!\"#~");
}

TEST_CASE("a tracestate that is malformed or too long is dropped, and the trace goes on",
          "[trace]") {
  std::string many = "k0=v";
  for (int i = 1; i < 33; ++i) many += ",k" + std::to_string(i) + "=v";
  for (const std::string& odd : std::vector<std::string>{
           "", ",", "v", "=1", "v=", "V=1", "-v=1", "v=1=2", "v=1,v=2", "v=a\tb", "v=\x7f",
           std::string("v=\xc3\xa4"), "a b=1", std::string(257, 'k') + "=1",
           "k=" + std::string(257, 'v'), many,
           "k=" + std::string(250, 'v') + ",l=" + std::string(250, 'v') + ",m=123456789"}) {
    INFO(odd);
    CHECK(state_of({odd}).empty());
    CHECK(of(parent, {odd}).traceparent == parent);
  }
  CHECK(state_of({many.substr(0, many.rfind(','))}) == many.substr(0, many.rfind(',')));
}

TEST_CASE("a child has the trace and the flags that are known, and a span of its own", "[trace]") {
  CHECK(child_traceparent(parent, 0x1234) ==
        "00-0af7651916cd43dd8448eb211c80319c-0000000000001234-01");
  CHECK(child_traceparent("cc" + parent.substr(2, 51) + "fe", 1) ==
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000001-02");
  CHECK(child_traceparent(parent, 0) == "00-0af7651916cd43dd8448eb211c80319c-0000000000000001-01");
  CHECK(is_sampled(parent));
  CHECK_FALSE(is_sampled(parent.substr(0, 53) + "fe"));
}

TEST_CASE("a new trace is a well-formed one, whatever the dice say", "[trace]") {
  const std::string made = new_traceparent(0, 0, 0, true);
  CHECK(made == "00-00000000000000000000000000000001-0000000000000001-03");
  CHECK(of(made).traceparent == made);
  CHECK_FALSE(is_sampled(new_traceparent(1, 2, 3, false)));
  CHECK(trace_id_of(new_traceparent(0xab, 0xcd, 3, false)) == "00000000000000ab00000000000000cd");
  CHECK(span_id_of(new_traceparent(1, 2, 0xef, false)) == "00000000000000ef");
}
