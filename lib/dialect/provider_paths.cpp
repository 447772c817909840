#include "dialect/provider_paths.hpp"

#include "base/percent.hpp"

namespace ccrelay::dialect {
namespace {

std::string_view without_end(std::string_view text, std::string_view end) {
  const bool has_it = text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
  return has_it ? text.substr(0, text.size() - end.size()) : text;
}

std::string_view without_slash(std::string_view url) {
  return without_end(url, "/");
}

// One or more segments: what a slash separates stays apart.
std::string model_path(std::string_view model) {
  // `..` would lead out of the folder.
  if (base::has_dot_segment(model)) return base::percent_encoded(model);
  std::string out;
  while (true) {
    const auto slash = model.find('/');
    out += base::percent_encoded(model.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    out += '/';
    model.remove_prefix(slash + 1);
  }
}

}  // namespace

// They are no longer below `/openai/v1`, which the default base URL ends in.
std::string azure_root(std::string_view base_url) {
  const std::string_view root = without_end(without_slash(base_url), "/openai/v1");
  return std::string(without_end(root, "/openai")) + "/openai/";
}

std::string call_url(const ApiCall& call) {
  std::string url(without_slash(call.base_url));
  switch (call.dialect) {
    case Dialect::anthropic:
      return url + (call.count ? "/v1/messages/count_tokens" : "/v1/messages");
    case Dialect::chat:
      if (call.count) return {};
      if (call.azure_version.empty()) return url + "/chat/completions";
      return azure_root(call.base_url) + "deployments/" + base::percent_encoded(call.model) +
             "/chat/completions?api-version=" + base::percent_encoded(call.azure_version);
    case Dialect::responses: {
      const std::string path = call.count ? "responses/input_tokens" : "responses";
      if (call.azure_version.empty()) return url + '/' + path;
      // The model stays in the body.
      return azure_root(call.base_url) + path +
             "?api-version=" + base::percent_encoded(call.azure_version);
    }
    case Dialect::gemini:
      url += "/v1beta/models/" + model_path(call.model);
      if (call.count) return url + ":countTokens";
      return url + (call.stream ? ":streamGenerateContent?alt=sse" : ":generateContent");
  }
  return {};
}

std::string probe_url(Dialect dialect, std::string_view base_url) {
  std::string url(without_slash(base_url));
  switch (dialect) {
    case Dialect::anthropic:
      return url + "/v1/models?limit=1";
    case Dialect::chat:
    case Dialect::responses:
      return url + "/models";
    case Dialect::gemini:
      return url + "/v1beta/models?pageSize=1";
  }
  return {};
}

}  // namespace ccrelay::dialect
