// What a path asks for: nothing that leaves the place it seems to name is relayed, and a model that
// a path names is named.
#include "front/endpoint.hpp"

#include "base/percent.hpp"
#include "base/uri_path.hpp"
#include "fuzz/input.hpp"

using namespace ccrelay;
using Kind = front::Endpoint::Kind;

namespace {

bool leaves(std::string_view path) {
  std::string decoded = base::percent_decoded(path) + "/";
  std::replace(decoded.begin(), decoded.end(), '\\', '/');
  return decoded.find("/../") != std::string::npos || decoded.find("/./") != std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t steering = input.byte();
  constexpr std::array methods{"POST", "GET", "HEAD", "PUT"};
  RequestHead head;
  head.method = methods[steering & 3];
  head.target = "/" + std::string(input.rest());
  const bool passthrough = steering & 4;
  const front::Endpoint endpoint = front::endpoint_of(head, passthrough);

  FUZZ_CHECK((endpoint.kind == Kind::wrong_method) == !endpoint.allow.empty());
  FUZZ_CHECK(endpoint.allow.find(head.method) == std::string_view::npos);
  if (endpoint.kind != Kind::relayed && endpoint.kind != Kind::wrong_method) {
    FUZZ_CHECK(endpoint.model.empty() == (endpoint.kind != Kind::one_model) && !endpoint.stream);
    return 0;
  }
  if (endpoint.kind == Kind::relayed && endpoint.operation == Operation::other) {
    FUZZ_CHECK(passthrough && head.path().starts_with("/v1/"));
    // Nobody's messages go by that way.
    const std::string careless = base::careless_path(head.path());
    FUZZ_CHECK(careless != "/v1/messages" && careless != "/v1/chat/completions");
    FUZZ_CHECK(careless != "/v1/responses" && careless != "/v1/responses/input_tokens");
  }
  if (endpoint.kind == Kind::relayed) FUZZ_CHECK(!leaves(head.path()));
  FUZZ_CHECK(endpoint.sse || (endpoint.dialect == Dialect::gemini && endpoint.stream));
  const bool native = endpoint.dialect == Dialect::bedrock || endpoint.dialect == Dialect::vertex ||
                      endpoint.dialect == Dialect::gemini;
  const bool body_names_it =
      endpoint.dialect == Dialect::vertex && endpoint.operation == Operation::count_tokens;
  if (endpoint.kind == Kind::relayed) {
    FUZZ_CHECK(endpoint.model.empty() == (!native || body_names_it));
  }
  // The query means nothing for it.
  head.target = std::string(head.path()) + "?a=/../b";
  const front::Endpoint same = front::endpoint_of(head, passthrough);
  FUZZ_CHECK(same.kind == endpoint.kind && same.model == endpoint.model);
  FUZZ_CHECK(same.dialect == endpoint.dialect && same.operation == endpoint.operation);
  FUZZ_CHECK(same.stream == endpoint.stream);
  // What is sent on for this model means this model.
  FUZZ_CHECK(base::percent_decoded(base::percent_encoded(endpoint.model)) == endpoint.model);
  return 0;
}
