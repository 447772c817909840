// An error of a cloud becomes one of Anthropic's, whatever it looks like: a whole envelope that a
// client can read, with a status that says the same.
#include "provider/foreign_error.hpp"

#include "fuzz/body.hpp"
#include "wire/error_type.hpp"
#include "wire/json_members.hpp"

using namespace ccrelay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const int status = 400 + input.byte() % 200;
  const std::string_view fields = input.bytes(input.byte() % 128);
  ResponseHead head;
  head.status = status;
  fuzz::each_field(fields, [&](std::string_view name, std::string_view value) {
    head.headers.add(name, value);
  });
  head.headers.set("content-length", "1");
  const std::string given(input.rest());
  std::string body = given;
  const auto told = provider::read_foreign_error(head.headers, given);
  if (told) FUZZ_CHECK(!told->message.empty());
  provider::translate_foreign_error(head, body, "Bedrock");

  FUZZ_CHECK(fuzz::is_json(body));
  const auto envelope = wire::JsonMembers::read(body);
  FUZZ_CHECK(envelope && envelope->string("type") == "error");
  const auto error = envelope->inside("error");
  FUZZ_CHECK(error && error->find("type"));
  FUZZ_CHECK(head.status >= 400 && head.status <= 599);
  if (body == given) {
    FUZZ_CHECK(!told && head.status == status);
  } else {
    FUZZ_CHECK(error->string("type") == wire::error_type(head.status));
    FUZZ_CHECK(!error->string("message").value_or("").empty());
    FUZZ_CHECK(head.headers.get("content-type") == "application/json");
    FUZZ_CHECK(!head.headers.contains("content-length"));
    FUZZ_CHECK(!head.headers.contains("content-encoding"));
  }
  return 0;
}
