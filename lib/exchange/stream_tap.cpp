#include "exchange/stream_tap.hpp"

namespace ccrelay::exchange {

void StreamTap::on_event_begin(std::string_view name) {
  if (name != "message_start" && name != "ping" && name != "error") answering_ = true;
}

void StreamTap::on_event(std::string_view name, std::string_view data) {
  // Some providers leave the `event:` line out; the type stands in the data too.
  std::string type(name);
  if (type.empty()) {
    type = reader_.read_type(data);
    if (data.empty() || type.empty()) {
      if (!data.empty()) answering_ = true;
      return;
    }
    on_event_begin(type);
  }
  for (const auto& digest : scan_.on_event(type, data)) signatures_.push_back(digest);
  if (type == "message_stop") {
    finished_ = true;
    reader_.read_metrics(data, usage_);
  } else if (type == "message_start" || type == "message_delta") {
    reader_.read_usage(data, usage_);
  } else if (type == "error") {
    failed_ = finished_ = true;
    reader_.read_error(data, error_);
    error_data_ = data;
  }
}

}  // namespace ccrelay::exchange
