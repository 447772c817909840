#include <fmt/format.h>

#include <algorithm>

#include "figures.hpp"
#include "states.hpp"
#include "table.hpp"
#include "text.hpp"

namespace ccrelay::app::top {
namespace {

// One that runs grows older between two words of the relay about it.
std::int64_t age_us(const Request& request, std::int64_t now) {
  if (request.state == "ENDED" || !request.start_time) return request.duration_us.value_or(0);
  return std::max(request.duration_us.value_or(0), (now - *request.start_time) * 1000);
}

std::string provider_words(const Request& request) {
  if (request.provider.empty()) return "-";
  const std::int64_t attempts = request.attempt_count.value_or(1);
  return shown(attempts > 1 ? fmt::format("{} ({})", request.provider, attempts)
                            : request.provider);
}

Field age_field(const Request& request, std::int64_t now) {
  const std::int64_t us = age_us(request, now);
  return {age(us), {}, static_cast<double>(us)};
}

Field request_state(const Request& request) {
  const State state = state_of(request);
  return {state.word, {.tint = state.tint, .bold = state.tint == Tint::bad}, {}};
}

Field number_field(std::string text, Number value) {
  return {std::move(text), {}, static_cast<double>(value.value_or(0))};
}

std::string session_words(const Request& request) {
  return request.session.empty() ? "-" : shown(request.session.substr(0, 8));
}

std::string more_of(const Request& request) {
  std::string out = fmt::format("{}  {}  {} {}", shown(request.request_id), shown(request.client),
                                shown(request.method), shown(request.path));
  if (!request.key.empty()) out += "  key " + shown(request.key);
  if (!request.error.empty()) out += "  " + shown(request.error);
  return out;
}

std::string words_of(const Request& request) {
  std::string words;
  for (const std::string* part : {&request.request_id, &request.client, &request.session,
                                  &request.key, &request.path, &request.error}) {
    words += *part + " ";
  }
  // As Enter on the other screens asks for them.
  return words + fmt::format("provider={} key={} client={} ", request.provider, request.key,
                             request.client);
}

Row row_of(const Request& request, std::int64_t now) {
  return {request.id,
          {{shown(request.id)},
           age_field(request, now),
           request_state(request),
           {provider_words(request)},
           {shown(request.model)},
           number_field(size_brief(request.response_bytes.value_or(0)), request.response_bytes),
           number_field(brief(Number(request.usage.output_tokens.value_or(0))),
                        request.usage.output_tokens),
           {shown(request.client)},
           number_field(grouped(request.attempt_count), request.attempt_count),
           {session_words(request)},
           {request.key.empty() ? "-" : shown(request.key)}},
          more_of(request),
          words_of(request)};
}

}  // namespace

Table requests_table(const Model& model, const View& view) {
  Table table;
  table.columns = {{"Id", 8, false, 0, true},
                   {"Age  ", 5, true},
                   {"State", 15, false, 3},
                   {"Provider", 15, false, 0, true},
                   {"Model", 18, false, 0, true},
                   {"Out", 7, true},
                   {"Tokens", 9, true},
                   {"Client", 16, false, 2, true},
                   {"Tries", 6, true},
                   {"Session", 12, false, 2},
                   {"Key", 9}};
  const auto add = [&](const Request& request) {
    if (!view.troubled || request.troubled) table.rows.push_back(row_of(request, model.now()));
  };
  if (view.ended) {
    for (const Request& request : model.ended) add(request);
  } else {
    for (const Request& request : model.running) add(request);
  }
  return table;
}

Table running_table(const Model& model) {
  Table table;
  table.columns = {{"Running", 12, false, 0, true},
                   {"Client", 15, false, 0, true},
                   {"State", 12},
                   {"Age", 8},
                   {"Provider", 15, false, 0, true},
                   {"Model", 21, false, 0, true},
                   {"Out", 11, true},
                   {"Tokens", 9, true},
                   {"Tries", 7, true},
                   {"Session", 9, false, 1}};
  for (const Request& request : model.running) {
    table.rows.push_back(
        {request.id,
         {{shown(request.id)},
          {shown(request.client)},
          request_state(request),
          age_field(request, model.now()),
          {request.provider.empty() ? "-" : shown(request.provider)},
          {shown(request.model)},
          number_field(size(request.response_bytes.value_or(0)), request.response_bytes),
          number_field(brief(Number(request.usage.output_tokens.value_or(0))),
                       request.usage.output_tokens),
          number_field(grouped(request.attempt_count), request.attempt_count),
          {session_words(request)}},
         {},
         {}});
  }
  return table;
}

}  // namespace ccrelay::app::top
