#pragma once

#include <ccrelay/manage.hpp>

#include <string>

namespace ccrelay::rpc {

/// What a caller has said to do, as the Manager takes it.
inline management::Order order_of(const management::Caller& caller, std::string reason = {}) {
  management::Order order;
  order.by = caller.name;
  order.reason = std::move(reason);
  return order;
}

}  // namespace ccrelay::rpc
