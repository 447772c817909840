#include "wire/signature_refusal.hpp"

#include <string>

#include "catch.hpp"
#include "wire/json_text.hpp"

using namespace ccrelay::wire;

namespace {

bool refuses(const std::string& message) {
  return is_signature_refusal(400, error_envelope("invalid_request_error", message, "req_1"));
}

const std::string invalid = "messages.1.content.0: Invalid `signature` in `thinking` block";

}  // namespace

TEST_CASE("a signature that is not accepted is told in these words", "[wire]") {
  for (const std::string& message :
       {invalid, std::string("messages.3.content.0: Invalid signature in thinking block"),
        // Of models that check what stands before a block.
        invalid + ". The block is bound to a different conversation. Remove the block, or set "
                  "`thinking.block_binding.prefix_mismatch_behavior` to \"drop_block\".",
        std::string("messages.1.content.2: Invalid `data` in `redacted_thinking` block"),
        std::string("messages.5.content.1: `thinking` or `redacted_thinking` blocks in the latest "
                    "assistant message cannot be modified. These blocks must remain as they were "
                    "in the original response."),
        std::string("messages.1.content.0.thinking.signature: Field required"),
        std::string("messages.0.content.0.redacted_thinking.data: Field required"),
        std::string("***.***.***.***.***.signature: Field required"),
        std::string("The model returned the following errors: ") + invalid,
        std::string("Corrupted thought signature."),
        std::string("Unable to submit request because Thought signature is not valid.. Learn "
                    "more: https://cloud.google.com/vertex-ai"),
        std::string("Invalid thought signature."),
        std::string("The encrypted content gAAA could not be verified. Reason: Encrypted content "
                    "could not be decrypted or parsed."),
        std::string("Encrypted content item_id did not match the target item id."),
        // Without a word in it.
        std::string("messages.1.content.0.thinking: each thinking block must contain "
                    "non-whitespace thinking"),
        std::string("messages.3.content.1: each `thinking` block must contain thinking"),
        std::string("messages.1.content.0: thinking blocks must not be empty"),
        std::string("each thinking block must contain non-whitespace thinking")}) {
    INFO(message);
    CHECK(refuses(message));
  }
}

TEST_CASE("any other 400 is no refusal of a signature", "[wire]") {
  for (const char* message :
       {"prompt is too long: 210000 tokens > 200000 maximum",
        "thinking.display: Extra inputs are not permitted",
        "thinking.signature: Extra inputs are not permitted",
        "messages.1.content.1.tool_use.signature: Extra inputs are not permitted",
        "adaptive thinking is not supported on this model",
        "\"thinking.type.enabled\" is not supported for this model. Use \"thinking.type.adaptive\" "
        "and \"output_config.effort\" to control thinking behavior.",
        "context_management: Extra inputs are not permitted",
        "Unexpected value(s) `x` for the `anthropic-beta` header",
        "messages.5.content.0.type: Expected `thinking` or `redacted_thinking`, but found `text`. "
        "When `thinking` is enabled, a final `assistant` message must start with a thinking block "
        "(preceeding the lastmost set of `tool_use` and `tool_result` blocks).",
        "messages.33: The final block in an assistant message cannot be `thinking`.",
        "messages.1.content.0.thinking.thinking: Field required",
        "Function call is missing a thought_signature in functionCall parts.",
        "The `content[].thinking` in the thinking mode must be passed back to the API.",
        "invalid params, invalid thinking.type: \"enabled\" (allowed: adaptive, disabled) (2013)",
        ""}) {
    INFO(message);
    CHECK_FALSE(refuses(message));
  }
}

TEST_CASE("what a message repeats of the client's text is not the provider's word", "[wire]") {
  for (const std::string quote : {"`", "'", "\""}) {
    INFO(quote);
    CHECK_FALSE(refuses("Unexpected value(s) " + quote + invalid + quote + " for the header"));
    CHECK_FALSE(refuses("tools.0.name: " + quote + "Invalid signature in thinking block" + quote));
  }
}

TEST_CASE("only the error's message counts", "[wire]") {
  const std::string text = json_string(invalid);
  for (const std::string& body :
       {R"({"type":"error","error":{"type":"invalid_request_error","message":"bad"},"request":)" +
            text + "}",
        R"({"error":{"type":)" + text + R"(,"message":"bad"}})",
        R"({"error":{"message":"bad"},"message":)" + text + "}", R"({"error":)" + text + "}", text,
        "[" + text + "]", R"({"error":{"message":[)" + text + "]}}", std::string("null")}) {
    INFO(body);
    CHECK_FALSE(is_signature_refusal(400, body));
  }
}

TEST_CASE("envelopes of gateways are opened", "[wire]") {
  const std::string envelope = error_envelope("invalid_request_error", invalid, "req_vrtx_1");
  const std::string outer = R"({"error":{"code":400,"message":)" + json_string(envelope) +
                            R"(,"status":"INVALID_ARGUMENT"}})";
  CHECK(is_signature_refusal(400, outer));
  CHECK(is_signature_refusal(400, "[" + outer + "\n]\n"));
  CHECK(is_signature_refusal(400, R"({"message":)" + json_string(invalid) + "}"));
}

TEST_CASE("no other status and nothing but JSON refuses a signature", "[wire]") {
  const std::string envelope = error_envelope("invalid_request_error", invalid, "");
  CHECK(is_signature_refusal(400, envelope));
  for (const int status : {200, 413, 422, 429, 500}) {
    CHECK_FALSE(is_signature_refusal(status, envelope));
  }
  for (std::size_t cut = 0; cut < envelope.size(); ++cut) {
    CHECK_FALSE(is_signature_refusal(400, envelope.substr(0, cut)));
  }
  CHECK_FALSE(is_signature_refusal(400, "<html>" + invalid + "</html>"));
  CHECK_FALSE(is_signature_refusal(400, {}));
}
