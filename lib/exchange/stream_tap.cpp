#include "exchange/stream_tap.hpp"

#include <utility>

#include "base/literal.hpp"
#include "wire/json_scan.hpp"
#include "wire/json_text.hpp"
#include "wire/page_words.hpp"

namespace ccrelay::exchange {
namespace {

using wire::plain_string;

}  // namespace

// Each event is asked for it.
StreamTap::Name StreamTap::name_of(std::string_view text) {
  using base::is_literal;
  switch (text.size()) {
    case 19:
      if (is_literal(text, "content_block_delta")) return Name::content_block_delta;
      return is_literal(text, "content_block_start") ? Name::content_block_start : Name::other;
    case 18:
      return is_literal(text, "content_block_stop") ? Name::content_block_stop : Name::other;
    case 13:
      if (is_literal(text, "message_delta")) return Name::message_delta;
      return is_literal(text, "message_start") ? Name::message_start : Name::other;
    case 12:
      return is_literal(text, "message_stop") ? Name::message_stop : Name::other;
    case 5:
      return is_literal(text, "error") ? Name::error : Name::other;
    case 4:
      return is_literal(text, "ping") ? Name::ping : Name::other;
    default:
      return Name::other;
  }
}

// Under Anthropic's names only what begins like an error is read as one.
bool StreamTap::is_error(Name name, std::string_view data) {
  if (name == Name::error) {
    reader_.read_error(data, error_);
    return true;
  }
  if (data.empty() || data.front() != '{') return false;
  if (name != Name::other && !data.starts_with(R"({"error")")) return false;
  return reader_.read_error(data, error_);
}

void StreamTap::on_long_data(std::string_view piece) {
  if (!long_) long_ = std::make_unique<wire::MemberScan>();
  long_->feed(piece);
  long_bytes_ += piece.size();
}

void StreamTap::on_event(std::string_view name, std::string_view data) {
  const auto scan = std::move(long_);
  const std::uint64_t bytes = data.size() + std::exchange(long_bytes_, 0);
  // After an error there is nothing of worth.
  if (failed_ || (name.empty() && bytes == 0)) return;
  // Some providers leave the `event:` line out; the type stands in the data too.
  const Name named = name_of(name);
  std::string said;
  if (named == Name::other) {
    said =
        scan ? plain_string(scan->text(wire::MemberScan::Member::type)) : reader_.read_type(data);
  }
  const std::string_view type = said.empty() ? name : std::string_view(said);
  const Name kind = said.empty() ? named : name_of(said);
  if (is_error(kind, data)) {
    failed_ = finished_ = true;
    error_is_seen_ = named == Name::error;
    error_at_ = scanner_.whole();
    if (error_.type.empty()) error_.type = "api_error";
    if (error_.message.empty()) error_.message = data.substr(0, 300);
    error_json_ = wire::is_json_document(data)
                      ? std::string(data)
                      : wire::error_envelope(error_.type, error_.message, {});
    return;
  }
  if (kind != Name::message_start && kind != Name::ping) answering_ = true;
  if (type.empty()) return;
  for (const auto& digest : scan_.on_event(type, data)) signatures_.push_back(digest);
  if (kind == Name::content_block_delta) {
    delta_bytes_ += bytes;
    ++deltas_;
  } else if (kind == Name::message_stop) {
    finished_ = true;
    usage_.read_metrics(reader_.read_metrics(data));
  } else if (kind == Name::message_start || kind == Name::message_delta) {
    if (scan) {
      on_long_message(*scan);
    } else {
      reader_.read_usage(data, usage_);
    }
  }
}

void StreamTap::on_long_message(const wire::MemberScan& scan) {
  using Member = wire::MemberScan::Member;
  const std::string_view usage = scan.text(Member::usage);
  usage_.read(usage.empty() ? scan.text_in_message(Member::usage) : usage);
  const std::string model = plain_string(scan.text_in_message(Member::model));
  if (!model.empty()) usage_.set_model(model);
  if (wire::AnswerNames* names = usage_.names()) {
    const std::string id = plain_string(scan.text_in_message(Member::id));
    if (!id.empty()) names->id = id;
  }
}

std::uint64_t StreamTap::content_estimate() const {
  // What stands around the text of an event.
  constexpr std::uint64_t around = 90;
  constexpr std::uint64_t bytes_per_token = 4;
  return delta_bytes_ > around * deltas_ ? (delta_bytes_ - around * deltas_) / bytes_per_token : 0;
}

}  // namespace ccrelay::exchange
