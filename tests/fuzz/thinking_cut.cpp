// Any choice of blocks can be left out; the others stay, and JSON stays JSON.
#include "wire/thinking_cut.hpp"

#include "fuzz/body.hpp"

using namespace ccrelay;
using namespace ccrelay::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static RequestReader reader;
  fuzz::Input input(data, size);
  const unsigned chosen = input.byte();
  std::string body(input.rest());
  RequestView view;
  if (!reader.read(body, view).empty()) return 0;

  std::vector<Span> cut;
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < view.thinking.size(); ++i) {
    const Span span = view.thinking[i].span;
    FUZZ_CHECK(body.at(span.offset) == '{' && body.at(span.offset + span.length - 1) == '}');
    if (chosen >> (i % 8) & 1) {
      cut.push_back(span);
    } else {
      kept.push_back(body.substr(span.offset, span.length));
    }
  }
  const std::vector<Splice> splices = cut_thinking(body, cut);
  FUZZ_CHECK(splices.size() == cut.size());
  std::string changed = fuzz::spliced(body, splices);
  if (fuzz::is_json(body)) FUZZ_CHECK(fuzz::is_json(changed));

  RequestView after;
  FUZZ_CHECK(reader.read(changed, after).empty());
  FUZZ_CHECK(after.thinking.size() == kept.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const Span span = after.thinking[i].span;
    FUZZ_CHECK(changed.substr(span.offset, span.length) == kept[i]);
  }
  return 0;
}
