// Whatever is taken out of a body and put into it: it stays one JSON object, without what was taken
// out, with what was put in, and with every other member as it was.
#include "provider/body_edit.hpp"

#include <string>

#include "fuzz/body.hpp"

using namespace ccrelay;
using provider::BodyEdit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  unsigned choice = input.byte();
  // A member can't be replaced and cut into at once.
  if (choice & 8) choice &= ~16U;
  const fuzz::Piece piece(input.rest());
  const std::string_view body = piece;
  auto edit = BodyEdit::of(body);
  if (!edit) return 0;
  const auto before = wire::JsonMembers::read(body);
  FUZZ_CHECK(before.has_value());

  if (choice & 1) edit->remove("model");
  if (choice & 2) edit->remove("stream");
  if (choice & 4) edit->insert("anthropic_version", "\"v\"");
  if (choice & 8) edit->remove("tools[].strict");
  if (choice & 16) edit->replace("tools", "[]");
  const std::string text = fuzz::spliced(body, edit->take_splices());
  const auto after = wire::JsonMembers::read(text);
  FUZZ_CHECK(after.has_value());

  std::size_t at = 0;
  if (choice & 4) {
    FUZZ_CHECK((*after)[0].name == "anthropic_version");
    at = 1;
  }
  for (const auto& member : *before) {
    if ((choice & 1) && member.name == "model") continue;
    if ((choice & 2) && member.name == "stream") continue;
    FUZZ_CHECK(at < after->size() && (*after)[at].name == member.name);
    const bool may_differ = member.name == "tools" && (choice & 24) != 0;
    FUZZ_CHECK(may_differ || after->raw((*after)[at]) == before->raw(member));
    ++at;
  }
  FUZZ_CHECK(at == after->size());
  return 0;
}
