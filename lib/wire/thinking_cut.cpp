#include "wire/thinking_cut.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace ccrelay::wire {
namespace {

constexpr std::string_view left_out = R"json({"type":"text","text":"(thinking left out)"})json";
constexpr std::string_view white_space = " \t\n\r";

// Where the last byte before `at` that is no white space stands.
std::size_t before(std::string_view body, std::size_t at) {
  return body.substr(0, at).find_last_not_of(white_space);
}

std::size_t after(std::string_view body, const Span& span) {
  return body.find_first_not_of(white_space, span.offset + span.length);
}

bool holds(std::string_view body, std::size_t at, char c) {
  return at < body.size() && body[at] == c;
}

Splice between(std::size_t begin, std::size_t end) {
  return {begin, end - begin, {}};
}

}  // namespace

std::vector<Splice> cut_thinking(std::string_view body, const std::vector<Span>& blocks) {
  std::vector<Splice> cuts;
  for (std::size_t first = 0, next = 0; first < blocks.size(); first = next) {
    // Blocks with nothing but a comma between them stand or fall together.
    std::size_t end = after(body, blocks[first]);
    for (next = first + 1;
         next < blocks.size() && holds(body, end, ',') && before(body, blocks[next].offset) == end;
         ++next) {
      end = after(body, blocks[next]);
    }
    const bool leads = holds(body, before(body, blocks[first].offset), '[');
    const bool comma_follows = holds(body, end, ',');
    for (std::size_t i = first; i < next; ++i) {
      const Span& block = blocks[i];
      const std::size_t block_end = block.offset + block.length;
      if (leads && comma_follows) {
        cuts.push_back(between(block.offset, after(body, block) + 1));
      } else if (leads && i == first) {
        cuts.push_back({block.offset, block.length, std::string(left_out)});
      } else {
        cuts.push_back(between(before(body, block.offset), block_end));
      }
    }
  }
  return cuts;
}

std::vector<Splice> merge_splices(std::vector<Splice> a, const std::vector<Splice>& b) {
  const auto end = [](const Splice& splice) { return splice.offset + splice.length; };
  std::vector<Splice> merged;
  merged.reserve(a.size() + b.size());
  auto next = a.begin();
  for (const Splice& splice : b) {
    while (next != a.end() && end(*next) <= splice.offset) merged.push_back(std::move(*next++));
    if (next == a.end() || end(splice) <= next->offset) merged.push_back(splice);
  }
  std::move(next, a.end(), std::back_inserter(merged));
  return merged;
}

}  // namespace ccrelay::wire
