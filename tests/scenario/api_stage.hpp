#pragma once

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "api/call.hpp"
#include "catch.hpp"
#include "scenario/relay_fixture.hpp"
#include "scenario/tries.hpp"
#include "wire/json_members.hpp"

namespace ccrelay::testing {

/// The JSON API as a listener calls it, of a relay in front of two providers.
struct Api : RelayFixture {
  Api() {
    one = &add_provider("one");
    two = &add_provider("two");
  }
  static api::Call call_of(std::string method, const std::string& target, std::string body,
                           management::Role role) {
    const auto mark = std::min(target.find('?'), target.size());
    api::Call call;
    call.method = std::move(method);
    call.path = target.substr(0, mark);
    call.query = mark < target.size() ? target.substr(mark + 1) : std::string();
    if (call.method == "POST") call.content_type = "application/json; charset=utf-8";
    call.body = std::move(body);
    call.caller = {"token:ops", role};
    return call;
  }
  api::Answer call(api::Call call) {
    // Of a reload it comes on another thread.
    const auto got = std::make_shared<std::promise<api::Answer>>();
    auto answer = got->get_future();
    api::answer(relay->manager(), std::move(call),
                [got](api::Answer told) { got->set_value(std::move(told)); });
    until([&] { return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
    return answer.get();
  }
  api::Answer get(const std::string& target) {
    return call(call_of("GET", target, {}, management::Role::viewer));
  }
  api::Answer post(const std::string& target, std::string body = {}) {
    return call(call_of("POST", target, std::move(body), management::Role::operator_));
  }
  std::unique_ptr<api::Stream> watch(const std::string& target) {
    auto opened =
        api::open_stream(relay->manager(), call_of("GET", target, {}, management::Role::viewer));
    REQUIRE(std::holds_alternative<std::unique_ptr<api::Stream>>(opened));
    return std::move(std::get<std::unique_ptr<api::Stream>>(opened));
  }
  // Which provider answers the next request.
  std::string asked() {
    const std::size_t before = observer.requests.size();
    ask(request(false));
    return tries(finished(before + 1));
  }
  std::string key_of_one() {
    const auto whole = get("/providers/one").body;
    const auto at = whole.find(R"("keys":[")") + 9;
    return whole.substr(at, whole.find('"', at) - at);
  }
  FakeProvider* one;
  FakeProvider* two;
};

/// "404 NOT_FOUND"
inline std::string code_of(const api::Answer& answer) {
  const auto members = wire::JsonMembers::read(answer.body);
  const auto error = members ? members->inside("error") : std::nullopt;
  return std::to_string(answer.status) + ' ' +
         (error ? error->string("code").value_or("") : std::string());
}

}  // namespace ccrelay::testing
