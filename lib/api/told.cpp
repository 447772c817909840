#include "api/told.hpp"

namespace ccrelay::api {

void take_name(Asked& asked, std::string_view field) {
  std::string given = asked.name;
  asked.input.take(field, given);
  if (given != asked.name) asked.input.wrong(field, "is another than in the path");
}

management::PageAsk page_of(Input& input) {
  management::PageAsk page;
  input.take("page_size", page.page_size);
  input.take("page_token", page.page_token);
  return page;
}

management::Order order_of(const Asked& asked) {
  management::Order order;
  order.by = asked.call.caller.name;
  return order;
}

management::Order order_with_reason(Asked& asked) {
  management::Order order = order_of(asked);
  asked.input.take("reason", order.reason);
  return order;
}

}  // namespace ccrelay::api
