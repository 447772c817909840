#include "exchange/stream_tap.hpp"

#include <algorithm>
#include <array>

#include "wire/json_text.hpp"
#include "wire/page_words.hpp"

namespace ccrelay::exchange {
namespace {

using namespace std::string_view_literals;

// The names of Anthropic's events: their data need not be read to know what they are.
constexpr std::array known_names{"content_block_delta"sv,
                                 "content_block_start"sv,
                                 "content_block_stop"sv,
                                 "message_delta"sv,
                                 "message_start"sv,
                                 "message_stop"sv,
                                 "ping"sv};

bool is_known(std::string_view name) {
  return std::find(known_names.begin(), known_names.end(), name) != known_names.end();
}

}  // namespace

// Under Anthropic's names only what begins like an error is read as one.
bool StreamTap::is_error(std::string_view name, std::string_view data) {
  if (name == "error") {
    reader_.read_error(data, error_);
    return true;
  }
  if (data.empty() || data.front() != '{') return false;
  if (is_known(name) && data.substr(0, 8) != R"({"error")") return false;
  return reader_.read_error(data, error_);
}

void StreamTap::on_event(std::string_view name, std::string_view data) {
  // After an error there is nothing of worth.
  if (failed_ || (name.empty() && data.empty())) return;
  // Some providers leave the `event:` line out; the type stands in the data too.
  std::string said;
  if (!is_known(name) && name != "error") said = reader_.read_type(data);
  const std::string_view type = said.empty() ? name : std::string_view(said);
  if (is_error(type, data)) {
    failed_ = finished_ = true;
    error_is_seen_ = name == "error";
    error_at_ = scanner_.whole();
    if (error_.type.empty()) error_.type = "api_error";
    if (error_.message.empty()) error_.message = data.substr(0, 300);
    error_json_ = wire::is_json_document(data)
                      ? std::string(data)
                      : wire::error_envelope(error_.type, error_.message, {});
    return;
  }
  if (type != "message_start" && type != "ping") answering_ = true;
  if (type.empty()) return;
  for (const auto& digest : scan_.on_event(type, data)) signatures_.push_back(digest);
  if (type == "message_stop") {
    finished_ = true;
    reader_.read_metrics(data, usage_);
  } else if (type == "message_start" || type == "message_delta") {
    reader_.read_usage(data, usage_);
  }
}

}  // namespace ccrelay::exchange
