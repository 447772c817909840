// What an answer tells of its use: the same however the object that holds it is cut, bounded, and
// not more by being told twice.
#include "wire/usage_reader.hpp"

#include <string>

#include "fuzz/input.hpp"
#include "wire/member_scan.hpp"

using namespace ccrelay;

namespace {

constexpr std::size_t charges_max = 257;  // 256 iterations, and the message
constexpr std::size_t word_bytes_max = 64;
constexpr std::size_t model_bytes_max = 256;

std::string told(const wire::UsageReader& reader) {
  const UsageReport report = reader.report();
  FUZZ_CHECK(report.charges.size() <= charges_max);
  std::string out = report.service_tier + '\n' + report.speed + '\n' + report.geo + '\n';
  FUZZ_CHECK(out.size() <= 3 * (word_bytes_max + 1));
  for (const Charge& charge : report.charges) {
    FUZZ_CHECK(charge.model.size() <= model_bytes_max);
    out += charge.model + ' ' + std::to_string(static_cast<int>(charge.kind));
    for (const auto& count : charge.tokens.counts) {
      out += ' ' + (count ? std::to_string(*count) : std::string("-"));
    }
    out += charge.web_searches ? ' ' + std::to_string(*charge.web_searches) : " -";
    out += charge.thinking ? ' ' + std::to_string(*charge.thinking) : " -";
    out += '\n';
  }
  return out;
}

std::string usage_in(std::string_view object, std::string_view cuts) {
  wire::MemberScan scan;
  fuzz::in_pieces(object, cuts, [&](std::string_view piece) { scan.feed(piece); });
  return std::string(scan.text(wire::MemberScan::Member::usage));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::string_view cuts = input.bytes(1 + input.byte() % 8);
  const std::string object = "{\"usage\":" + std::string(input.rest()) + "}";
  const std::string usage = usage_in(object, cuts);
  FUZZ_CHECK(usage == usage_in(object, {}));
  for (const std::string_view text : {std::string_view(usage), input.rest()}) {
    wire::UsageReader reader;
    const bool is_object = reader.read(fuzz::Piece(text));
    FUZZ_CHECK(is_object || told(reader) == "\n\n\n");
    const std::string once = told(reader);
    FUZZ_CHECK(reader.read(fuzz::Piece(text)) == is_object);
    FUZZ_CHECK(told(reader) == once);
    (void)reader.read_metrics(fuzz::Piece(text));
    (void)told(reader);
  }
  return 0;
}
