#pragma once

#include <ccrelay/manage.hpp>

#include <string>
#include <string_view>

#include "api/errors.hpp"
#include "api/json.hpp"
#include "api/routes.hpp"

/// The forms that many routes share.
namespace ccrelay::api {

/// A message of its own.
template <class T>
Answer told(const T& message) {
  Answer answer;
  append_json(answer.body, message);
  return answer;
}
/// `{"NAME": value}`, or why there is none.
template <class T>
Answer told(std::string_view name, const management::Reply<T>& reply) {
  if (!reply) return error_answer(reply.refusal());
  Answer answer;
  JsonObject{answer.body}(name, *reply);
  return answer;
}

/// What an action came to, for messages with `warnings` and those without.
enum class Warnings : bool { none, some };
template <class T>
Answer told(std::string_view name, const management::Reply<management::Changed<T>>& reply,
            Warnings warnings) {
  if (!reply) return error_answer(reply.refusal());
  Answer answer;
  {
    JsonObject object(answer.body);
    object(name, reply->now)("changed", reply->changed);
    if (warnings == Warnings::some) object("warnings", reply->warnings);
  }
  return answer;
}

/// The item that the path names, by a call of the Manager.
template <class Item>
Answer told_one(Asked& asked, std::string_view name,
                management::Reply<Item> (management::Manager::*get)(const std::string&) const) {
  if (const auto mistake = asked.input.mistake()) return error_answer(*mistake);
  return told(name, (asked.manager.*get)(asked.name));
}

/// Which page is asked for.
management::PageAsk page_of(Input& input);
/// One page of a list: `{"NAME": [...], "next_page_token": "…"}`.
template <class Item>
Answer told_page(std::string_view name, const management::Reply<management::Page<Item>>& page) {
  if (!page) return error_answer(page.refusal());
  Answer answer;
  JsonObject{answer.body}(name, page->items)("next_page_token", page->next_page_token);
  return answer;
}

/// A body may say what the path says already, as the messages of the proto do; nothing else.
void take_name(Asked& asked, std::string_view field);
/// Who acts, without a reason.
management::Order order_of(const Asked& asked);
/// The same with the `reason` of the body.
management::Order order_with_reason(Asked& asked);

}  // namespace ccrelay::api
