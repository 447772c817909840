#include "exchange/asked_model.hpp"

#include <algorithm>

#include "dialect/json_text.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::exchange {
namespace {

using dialect::Json;

// Of a message or a chunk of chat completions; of an event it is the message's or the response's.
std::string_view model_in(std::string_view json) {
  const Json document = Json::read(json);
  const auto [model, message, response] = document.picked("model", "message", "response");
  if (model.is_string()) return model.raw();
  if (const Json inner = message["model"]; inner.is_string()) return inner.raw();
  const Json inner = response["model"];
  return inner.is_string() ? inner.raw() : std::string_view();
}

}  // namespace

std::string with_model(std::string_view bytes, bool is_stream, std::string_view model) {
  const std::string name = wire::json_string(model);
  std::string out;
  const auto pass = [&](std::string_view text) {
    const std::string_view said = model_in(text);
    if (said.empty()) {
      out += text;
      return;
    }
    const auto at = static_cast<std::size_t>(said.data() - text.data());
    out += text.substr(0, at);
    out += name;
    out += text.substr(at + said.size());
  };
  if (!is_stream) {
    pass(bytes);
    return out;
  }
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find_first_of("\r\n"), bytes.size());
    const std::string_view line = bytes.substr(0, end);
    constexpr std::string_view data = "data:";
    if (line.starts_with(data) && line.find("\"model\"") != std::string_view::npos) {
      out += data;
      pass(line.substr(data.size()));
    } else {
      out += line;
    }
    const std::size_t next = std::min(bytes.find_first_not_of("\r\n", end), bytes.size());
    out += bytes.substr(end, next - end);
    bytes.remove_prefix(next);
  }
  return out;
}

}  // namespace ccrelay::exchange
