// What goes on is a part of what came, without what belongs to one connection or is secret.
#include "http/header_rules.hpp"

#include "base/ascii.hpp"
#include "fuzz/input.hpp"

using namespace ccrelay;

namespace {

// Each field of `part` is one of `whole`, in the same order.
bool is_part(const Headers& part, const Headers& whole) {
  std::size_t at = 0;
  for (const Header field : part) {
    while (at < whole.size() && (whole[at].name != field.name || whole[at].value != field.value)) {
      ++at;
    }
    if (at++ == whole.size()) return false;
  }
  return true;
}

bool has_connection_fields(const Headers& headers, const Headers& original) {
  for (const std::string_view name : {"connection", "transfer-encoding", "te", "upgrade"}) {
    if (headers.contains(name)) return true;
  }
  for (const Header field : original) {
    if (!base::iequals(field.name, "connection")) continue;
    for (const Header left : headers) {
      if (base::has_token(field.value, left.name)) return true;
    }
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Headers headers;
  fuzz::each_field(fuzz::Input(data, size).rest(),
                   [&](std::string_view name, std::string_view v) { headers.add(name, v); });
  const Headers request = http::forwardable_request_headers(headers);
  FUZZ_CHECK(is_part(request, headers));
  FUZZ_CHECK(!has_connection_fields(request, headers));
  for (const std::string_view name : {"authorization", "x-api-key", "cookie", "host"}) {
    FUZZ_CHECK(!request.contains(name));
  }
  for (const bool unchanged : {false, true}) {
    Headers response = http::forwardable_response_headers(headers, unchanged);
    FUZZ_CHECK(is_part(response, headers));
    FUZZ_CHECK(!has_connection_fields(response, headers));
    FUZZ_CHECK(response.remove("content-length") <= (unchanged ? 1 : 0));
  }
  return 0;
}
