// Whatever a caller of the management API sends as query or body: a field is taken as it stands
// there, or the call fails with a mistake that is text, and nothing is passed over.
#include "api/input.hpp"

#include <string>
#include <vector>

#include "fuzz/input.hpp"
#include "wire/json_members.hpp"

using namespace ccrelay;
using namespace ccrelay::api;

namespace {

struct Taken {
  std::string reason;
  std::int64_t ttl_ms = 0;
  std::int32_t page_size = 0;
  bool ended = false;
  std::vector<std::string> providers;
  std::vector<management::RequestState> states;
  std::optional<WallTime> start_time;
};

bool take_all(Input& input, Taken& into) {
  input.take("reason", into.reason);
  input.take("ttl_ms", into.ttl_ms);
  input.take("page_size", into.page_size);
  input.take("ended", into.ended);
  input.take("filter.providers", into.providers);
  input.take("filter.states", into.states);
  input.take("start_time", into.start_time);
  const auto mistake = input.mistake();
  FUZZ_CHECK(!mistake || mistake->code == management::Code::invalid_argument);
  FUZZ_CHECK(!mistake || mistake->message.find(": ") != std::string::npos);
  for (const auto state : into.states) {
    FUZZ_CHECK(static_cast<std::size_t>(state) < names_of(state).size());
  }
  return !mistake;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Piece piece(fuzz::Input(data, size).rest());
  const std::string_view text = piece;
  Taken of_query;
  if (auto input = Input::of_query(text)) take_all(*input, of_query);

  auto input = Input::of_json(text);
  const auto members = wire::JsonMembers::read(text);
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    FUZZ_CHECK(static_cast<bool>(input));
    return 0;
  }
  FUZZ_CHECK(static_cast<bool>(input) == members.has_value());
  Taken of_json;
  if (!input || !take_all(*input, of_json)) return 0;
  // Nothing is there that was not taken, and what was taken is what another reader finds.
  for (const wire::JsonMember& member : *members) {
    if (member.name == "reason" && members->raw(member) != "null") {
      FUZZ_CHECK(members->string(member) == of_json.reason);
    }
    FUZZ_CHECK(member.name != "other");
  }
  return 0;
}
