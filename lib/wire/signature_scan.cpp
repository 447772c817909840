#include "wire/signature_scan.hpp"

#include <string.h>

#include <algorithm>
#include <utility>

#include "base/literal.hpp"
#include "sign/digests.hpp"
#include "wire/signature_json.hpp"

namespace ccrelay::wire {

namespace dom = simdjson::dom;

namespace {

// A signature has some kilobytes, and blocks come one after the other; this is against nonsense.
constexpr std::size_t signature_bytes_max = 1 << 20;
constexpr std::size_t open_blocks_max = 16;

// Not find(): that stops at each first letter of the word, and JSON is full of quotes; a message
// may be long, too.
bool has(std::string_view text, std::string_view word) {
  return !text.empty() && ::memmem(text.data(), text.size(), word.data(), word.size()) != nullptr;
}

bool has_signature(std::string_view json) {
  return has(json, "\"signature\"") || has(json, "redacted_thinking");
}

std::string_view text(dom::element object, const char* name) {
  std::string_view value;
  if (object[name].get_string().get(value)) return {};
  return value;
}

}  // namespace

std::string_view signature_of(dom::element block) {
  const std::string_view type = text(block, "type");
  if (type == "thinking") return text(block, "signature");
  if (type == "redacted_thinking") return text(block, "data");
  return {};
}

std::vector<SignatureDigest> signatures_in(dom::array content) {
  std::vector<SignatureDigest> digests;
  for (const dom::element block : content) {
    const std::string_view signature = signature_of(block);
    if (!signature.empty()) digests.push_back(signature_digest(signature));
  }
  return digests;
}

SignatureDigest signature_digest(std::string_view signature) {
  const sign::Digest whole = sign::sha256(signature);
  SignatureDigest digest;
  std::copy_n(whole.begin(), digest.size(), digest.begin());
  return digest;
}

std::vector<SignatureDigest> SignatureScan::on_event(std::string_view type, std::string_view data) {
  const bool starts = base::is_literal(type, "content_block_start") && has_signature(data);
  // find(), for few letters of an event begin this word, and events are short.
  const bool goes_on = base::is_literal(type, "content_block_delta") &&
                       data.find("signature_delta") != std::string_view::npos;
  const bool stops = base::is_literal(type, "content_block_stop") && !blocks_.empty();
  if (data.empty() || (!starts && !goes_on && !stops)) return {};
  dom::parser parser;  // short-lived: there are many streams, and few events that need one
  dom::element event;
  if (parser.parse(data.data(), data.size()).get(event)) return {};
  std::int64_t index = 0;
  if (event["index"].get_int64().get(index)) return {};
  if (stops) return take(index);
  dom::element part;
  if (starts) {
    take(index);
    if (!event["content_block"].get(part)) add(index, signature_of(part));
  } else if (!event["delta"].get(part) && text(part, "type") == "signature_delta") {
    add(index, text(part, "signature"));
  }
  return {};
}

void SignatureScan::add(std::int64_t index, std::string_view piece) {
  if (piece.empty()) return;
  auto block = find(index);
  if (block == blocks_.end()) {
    if (blocks_.size() == open_blocks_max) return;
    block = blocks_.emplace(block);
    block->index = index;
  }
  std::string& signature = block->signature;
  if (signature.size() + piece.size() > signature_bytes_max) block->lost = true;
  if (block->lost) {
    std::string().swap(signature);
  } else {
    block->last_piece = signature.size();
    signature.append(piece);
  }
}

std::vector<SignatureDigest> SignatureScan::take(std::int64_t index) {
  const auto found = find(index);
  if (found == blocks_.end()) return {};
  const Block block = std::move(*found);
  blocks_.erase(found);
  if (blocks_.empty()) std::vector<Block>().swap(blocks_);
  if (block.lost) return {};
  const std::string_view signature = block.signature;
  std::vector<SignatureDigest> digests{signature_digest(signature)};
  // Everybody sends a signature in one piece. Should there be several, clients differ: the vendor's
  // own libraries keep only the last piece, and that is then what comes back.
  if (block.last_piece > 0) digests.push_back(signature_digest(signature.substr(block.last_piece)));
  return digests;
}

std::vector<SignatureScan::Block>::iterator SignatureScan::find(std::int64_t index) {
  return std::find_if(blocks_.begin(), blocks_.end(),
                      [index](const Block& block) { return block.index == index; });
}

}  // namespace ccrelay::wire
