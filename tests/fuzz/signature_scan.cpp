// Any events give signatures or none; one that was streamed is the one of the whole message.
#include "wire/signature_scan.hpp"

#include "fuzz/input.hpp"
#include "wire/answer_view.hpp"
#include "wire/usage_reader.hpp"

using namespace ccrelay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const fuzz::Piece whole(input.rest());
  wire::AnswerFacts facts;
  wire::UsageReader usage;
  wire::ProviderError error;
  std::vector<wire::SignatureDigest> signatures;
  facts.read_answer(whole, {usage, signatures, error});
  wire::SignatureScan scan;
  constexpr std::string_view types[] = {"content_block_start", "content_block_delta",
                                        "content_block_stop", "ping"};
  while (!input.empty()) {
    const std::string_view type = types[input.byte() % 4];
    const std::string_view rest = input.rest();
    const fuzz::Piece event(input.bytes(std::min(rest.find('\n'), rest.size())));
    input.bytes(1);
    FUZZ_CHECK(scan.on_event(type, event).size() <= 2);
  }
  return 0;
}
