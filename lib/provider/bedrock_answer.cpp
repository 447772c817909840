#include "provider/bedrock_answer.hpp"

#include "wire/json_members.hpp"

namespace ccrelay::provider {
namespace {

// One number and what may come to stand beside it.
constexpr std::size_t count_bytes_max = 64 * 1024;

}  // namespace

Result<void> BedrockStream::feed(std::string_view bytes, std::string& out) {
  out_ = &out;
  auto fed = parser_.feed(bytes, *this);
  out_ = nullptr;
  return fed;
}

void BedrockStream::on_message(const wire::EventMessage& message) {
  if (failed_) return;
  failed_ = events_.append(*out_, message) == wire::BedrockOutcome::error;
}

Result<void> BedrockStream::end(std::string&) {
  return parser_.end();
}

Result<void> BedrockCount::feed(std::string_view bytes, std::string&) {
  if (body_.size() + bytes.size() > count_bytes_max) {
    return Error{ErrorCode::provider, "Bedrock's count of tokens is longer than 64 KiB"};
  }
  body_.append(bytes);
  return {};
}

Result<void> BedrockCount::end(std::string& out) {
  const auto members = wire::JsonMembers::read(body_);
  const auto count = members ? members->integer("inputTokens") : std::nullopt;
  if (!count) return Error{ErrorCode::provider, "Bedrock's answer holds no inputTokens"};
  out += R"({"input_tokens":)" + std::to_string(*count) + '}';
  body_.clear();
  return {};
}

}  // namespace ccrelay::provider
