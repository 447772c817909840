#include "dialect/gemini_media.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.hpp"

namespace ccrelay::dialect {
namespace {

void add_texts_of(Json list, HubContent& content) {
  if (list.is_string()) {
    content.texts.push_back(Words::of(list));
    return;
  }
  for (const Json block : list.items()) add_hub_block(block, content);
}

}  // namespace

bool add_hub_block(Json block, HubContent& content) {
  const auto [type, text, source, inner, tool] =
      block.picked("type", "text", "source", "content", "tool_name");
  if (type.is("text")) {
    content.texts.push_back(Words::of(text));
  } else if (type.is("image")) {
    content.media.push_back(block);
  } else if (type.is("document")) {
    if (source["type"].is("text")) {
      content.texts.push_back(Words::of(source["data"]));
    } else if (source["type"].is("content")) {
      add_texts_of(source["content"], content);
    } else {
      content.media.push_back(block);
    }
  } else if (type.is("search_result")) {
    add_texts_of(inner, content);
  } else if (type.is("tool_reference")) {
    content.texts.push_back(Words::of(tool));
  } else {
    return false;
  }
  return true;
}

bool write_gemini_media(JsonOut& out, Json block) {
  const Json source = block["source"];
  const bool image = block["type"].is("image");
  const std::string_view otherwise = image ? "image/jpeg" : "application/pdf";
  if (source["type"].is("base64")) {
    const Json type = source["media_type"];
    out.object().object("inlineData");
    out.string("mimeType", type.is_string() ? type.text() : std::string(otherwise));
    out.raw("data", source["data"]).end().end();
    return true;
  }
  if (source["type"].is("url")) {
    const std::string url = source["url"].text();
    out.object().object("fileData").string("fileUri", url);
    out.string("mimeType", media_type_of_url(url, otherwise)).end().end();
    return true;
  }
  return false;
}

std::string media_type_of_url(std::string_view url, std::string_view otherwise) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> types{{
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".jpeg", "image/jpeg"},
      {".gif", "image/gif"},
      {".webp", "image/webp"},
      {".heic", "image/heic"},
      {".pdf", "application/pdf"},
      {".txt", "text/plain"},
  }};
  const std::string path = base::lower(url.substr(0, url.find_first_of("?#")));
  for (const auto& [ending, type] : types) {
    if (path.size() > ending.size() &&
        std::string_view(path).substr(path.size() - ending.size()) == ending)
      return std::string(type);
  }
  return std::string(otherwise);
}

}  // namespace ccrelay::dialect
