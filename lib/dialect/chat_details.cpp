#include "dialect/chat_details.hpp"

#include "dialect/json_out.hpp"
#include "dialect/tags.hpp"

namespace ccrelay::dialect {
namespace {

void write_before(JsonOut& json, const ToldBefore& before) {
  if (before.characters > 0) json.number("behind", before.characters);
  if (before.calls > 0) json.number("calls", before.calls);
}

}  // namespace

std::optional<std::string> chat_tag(std::string_view signature, std::string_view thinking,
                                    std::string_view issuer, const ToldBefore& before) {
  if (signature.empty()) return {};
  std::string data;
  JsonOut json(data);
  json.object();
  std::optional<Tag> tag = read_tag(signature);
  if (tag) {
    const Json had = tag->json();
    for (const JsonMember& member : had.members()) {
      if (member.is("thinking") || member.is("behind") || member.is("calls")) continue;
      json.raw(member.name(), member.value);
    }
  } else {
    json.string("signature", signature);
    tag = Tag{Dialect::anthropic, std::string(issuer), {}};
  }
  json.string("thinking", thinking);
  write_before(json, before);
  json.end();
  tag->data = data;
  return make_tag(*tag);
}

std::string chat_redacted_tag(std::string_view data, std::string_view issuer,
                              const ToldBefore& before) {
  std::string json;
  JsonOut out(json);
  out.object().string("redacted", data);
  write_before(out, before);
  out.end();
  return make_tag({Dialect::anthropic, std::string(issuer), json});
}

std::string chat_detail(std::string_view tag, std::size_t index) {
  std::string json;
  JsonOut out(json);
  out.object().string("type", "reasoning.encrypted").string("data", tag).string("format", "ccr1");
  out.number("index", static_cast<std::int64_t>(index)).end();
  return json;
}

std::string chat_annotation(Json citation, const CitedSpan& block) {
  const auto span = cited_span(citation);
  if (!span || !citation["url"].is_string()) return {};
  const CitedSpan place = placed(span, block);
  std::string json;
  JsonOut out(json);
  out.object().string("type", "url_citation").object("url_citation");
  out.raw("url", citation["url"]).string("title", citation["title"]);
  out.number("start_index", place.begin).number("end_index", place.end).end().end();
  return json;
}

}  // namespace ccrelay::dialect
