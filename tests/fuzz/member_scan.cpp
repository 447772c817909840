// The same members however an object is cut, and those that a reader of the whole finds.
#include "wire/member_scan.hpp"

#include <array>

#include "fuzz/body.hpp"
#include "wire/json_members.hpp"

using namespace ccrelay;

namespace {

using Member = wire::MemberScan::Member;
constexpr std::array members{Member::type, Member::id, Member::model, Member::stop_reason,
                             Member::usage};
constexpr std::array<std::string_view, members.size()> names{"type", "id", "model", "stop_reason",
                                                             "usage"};
constexpr std::size_t text_bytes_max = 64 * 1024;

std::string read(std::string_view text, std::string_view cuts) {
  wire::MemberScan scan;
  fuzz::in_pieces(text, cuts, [&](std::string_view piece) { scan.feed(piece); });
  std::string out = scan.whole() ? "whole" : "part";
  for (const Member member : members) {
    out.append("\n").append(scan.text(member)).append("\n").append(scan.text_in_message(member));
  }
  return out;
}

// Names with escapes are no names that anybody looks for.
void compare(const wire::JsonMembers& object, const wire::MemberScan& scan, bool in_message) {
  for (std::size_t i = 0; i < members.size(); ++i) {
    const wire::JsonMember* member = object.find(names[i]);
    const std::string_view found =
        in_message ? scan.text_in_message(members[i]) : scan.text(members[i]);
    const std::string_view there = member ? object.raw(*member) : std::string_view();
    FUZZ_CHECK(found == there || there.size() + 64 > text_bytes_max);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::string_view cuts = input.bytes(1 + input.byte() % 8);
  const std::string_view text = input.rest();
  FUZZ_CHECK(read(text, {}) == read(text, cuts));
  const auto object = wire::JsonMembers::read(text);
  if (!object || text.find('\\') != std::string_view::npos) return 0;
  wire::MemberScan scan;
  scan.feed(text);
  FUZZ_CHECK(scan.whole());
  compare(*object, scan, false);
  std::size_t messages = 0;
  for (const auto& member : *object) messages += member.name == "message" ? 1 : 0;
  const auto message = object->inside("message");
  if (messages == 1 && message) compare(*message, scan, true);
  return 0;
}
