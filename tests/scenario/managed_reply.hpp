#pragma once

#include <ccrelay/manage.hpp>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>

#include "catch.hpp"

namespace ccrelay::testing {

/// What a call of the Manager's answers on another thread; the test fails where that never comes.
template <class Value, class Call>
management::Reply<Value> reply_of(Call call) {
  const auto promise = std::make_shared<std::promise<management::Reply<Value>>>();
  auto future = promise->get_future();
  call([promise](const management::Reply<Value>& reply) { promise->set_value(reply); });
  REQUIRE(future.wait_for(std::chrono::seconds(180)) == std::future_status::ready);
  return future.get();
}

}  // namespace ccrelay::testing
