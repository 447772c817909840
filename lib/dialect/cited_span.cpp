#include "dialect/cited_span.hpp"

#include <algorithm>

#include "dialect/json_out.hpp"
#include "dialect/tags.hpp"

namespace ccrelay::dialect {

std::string page_tag(Dialect dialect, Json url, const AnswerContext& context,
                     const std::optional<CitedSpan>& span) {
  std::string data;
  JsonOut json(data);
  json.object().raw("url", url);
  if (span) json.array("span").number(span->begin).number(span->end).end();
  json.end();
  return make_tag({dialect, context.issuer, data});
}

std::optional<CitedSpan> cited_span(Json citation) {
  const auto tag = read_tag(citation["encrypted_index"]);
  if (!tag) return {};
  std::optional<std::int64_t> bounds[2];
  std::size_t number = 0;
  for (const Json& bound : tag->json()["span"].items()) {
    if (number == 2) return {};
    bounds[number++] = bound.integer();
  }
  if (!bounds[0] || !bounds[1] || *bounds[0] < 0 || *bounds[1] <= *bounds[0]) return {};
  return CitedSpan{*bounds[0], *bounds[1]};
}

CitedSpan placed(const std::optional<CitedSpan>& span, const CitedSpan& block) {
  const std::int64_t size = block.end - block.begin;
  if (!span || span->begin >= size) return block;
  return {block.begin + span->begin, block.begin + std::min(span->end, size)};
}

}  // namespace ccrelay::dialect
